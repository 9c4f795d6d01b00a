"""The doors of the Start page without a browser: the operator's folder, banners, reading again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.options import ReadOptions
from rai_dash.sandbox import selftest
from rai_dash.sandbox.lock import Level
from rai_dash.ui import state, upload
from tests.app.conftest import Open, table_case, texts

CSV = "approved,gender,score\n" + "".join(f"{i % 2},{'fm'[i // 2 % 2]},0.{i % 9 + 1}\n" for i in range(60))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the operator with a table, a link out of it, a hidden file and a folder."""
    place = tmp_path / "portfolio"
    (place / "old").mkdir(parents=True)
    (place / "loans.csv").write_text(CSV)
    (place / "broken.csv").write_text("a,b\n1,2\n1,2,3\n")
    (place / ".hidden.csv").write_text(CSV)
    (tmp_path / "outside.csv").write_text(CSV)
    (place / "link.csv").symlink_to(tmp_path / "outside.csv")
    monkeypatch.setenv("RAI_DASH_DATA_FOLDER", str(place))
    get_settings.cache_clear()
    return place


def test_only_plain_files_of_the_operators_folder_are_offered(folder: Path) -> None:
    assert list(upload.folder_files()) == ["broken.csv", "loans.csv"]


def test_a_file_of_the_folder_is_opened_without_an_upload(open_page: Open, folder: Path) -> None:
    at = open_page("start")
    at.selectbox(key="folder_file").select("loans.csv").run()
    at.button(key="open_folder_file").click().run()

    assert "**loans\\.csv**, training or test data: 60 rows, 3 columns" in texts(at)
    assert not at.exception


def test_a_broken_file_of_the_folder_is_told_and_can_be_read_another_way(
    open_page: Open, folder: Path
) -> None:
    at = open_page("start")
    at.selectbox(key="folder_file").select("broken.csv").run()
    at.button(key="open_folder_file").click().run()

    assert "Line 3 has 3 fields, the header has 2" in texts(at)
    assert "Read it another way" in [e.label for e in at.expander]
    assert not at.exception


def test_a_file_above_the_upload_limit_is_opened_from_the_folder_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAI_DASH_MAX_UPLOAD_MB", "1")
    get_settings.cache_clear()
    big = folder / "big.csv"
    big.write_text("approved,note\n" + "".join(f"{i % 2},{'x' * 100}\n" for i in range(12_000)))

    with pytest.raises(UnreadableFile, match="operator's data folder"):
        upload._read(big.read_bytes(), "big", upload.DataRole.TRAINING, "data", None)
    item = upload._read(big, "big", upload.DataRole.TRAINING, "data", None)
    assert item.dataset.n_rows == 12_000
    case = table_case(CSV, Roles()).with_data(item)
    state.store().put(case)
    changed = upload.reread(case, "data", ReadOptions(text=("approved",)))
    assert changed.data_of("data").dataset.frame["approved"].tolist()[:2] == ["0", "1"]


def test_pickles_let_in_are_said_on_every_page(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAI_DASH_ALLOW_PICKLE", "1")
    get_settings.cache_clear()

    assert "lets approved pickle files in" in texts(open_page("performance"))


@pytest.mark.parametrize("level", [Level.SECCOMP, Level.PROCESS])
def test_a_missing_lock_is_said_on_every_page(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, level: Level
) -> None:
    monkeypatch.setattr(selftest, "_found", [selftest.SelfTest(level, ())])

    shown = texts(open_page("data")).replace("\\", "")

    assert ("no Landlock" if level is Level.SECCOMP else "Open only files that you trust") in shown


def test_with_the_full_lock_and_no_pickles_there_is_no_banner(open_page: Open) -> None:
    shown = texts(open_page("data"))

    assert "pickle" not in shown
    assert "Landlock" not in shown


def test_a_table_is_read_again_with_its_roles_and_what_fails_changes_nothing(open_page: Open) -> None:
    case = table_case(CSV, Roles(target="approved", favourable=("1",), sensitive=("gender",), score="score"))
    item = case.data[0]
    content = CSV.encode()
    case = case.with_data(type(item)(**{f: getattr(item, f) for f in item.__slots__} | {"content": content}))
    state.store().put(case)

    changed = upload.reread(case, "data", ReadOptions(missing={"gender": ("f",)}))

    assert changed.data[0].dataset.roles == item.dataset.roles
    assert int(changed.data[0].dataset.frame["gender"].isna().sum()) == CSV.count(",f,")
    assert changed.data[0].dataset.fingerprint != item.dataset.fingerprint
    with pytest.raises(UnreadableFile):
        upload.reread(changed, "data", ReadOptions(skip_lines=10_000))
    assert state.store().get(case.id) is changed
    with pytest.raises(InvalidChoice, match="Upload it again"):
        upload.reread(table_case(CSV, Roles()), "data", ReadOptions())


def test_what_came_in_is_recorded_by_hash_and_count_only(open_page: Open, folder: Path) -> None:
    from rai_dash.core.events import events_file

    at = open_page("start")
    at.selectbox(key="folder_file").select("broken.csv").run()
    at.button(key="open_folder_file").click().run()

    last = json.loads(events_file().read_text().splitlines()[-1])
    assert {k: v for k, v in last.items() if k != "time"} == {"event": "data_refused", "code": "ragged_row"}
