from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint

import pytest

from rai_dash.core import registry as module
from rai_dash.core.registry import Registry


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package whose modules register entries with `registry_under_test.REGISTRY`."""
    room = tmp_path / "room_under_test"
    room.mkdir()
    (room / "__init__.py").write_text(
        "from rai_dash.core.registry import Registry\n"
        "REGISTRY = Registry('thing', package='room_under_test', group='no.such.group')\n"
    )
    (room / "b.py").write_text(
        "from room_under_test import REGISTRY\nREGISTRY.add('second', 2, home=__name__)\n"
    )
    (room / "a.py").write_text(
        "from room_under_test import REGISTRY\n\n@REGISTRY.register('first')\ndef first(): return 1\n"
        "seen_while_scanning = list(REGISTRY)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield room
    for name in [n for n in sys.modules if n.split(".")[0] == "room_under_test"]:
        del sys.modules[name]


def load():
    return __import__("room_under_test").REGISTRY


def test_entries_of_all_modules_are_found_in_order_of_file_name(package):
    registry = load()

    assert list(registry) == ["first", "second"]
    assert len(registry) == 2
    assert registry["first"]() == 1


def test_a_module_may_look_into_the_registry_while_it_is_scanned(package):
    list(load())

    assert sys.modules["room_under_test.a"].seen_while_scanning == ["first"]


def test_threads_that_come_first_together_all_see_every_entry(package):
    registry = load()

    with ThreadPoolExecutor(8) as pool:
        lengths = set(pool.map(lambda _: len(registry), range(8)))

    assert lengths == {2}


def test_a_second_entry_of_the_same_name_is_refused_naming_both_places():
    registry = Registry("thing", package="rai_dash.core", group="none")
    registry.add("x", 1, home="one.place")

    with pytest.raises(ValueError, match=r"one\.place.*another\.place"):
        registry.add("x", 2, home="another.place")


def test_a_module_that_is_run_again_may_register_again():
    registry = Registry("thing", package="rai_dash.core", group="none")
    registry.add("x", 1, home="one.place")
    registry.add("x", 2, home="one.place")

    assert registry["x"] == 2


def test_a_module_that_fails_does_not_leave_half_a_registry_behind(package):
    (package / "c.py").write_text("raise RuntimeError('broken on purpose')\n")
    registry = load()
    with pytest.raises(RuntimeError):
        list(registry)

    (package / "c.py").write_text("")

    assert list(registry) == ["first", "second"]


def test_entry_points_of_other_packages_come_through_the_same_door(package, monkeypatch):
    (package.parent / "outsider_under_test.py").write_text(
        "from room_under_test import REGISTRY\nREGISTRY.add('third', 3, home=__name__)\n"
    )
    point = EntryPoint("third", "outsider_under_test", "no.such.group")
    monkeypatch.setattr(module, "entry_points", lambda group: [point] if group == "no.such.group" else [])

    assert load()["third"] == 3
