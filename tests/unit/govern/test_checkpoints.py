from __future__ import annotations

import hashlib
import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rai_dash.core.errors import StoreUnavailable, UnreadableFile
from rai_dash.govern._files import write_once
from rai_dash.govern.checkpoints import (
    Checkpoint,
    keep,
    kept_files,
    own_public_key,
    read_checkpoint,
    read_public_key,
    sign,
    signing_key,
)

HEAD = "ab" * 32
AT = "2026-11-29T14:05:06Z"


def pem(key, password=None) -> bytes:
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how)


def public_pem(key) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
def made(key) -> Checkpoint:
    return sign(key, n=7, head=HEAD, at_utc=AT)


def test_a_checkpoint_is_a_signature_over_number_and_head(key, made):
    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    message = ('{"head":"' + HEAD + '","n":7}').encode()

    Ed25519PublicKey.from_public_bytes(raw).verify(bytes.fromhex(made.signature), message)
    assert made.public_key == raw.hex()
    assert made.key_id == hashlib.sha256(raw).hexdigest()[:16]
    assert (made.n, made.head, made.at_utc) == (7, HEAD, AT)
    assert made.is_valid


@pytest.mark.parametrize(
    "changes",
    [
        {"n": 8},
        {"head": "cd" * 32},
        {"key_id": "0" * 16},
        {"public_key": "00" * 32},
        {"public_key": ""},
        {"public_key": "zz"},
        {"signature": "00" * 64},
        {"signature": ""},
        {"signature": "no hex"},
    ],
)
def test_whatever_is_changed_in_a_checkpoint_shows(made, changes):
    assert not replace(made, **changes).is_valid


def test_a_file_holds_all_that_is_needed_to_check_it(made, tmp_path):
    keep(made, tmp_path / "deep" / "er", store="loans-1234abcd")
    path = tmp_path / "deep" / "er" / "loans-1234abcd-7.json"

    assert json.loads(path.read_bytes()) == {
        "schema": "rai-dash/checkpoint/1",
        "store": "loans-1234abcd",
        "n": 7,
        "head": HEAD,
        "at_utc": AT,
        "key_id": made.key_id,
        "public_key": made.public_key,
        "signature": made.signature,
    }
    assert read_checkpoint(path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_checkpoint_that_is_kept_is_never_replaced(made, tmp_path):
    keep(made, tmp_path, store="s")
    keep(replace(made, head="cd" * 32), tmp_path, store="s")

    assert read_checkpoint(tmp_path / "s-7.json") == made
    assert [p.name for p in tmp_path.iterdir()] == ["s-7.json"]


def test_only_the_checkpoints_of_one_store_are_listed_in_their_order(made, tmp_path):
    for store, n in (("s", 10), ("s", 9), ("s-1", 3), ("other", 1)):
        keep(replace(made, n=n), tmp_path, store=store)
    (tmp_path / "s-x.json").write_text("{}")
    (tmp_path / "s.head").write_text("{}")

    assert [p.name for p in kept_files(tmp_path, store="s")] == ["s-9.json", "s-10.json"]
    assert kept_files(tmp_path / "none", store="s") == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"n": 1}',
        b'{"n": true, "head": "", "at_utc": "", "key_id": "", "public_key": "", "signature": ""}',
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_checkpoint_is_named(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=r"x\.json.*not a checkpoint"):
        read_checkpoint(path)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(UnreadableFile, match=r"none\.json cannot be read"):
        read_checkpoint(tmp_path / "none.json")


def test_the_key_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "key.pem"

    first = signing_key(path)
    again = signing_key(path)

    loaded = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert first.private_bytes_raw() == again.private_bytes_raw() == loaded.private_bytes_raw()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == ["key.pem"]
    assert own_public_key(path) == first.public_key().public_bytes_raw().hex()


def test_a_key_that_is_there_is_used_and_left_alone(tmp_path, key):
    path = tmp_path / "key.pem"
    path.write_bytes(pem(key))
    path.chmod(0o640)

    assert signing_key(path).private_bytes_raw() == bytes(range(32))
    assert path.read_bytes() == pem(key)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_processes_that_need_the_first_key_at_once_get_the_same_one(tmp_path):
    code = (
        "import sys; from pathlib import Path; from rai_dash.govern.checkpoints import signing_key\n"
        "print(signing_key(Path(sys.argv[1])).private_bytes_raw().hex())"
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "k" / "key.pem")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]

    assert len({child.communicate(timeout=60)[0] for child in children}) == 1


def test_of_two_that_make_a_file_the_second_leaves_the_first_alone(tmp_path):
    path = tmp_path / "key.pem"

    assert write_once(path, b"first")
    assert not write_once(path, b"second")

    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_half_a_key_is_never_left_behind(tmp_path, monkeypatch):
    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreUnavailable, match=r"key\.pem cannot be read or made: No space left") as caught:
        signing_key(tmp_path / "key.pem")

    assert list(tmp_path.iterdir()) == []
    assert "\n" not in caught.value.message


def test_a_file_that_holds_another_kind_of_key_is_refused(tmp_path, key):
    other = tmp_path / "other.pem"
    for content in (
        b"",
        b"text",
        public_pem(key),
        pem(generate_private_key(SECP256R1())),
        pem(key, b"secret"),
    ):
        other.write_bytes(content)
        with pytest.raises(StoreUnavailable, match="is not an Ed25519 private key"):
            signing_key(other)
        assert own_public_key(other) is None
    assert own_public_key(tmp_path / "none.pem") is None
    assert not (tmp_path / "none.pem").exists()


def test_a_public_key_is_read_from_digits_or_a_file(tmp_path, key):
    digits = key.public_key().public_bytes_raw().hex()
    (tmp_path / "hex").write_text(f"{digits}\n")
    (tmp_path / "pem").write_bytes(public_pem(key))

    assert read_public_key(digits) == digits
    assert read_public_key(digits.upper()) == digits
    assert read_public_key(str(tmp_path / "hex")) == digits
    assert read_public_key(str(tmp_path / "pem")) == digits


def test_what_is_no_public_key_is_refused(tmp_path, key):
    (tmp_path / "pem").write_bytes(public_pem(generate_private_key(SECP256R1())))
    (tmp_path / "private").write_bytes(pem(key))

    for given in ("abc", str(tmp_path / "none")):
        with pytest.raises(UnreadableFile, match="neither 64 hex digits nor a readable file"):
            read_public_key(given)
    for name in ("pem", "private"):
        with pytest.raises(UnreadableFile, match="holds no Ed25519 public key"):
            read_public_key(str(tmp_path / name))


def test_the_settings_choose_key_and_folder(tmp_path, monkeypatch):
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.checkpoints import folder_of, key_path

    assert folder_of() == tmp_path / "checkpoints"
    assert key_path() == tmp_path / "key" / "signing-key.pem"
    for name in ("RAI_DASH_SIGNING_KEY", "RAI_DASH_CHECKPOINT_DIR"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "d"))
    get_settings.cache_clear()
    assert folder_of() == tmp_path / "d" / "checkpoints"
    assert key_path() == tmp_path / "d" / "signing-key.pem"
    assert folder_of(Path("x")) == key_path(Path("x")) == Path("x")
