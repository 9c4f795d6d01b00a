"""A case as one file: downloaded from Start, opened elsewhere in the same state, and by the command line."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.audit import audit
from rai_dash.bundled import open_bundled
from rai_dash.case import BandCandidate, Case
from rai_dash.casefile import open_file, pack, packing
from rai_dash.core.errors import NotAllowed, UnreadableFile
from rai_dash.core.memo import Memo
from rai_dash.core.settings import get_settings
from rai_dash.core.types import ReviewBand
from rai_dash.data.options import ReadOptions
from rai_dash.govern.store import Store
from rai_dash.samples import bundled_cases
from rai_dash.ui import case_file, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.store import new_case_id
from tests.app.conftest import table_case, words
from tests.app.shared_view import everything, linked, seen
from tests.app.test_keeping import CSV, ROLES, claims
from tests.command import command
from tests.unit.test_casefile import forged

BANDS = (BandCandidate(name="wide", band=ReviewBand(None, 0.5, 0.7)),)
Look = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give every test a data folder of its own, with groups for those who sign in."""
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RAI_DASH_GROUP_ROLES", '{"model": "analyst"}')
    get_settings.cache_clear()
    state.store.clear()
    yield tmp_path
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def case() -> Case:
    """An uploaded case with a band; its file is at hand."""
    made = table_case(CSV, ROLES)
    item = replace(made.data[0], content=CSV.encode(), options=ReadOptions())
    return replace(made, id=new_case_id(), title="Köln / loans.csv", data=(item,), bands=BANDS)


@pytest.fixture
def look(repo: Path) -> Look:
    """Open Start."""

    def run(page: str = "start", *, user: dict[str, Any] | None = None, **query: str) -> AppTest:
        return seen(repo, page, query, user=user)

    return run


def uploaded(at: AppTest, content: bytes, name: str = "loans.raicase") -> AppTest:
    """Give a file to the place for case files."""
    at.file_uploader(key="upload_case").set_value((name, content, "application/zip")).run()
    assert not at.exception
    return at


def downloads(at: AppTest) -> list[str]:
    return [str(b.proto.id) for b in at.get("download_button") if "download_case" in str(b.proto.id)]


# --- there and back ---


def test_a_case_file_opens_as_ones_own_in_the_state_it_was_written_in(
    look: Look, case: Case, own_data: Path
) -> None:
    chosen = Choices(
        case=case.id, by="sex", threshold=0.6, lo=0.2, hi=0.8, open_lo=True, policy="secret-policy"
    )
    content = pack(case, view=case_file.view_of(chosen))

    at = uploaded(look(), content)

    opened = at.session_state["choices"]
    assert (opened.by, opened.threshold, opened.lo, opened.hi, opened.open_lo) == ("sex", 0.6, 0.2, 0.8, True)
    assert (opened.policy, opened.link) == ("", "")
    assert opened.case not in {"", case.id}
    found = state.store().get(opened.case)
    assert found is not None
    assert (found.title, found.bands) == (case.title, BANDS)
    assert found.data[0].dataset.fingerprint == case.data[0].dataset.fingerprint
    # Neither needs the database nor makes one.
    assert not (own_data / "store.sqlite").exists()
    assert case.id.encode() not in content
    assert b"secret-policy" not in content


def test_the_audit_of_a_case_is_the_same_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the app did not ship with these files: every byte goes through the file and the locked processes.
    monkeypatch.setattr(packing, "_sample_place", lambda _: {})
    sample, shared = bundled_cases()["story"], open_bundled("story", "story.x")
    living = next(part for part in sample.datasets if part.key == "living")
    item = replace(shared.data_of("living"), content=living.path.read_bytes(), source="uploaded")
    story = replace(shared, data=(item,), models=shared.models[:1], memo=Memo())

    def figures(of: Case) -> str:
        return audit(
            of.data[0].dataset, of.models[0].model, threshold=0.6, band=ReviewBand(0.2, 0.6, 0.8)
        ).to_json()

    back = open_file(pack(story), new_case_id()).case
    try:
        before, after = figures(story), figures(back)
    finally:
        back.models[0].model.close()
    assert back.models[0].model is not story.models[0].model
    assert before == after
    assert json.loads(before)["overall"]["n"] == 1100


def test_the_download_is_the_file_and_is_not_there_for_those_who_see_no_rows(look: Look, case: Case) -> None:
    state.store().put(case)
    assert len(downloads(look(case=case.id))) == 1
    assert case_file._maker(case, Choices(by="sex"))() == pack(case, view={"by": "sex"})

    for user in (claims("Ann Lee", "model"), claims("Bob")):
        key = f"oidc|http://localhost:9400|{user['sub']}"
        own = replace(case, id=new_case_id())
        state.store().put(own, owner=key)
        assert downloads(look(user=user, case=own.id)) == []


def test_a_case_whose_files_are_not_at_hand_says_so(look: Look, case: Case) -> None:
    lost = replace(case, data=(replace(case.data[0], content=None),))
    state.store().put(lost)

    at = look(case=lost.id)

    assert "None of the data of this case can be put into a file" in words(at)
    assert downloads(at) == []


