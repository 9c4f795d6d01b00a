"""Checkpoints: a signature over the end of the chain that can be kept elsewhere.

An Ed25519 signature over the RFC 8785 JSON of ``{"head": hash, "n": number}`` says that the record ``n``
had this hash. Who computes the whole chain anew cannot make the old checkpoints fit. The key is named by
the first 16 hex digits of the SHA-256 of the raw public key. The time is told and not signed: what binds
it is the time of the record itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from rai_dash.core.errors import InvalidRecord, StoreUnavailable, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.govern._files import write_once
from rai_dash.govern.ledger import canonical

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SCHEMA: Final = "rai-dash/checkpoint/1"
_KEY = re.compile(r"[0-9a-f]{64}")
_FIELDS: Final = ("head", "at_utc", "key_id", "public_key", "signature")
#: A checkpoint has about 500 bytes; nothing larger is one.
_LARGEST_FILE = 100_000


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The signed end of a chain at some time.

    Parameters
    ----------
    n : int
        Number of the record.
    head : str
        Its hash.
    at_utc : str
        When it was signed; not itself under the signature.
    key_id : str
        16 hex digits of the hash of the public key.
    public_key, signature : str
        64 and 128 hex digits.
    """

    n: int
    head: str
    at_utc: str
    key_id: str
    public_key: str
    signature: str

    @property
    def is_valid(self) -> bool:
        """Whether the signature was made by this key over this record."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            raw = bytes.fromhex(self.public_key)
            key = Ed25519PublicKey.from_public_bytes(raw)
            key.verify(bytes.fromhex(self.signature), _signed(self.n, self.head))
        except (ValueError, InvalidSignature, InvalidRecord):
            return False
        return self.key_id == key_id(raw)

    def to_json(self, *, store: str = "") -> str:
        """Write it as it is kept in a file; ``store`` names the store it belongs to."""
        whole = {"schema": SCHEMA, "store": store, **asdict(self)}
        return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote.

        Raises
        ------
        UnreadableFile
            When it is no checkpoint. Whether it is genuine is what `is_valid` says.
        """
        try:
            return cls.of(json.loads(text))
        except (ValueError, TypeError, RecursionError) as error:
            msg = f"This is not a checkpoint of a ledger: {error}. Give a file that this app wrote as one."
            raise UnreadableFile(msg) from error

    @classmethod
    def of(cls, kept: object) -> Self:
        """Take over plain values; what else is among them is left out.

        Raises
        ------
        TypeError
            Naming the field that is missing or of another type.
        """
        if not isinstance(kept, Mapping):
            msg = "it is no JSON object"
            raise TypeError(msg)
        n = kept.get("n")
        if not isinstance(n, int) or isinstance(n, bool):
            msg = "n is no whole number"
            raise TypeError(msg)
        fields: dict[str, str] = {}
        for name in _FIELDS:
            value = kept.get(name)
            if not isinstance(value, str):
                msg = f"{name} is no text"
                raise TypeError(msg)
            fields[name] = value
        return cls(n=n, **fields)


def _signed(n: int, head: str) -> bytes:
    return canonical({"head": head, "n": n}).encode()


def key_id(public_key: bytes) -> str:
    """Name a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def read_checkpoint(path: str | Path) -> Checkpoint:
    """Read a checkpoint that was kept elsewhere.

    Raises
    ------
    UnreadableFile
        When the file is missing or is no checkpoint.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE)
    except OSError as error:
        msg = tr(
            "The checkpoint {path} cannot be read: {strerror}. Check the path.",
            path=path,
            strerror=error.strerror,
        )
        raise UnreadableFile(msg) from error
    try:
        return Checkpoint.from_json(content)
    except UnreadableFile as error:
        msg = f"{path}: {error.message}"
        raise UnreadableFile(msg) from error


def key_path(path: Path | None = None) -> Path:
    """Return where the signing key is: as given, else as the settings say, else in the data folder."""
    settings = get_settings()
    return path or settings.signing_key or settings.data_dir / "signing-key.pem"


def signing_key(path: Path | None = None) -> Ed25519PrivateKey:
    """Return the key that signs checkpoints; it is made on first use, for its owner only.

    Parameters
    ----------
    path : Path, optional
        A PEM file (PKCS8); by default as the settings say.

    Raises
    ------
    StoreUnavailable
        When the file cannot be made or read, or holds something else.
    """
    path = key_path(path)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_once(path, _new_key())
        return _private_key(path.read_bytes())
    except OSError as error:
        what = f"cannot be read or made: {error.strerror or error}"
    except (ValueError, TypeError):
        what = "is not an Ed25519 private key in PEM form without a password"
    msg = f"The signing key {path} {what}. Put it in order, or name another file by RAI_DASH_SIGNING_KEY."
    raise StoreUnavailable(msg)


def _new_key() -> bytes:
    from cryptography.hazmat.primitives import serialization as to
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    return key.private_bytes(to.Encoding.PEM, to.PrivateFormat.PKCS8, to.NoEncryption())


def _private_key(pem: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any = load_pem_private_key(pem, password=None)
    if not isinstance(key, Ed25519PrivateKey):
        msg = "another kind of key"
        raise TypeError(msg)
    return key


def own_public_key(path: Path | None = None) -> str | None:
    """Return the public half of the signing key in hex; None where there is no readable key (none is made)."""
    try:
        return _private_key(key_path(path).read_bytes()).public_key().public_bytes_raw().hex()
    except (OSError, ValueError, TypeError):
        return None


def read_public_key(given: str) -> str:
    """Read a public key from its hex digits, or from a file with these or with a PEM.

    Raises
    ------
    UnreadableFile
        When it is neither.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    text = given.strip().lower()
    if _KEY.fullmatch(text):
        return text
    try:
        content = Path(given).read_bytes()
        text = content.decode("ascii", "replace").strip().lower()
        if _KEY.fullmatch(text):
            return text
        key = load_pem_public_key(content)
    except OSError as error:
        msg = f"The key {given} is neither 64 hex digits nor a readable file: {error.strerror}. Check it."
        raise UnreadableFile(msg) from error
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        msg = f"The file {given} holds no Ed25519 public key: 64 hex digits or a PEM. Give another one."
        raise UnreadableFile(msg)
    return key.public_bytes_raw().hex()


def sign(key: Ed25519PrivateKey, *, n: int, head: str, at_utc: str) -> Checkpoint:
    """Sign the end of a chain."""
    raw = key.public_key().public_bytes_raw()
    signature = key.sign(_signed(n, head)).hex()
    return Checkpoint(n, head, at_utc, key_id(raw), raw.hex(), signature)


def folder_of(path: Path | None = None) -> Path:
    """Return the folder of checkpoints: as given, else as the settings say, else in the data folder."""
    settings = get_settings()
    return path or settings.checkpoint_dir or settings.data_dir / "checkpoints"


def keep(checkpoint: Checkpoint, folder: Path, *, store: str) -> None:
    """Write a checkpoint into a folder, for its owner only; one that is kept already is never replaced.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    path = folder / f"{store}-{checkpoint.n}.json"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, checkpoint.to_json(store=store).encode())


def kept_files(folder: Path, *, store: str) -> list[Path]:
    """Return the files of a folder that hold checkpoints of a store, by number."""
    name = re.compile(re.escape(store) + r"-(\d+)\.json")
    try:
        found = [(int(match[1]), path) for path in folder.iterdir() if (match := name.fullmatch(path.name))]
    except OSError:
        return []
    return [path for _, path in sorted(found)]
