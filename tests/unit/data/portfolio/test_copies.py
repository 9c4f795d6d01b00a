"""Folders of copies: which the next app deletes, and which it leaves alone."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from rai_dash.core.settings import get_settings
from rai_dash.data.portfolio.copies import copy_folder, end_copy, end_left_copies
from rai_dash.data.portfolio.jobs.folder import lock_folder

TWO_DAYS = 2 * 86_400


def aged(folder: Path, seconds: float = TWO_DAYS) -> Path:
    """A folder with a file in it that was made some time ago."""
    folder.mkdir(exist_ok=True)
    (folder / "part.parquet").write_bytes(b"rows")
    then = time.time() - seconds
    os.utime(folder, (then, then))
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RAI_DASH_PORTFOLIO_COPIES", str(tmp_path))
    get_settings.cache_clear()
    return tmp_path


def test_a_copy_that_nobody_holds_goes_after_a_day(root):
    aged(root / "rai-dash-copy-left")
    young = aged(root / "rai-dash-copy-young", 3_600)
    other = aged(root / "somebody-else")

    end_left_copies(root)

    assert sorted(root.iterdir()) == [young, other]


def test_a_copy_that_is_held_stays_and_goes_with_its_end(root):
    rows = copy_folder()
    aged(rows.parent)

    end_left_copies(root)
    assert rows.is_dir()

    end_copy(rows)
    assert list(root.iterdir()) == []


def test_a_copy_of_another_process_that_lives_stays(root):
    held = lock_folder(aged(root / "rai-dash-copy-other"))
    end_left_copies(root)
    assert (root / "rai-dash-copy-other" / "part.parquet").is_file()

    os.close(held)
    end_left_copies(root)
    assert list(root.iterdir()) == []


def test_a_link_is_no_copy(root, tmp_path_factory):
    theirs = aged(tmp_path_factory.mktemp("theirs") / "rai-dash-copy-theirs")
    (root / "rai-dash-copy-link").symlink_to(theirs)
    then = time.time() - TWO_DAYS
    os.utime(root / "rai-dash-copy-link", (then, then), follow_symlinks=False)

    end_left_copies(root)

    assert (theirs / "part.parquet").is_file()


def test_a_new_copy_removes_those_that_were_left(root):
    aged(root / "rai-dash-copy-left")

    rows = copy_folder()

    assert list(root.iterdir()) == [rows.parent]
    end_copy(rows)
