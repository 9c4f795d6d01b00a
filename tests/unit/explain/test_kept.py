"""Compiled code that is kept beside the sources, and found by a process that may write nothing."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from rai_dash.explain.trees import kept

TWICE = """
from rai_dash.explain.trees._jit import compiled

def twice(x):
    return 2 * x

twice = compiled(twice)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "kernels_of_a_test"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text(TWICE)
    monkeypatch.syspath_prepend(str(tmp_path))
    kept._stamp.cache_clear()
    return folder


def test_an_edit_of_any_source_in_the_folder_makes_kept_code_stale(package):
    before = kept._stamp(package)
    (package / "two.py").write_text("SIDE = 1\n")
    kept._stamp.cache_clear()

    assert kept._stamp(package) != before


@pytest.mark.timeout(300)
def test_code_compiled_once_is_loaded_and_not_compiled_again(package):
    one = importlib.import_module("kernels_of_a_test.one")
    assert one.twice(21) == 42
    assert sum(one.twice.stats.cache_misses.values()) == 1
    assert list((package / kept.FOLDER).glob("*.nbc"))

    again = (
        "from kernels_of_a_test.one import twice\n"
        "assert twice(21) == 42\n"
        "print(sum(twice.stats.cache_hits.values()), sum(twice.stats.cache_misses.values()))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", again], capture_output=True, text=True, check=True, cwd=package.parent
    )
    assert found.stdout.split() == ["1", "0"]