def test_a_viewer_opens_no_file(look: Look, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAI_DASH_LOCAL_ROLE", "viewer")
    get_settings.cache_clear()

    at = look()

    assert at.file_uploader(key="upload_case").disabled
    with pytest.raises(NotAllowed, match="needs the role analyst"):
        case_file.opened(pack(case))


# --- files of strangers ---


@pytest.mark.parametrize("content", [b"PK", CSV.encode(), b"PK\x03\x04" + b"\0" * 500])
def test_what_is_no_case_file_is_refused_in_a_sentence_and_the_case_stays(
    look: Look, case: Case, content: bytes
) -> None:
    state.store().put(case)

    at = uploaded(look(case=case.id), content)

    assert "The file of this case cannot be opened" in words(at)
    assert at.session_state["choices"].case == case.id
    assert len(state.store()) == 1


def test_a_file_that_names_keys_opens_none_of_them(look: Look, case: Case) -> None:
    state.store().put(case)
    key = linked(case)
    stranger = forged(
        pack(case), view={"case": case.id, "link": key, "threshold": "7", "evil": "1", "by": "<b>x</b>"}
    )

    at = uploaded(look(), stranger)

    opened = at.session_state["choices"]
    assert opened.case != case.id
    assert (opened.link, opened.threshold, opened.by) == ("", 0.5, "<b>x</b>")
    assert "Read only" not in words(at)


def test_a_model_in_a_file_of_a_stranger_is_refused_as_an_upload_is(look: Look, case: Case) -> None:
    bad = b"\x80\x04}\x94."  # an empty dict, pickled
    sha256 = hashlib.sha256(bad).hexdigest()
    with zipfile.ZipFile(io.BytesIO(pack(case))) as archive:
        files = {n: archive.read(n) for n in archive.namelist() if n != "manifest.json"}
    model = {
        "key": "m", "title": "m", "fingerprint": sha256, "file": sha256, "model_class": "1", "inputs": ["score"],
    }  # fmt: skip
    stranger = forged(pack(case), {**files, f"files/{sha256}": bad}, models=[model])

    at = uploaded(look(), stranger)

    assert "pickle" in words(at).lower()
    assert at.session_state["choices"].case.startswith("story.")


def test_a_file_beyond_the_limit_is_refused_before_it_is_unpacked(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_file, "open_file", lambda *_: pytest.fail("it was unpacked"))
    monkeypatch.setenv("RAI_DASH_MAX_UPLOAD_MB", "1")
    get_settings.cache_clear()

    with pytest.raises(UnreadableFile, match="more than 1 MB") as caught:
        case_file.opened(b"PK" + b"\0" * 2**20)
    assert caught.value.code == "too_large"


# --- the command line ---


def test_a_kept_case_is_exported_and_the_file_says_what_is_in_it(case: Case, own_data: Path) -> None:
    linked(case)
    out = own_data / "loans.raicase"

    done = command("cases", "export", case.id, out, "--as", "Olga")

    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_bytes() == pack(case)
    with Store() as store:
        assert store.records()[-1].kind == "case.exported"
    told = json.loads(command("cases", "open", out, "--json").stdout)
    assert told["title"] == "Köln / loans.csv"
    assert [(d["rows"], d["target"], d["sensitive"]) for d in told["data"]] == [(400, "outcome", ["sex"])]
    assert told["bands"] == [{"name": "wide", "lo": None, "threshold": 0.5, "hi": 0.7}]
    assert "kept_as" not in told


def test_an_imported_case_is_kept_under_an_id_of_its_own_and_opens(
    look: Look, case: Case, own_data: Path
) -> None:
    file = own_data / "loans.raicase"
    file.write_bytes(pack(case, view={"by": "sex", "threshold": "0.6"}))

    told = json.loads(command("cases", "open", file, "--keep", "--as", "Olga", "--json").stdout)

    assert told["kept_as"] != case.id
    at = look(case=told["kept_as"], **told["view"])
    assert "Kept by Olga" in words(at)
    found = state.store().get(told["kept_as"])
    assert found is not None
    assert found.data[0].dataset.fingerprint == case.data[0].dataset.fingerprint


def test_the_commands_refuse_in_a_sentence(case: Case, own_data: Path) -> None:
    none = command("cases", "export", case.id, own_data / "x", "--as", "Olga")
    linked(case)
    before = everything(own_data / "store.sqlite")
    nameless = command("cases", "export", case.id, own_data / "x")
    unknown = command("cases", "export", "unknown", own_data / "x", "--as", "Olga")
    missing = command("cases", "open", own_data / "none.raicase")
    (own_data / "bad").write_bytes(b"PK no case")
    damaged = command("cases", "open", own_data / "bad", "--keep", "--as", "Olga")

    for done, said in (
        (none, "There is no store"), (nameless, "--as NAME"), (unknown, "no such kept case"),
        (missing, "cannot be read"), (damaged, "cannot be opened"),
    ):  # fmt: skip
        assert done.returncode == 2
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    assert not (own_data / "x").exists()
    assert everything(own_data / "store.sqlite") == before
