"""Through a read-only link: every page and view with everything open that an address can open, and no way to write."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from rai_dash.bundled import open_bundled
from rai_dash.core.settings import get_settings
from rai_dash.ui import state
from rai_dash.ui.store import new_case_id
from tests.app.conftest import words
from tests.app.queue_case import POLICY, active_policy, fill
from tests.app.shared_view import ANN, everything, linked, seen

PAGES = sorted(p.stem for p in (Path(__file__).parents[2] / "pages").glob("*.py"))
#: Views in which something is written when it is one's own case, beside the first view of every page.
WRITING = [
    *(("sign_off", {"desk": view}) for view in ("history", "business", "questions")),
    *(("queue", {"queue_view": view}) for view in ("figures", "fill")),
    *(("problems", {"problems": view}) for view in ("find", "report")),
    *(("models", {"candidates": view}) for view in ("living", "choose")),
    *(("review_band", {"bench": view}) for view in ("analyst", "stakeholder")),
    ("sign_off", {"policy": "new"}),
    ("explain", {"why": "change"}),
    ("changed", {"changed": "runs"}),
]
VIEWS = [*((page, {"lens": ""}) for page in PAGES), *WRITING]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give every test a data folder of its own."""
    monkeypatch.setenv("RAI_DASH_DATA_DIR", str(tmp_path / "data"))
    get_settings.cache_clear()
    state.store.clear()
    yield tmp_path / "store.sqlite"
    monkeypatch.undo()
    get_settings.cache_clear()


@dataclass(frozen=True)
class Month:
    """A store with a policy in force and a queue, and two links to the story with all that a link can show."""

    content: bytes
    queue: str
    local: str
    public: str

    def put(self, store: Path) -> None:
        """Write the store where the app looks for it."""
        store.write_bytes(self.content)

    def query(self, key: str) -> dict[str, str]:
        """An address in which every door that one opens stands open."""
        return {
            "link": key, "policy": POLICY, "queue": self.queue, "desk": "operator", "data": "production",
            "model": "repaired",
        }  # fmt: skip


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    folder = tmp_path_factory.mktemp("month")
    target = folder / "store.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "DATABASE_URL": f"sqlite:///{target}", "DATA_DIR": str(folder), "KEEP_BATCH_ROWS": "true",
            "PUBLIC_LINKS": "true",
        }.items():  # fmt: skip
            patch.setenv(f"RAI_DASH_{name}", value)
        get_settings.cache_clear()
        story = open_bundled("story", f"story.{new_case_id()}")
        active_policy(story, target)
        queue = fill(story, target)
        local = linked(story, shows_rows=True)
        public = linked(replace(story, id=new_case_id()), ANN, shows_rows=True, is_public=True)
    get_settings.cache_clear()
    with closing(sqlite3.connect(target)) as connection:
        return Month(connection.serialize(), queue, local, public)


@pytest.mark.parametrize(
    ("page", "view"), VIEWS, ids=lambda v: v if isinstance(v, str) else "-".join(v.values())
)
def test_no_button_of_any_page_changes_anything_that_lasts(
    page: str, view: dict[str, str], repo: Path, month: Month, own_data: Path
) -> None:
    month.put(own_data)
    at = seen(repo, page, month.query(month.local) | view)
    assert "Read only" in words(at)
    before, cases = everything(own_data), dict(state.store()._cases)

    pressed = []
    for name in [str(b.key) for b in at.button]:
        button = next((b for b in at.button if str(b.key) == name), None)
        if button is None or button.disabled or name.startswith(("next_", "leave_link")):
            continue
        button.click()
        at.run()
        pressed.append(name)
        assert not at.exception, name
        assert "Something went wrong" not in words(at), name

    assert everything(own_data) == before, pressed
    assert {i: held.case for i, held in state.store()._cases.items()} == {i: h.case for i, h in cases.items()}
    assert all(widget.disabled for widget in at.get("file_uploader"))
    for never in ("share_view", "keep_case", "download_case", "sign_approve"):
        assert never not in str(at)


@pytest.mark.parametrize("page", PAGES)
def test_a_guest_sees_the_case_and_nothing_that_was_recorded(
    page: str, repo: Path, month: Month, own_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAI_DASH_PUBLIC_LINKS", "true")
    get_settings.cache_clear()
    month.put(own_data)

    at = seen(repo, page, month.query(month.public), signs_in=True)

    text = words(at)
    assert "Read only" in text
    assert "Something went wrong" not in text
    for recorded in ("Story loans", "Dora Expert", "Ana Lyst", "November"):
        assert recorded not in str(at), recorded
    assert "not signed in" in text
