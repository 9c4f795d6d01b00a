"""Stores to be attacked, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from rai_dash.core.settings import get_settings
from tests.drills.places import Place
from tests.drills.signers import Signers
from tests.drills.signing import sign_story

DATABASES = ["sqlite", "postgresql"]


def _place(request, folder) -> Place:
    if request.param == "sqlite":
        return Place(folder)
    server = request.getfixturevalue("postgresql")
    return Place(folder, server, server.new_database())


@pytest.fixture(scope="session", params=DATABASES)
def story(request, tmp_path_factory) -> tuple[Place, str]:
    """A store with two signed versions of a policy, and the name of its untouched copy."""
    folder = tmp_path_factory.mktemp("story")
    place = _place(request, folder / "live")
    place.folder.mkdir()
    with place.open() as store:
        sign_story(store)
    shutil.copytree(place.folder, folder / "untouched")
    return place, place.server.new_database(copy_of=place.database) if place.server else ""


@pytest.fixture
def own_settings(monkeypatch) -> Iterator[Callable[[Place], None]]:
    """Set the machine's settings to the folders of a store."""

    def set_to(place: Place) -> None:
        monkeypatch.setenv("RAI_DASH_CHECKPOINT_DIR", str(place.checkpoints))
        monkeypatch.setenv("RAI_DASH_SIGNING_KEY", str(place.key))
        get_settings.cache_clear()

    yield set_to
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def resting(story, own_settings) -> Place:
    """The signed store as it was before anybody touched it, for tests that change nothing in it."""
    place, copy = story
    if place.touched:
        shutil.rmtree(place.folder)
        shutil.copytree(place.folder.parent / "untouched", place.folder)
        if place.server:
            place.server.restore(place.database, copy=copy)
        place.touched = False
    own_settings(place)
    return place


@pytest.fixture
def signed(resting) -> Place:
    """The same, to be attacked."""
    resting.touched = True
    return resting


@pytest.fixture(params=DATABASES)
def empty(request, tmp_path, own_settings) -> Place:
    """No store yet."""
    place = _place(request, tmp_path / "store")
    place.folder.mkdir()
    own_settings(place)
    return place


@pytest.fixture(scope="session")
def signers() -> Iterator[Signers]:
    """Other processes that sign."""
    made = Signers()
    yield made
    made.close()


@pytest.fixture(scope="session")
def workers() -> Iterator[Signers]:
    """Other processes that work a review queue."""
    made = Signers("tests.drills.queue_worker")
    yield made
    made.close()
