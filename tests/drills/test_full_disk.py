"""The disk fills up while people sign: one clear sentence, and nothing that was confirmed is lost."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from rai_dash.govern.checkpoints import read_checkpoint
from tests.drills.places import Place, check_whole
from tests.drills.signing import POLICY, look_on, put_forward

MOUNT, UMOUNT = shutil.which("mount"), shutil.which("umount")
QUOTA = 600_000


class Disk:
    """A disk in memory."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        subprocess.run([MOUNT, "-t", "tmpfs", "-o", f"size={megabytes}m", "none", path], check=True)

    def grow(self) -> None:
        """Give it room."""
        subprocess.run([MOUNT, "-o", "remount,size=64m", self.path], check=True)


@pytest.fixture
def small_disk():
    """Make small disks; PostgreSQL's user may enter them."""
    if os.geteuid() != 0 or not (MOUNT and UMOUNT):
        pytest.skip("only root may make a small disk")
    made = []

    def make(megabytes):
        made.append(Path(tempfile.mkdtemp(prefix="rai-dash-disk-")))
        made[-1].chmod(0o755)
        try:
            return Disk(made[-1], megabytes)
        except subprocess.CalledProcessError:
            made.pop().rmdir()
            pytest.skip("this machine does not let root mount a disk")

    yield make
    for path in made:
        subprocess.run([UMOUNT, path], check=True)
        path.rmdir()


@pytest.fixture
def place(tmp_path, own_settings):
    """A SQLite store that is not there yet."""
    own_settings(Place(tmp_path))
    return Place(tmp_path)


@pytest.fixture
def sign_until_refused(signers):
    """Let another process sign until something refuses; return what was confirmed."""

    def run(place, limit=0):
        with place.open() as store:
            put_forward(store, POLICY)
        lines, statuses = signers.run(place, ("repeat", "Bea", 1000, 100_000, limit))
        assert statuses == [0]
        message = lines.pop()
        assert message.startswith("refused: The store of sign-offs ")
        assert "could not be written" in message
        assert lines
        return lines

    return run


def fill(path):
    """Write until nothing goes in any more."""
    with path.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        file.writelines(itertools.repeat(b"x" * 4096))


def check_that_room_helps(place, confirmed):
    check_whole(place, confirmed)
    with place.open() as store:
        confirmed = [*confirmed, look_on(store, name="Emil")()]
        assert store.verify() == []
    check_whole(place, confirmed)


def test_a_full_disk_under_sqlite(small_disk, own_settings, sign_until_refused):
    disk = small_disk(2)
    place = Place(disk.path)
    own_settings(place)

    confirmed = sign_until_refused(place)
    disk.grow()

    check_that_room_helps(place, confirmed)


def test_a_file_that_may_not_grow_under_sqlite(place, sign_until_refused):
    """The quota of a process: it works without root."""
    confirmed = sign_until_refused(place, QUOTA)

    check_that_room_helps(place, confirmed)


@pytest.fixture
def tablespace(small_disk, postgresql):
    """A place for databases on a small disk; an empty database takes eight megabytes."""
    disk = small_disk(12)
    postgresql.give(disk.path)
    postgresql.run(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
    database = postgresql.new_database()
    postgresql.run(f"ALTER DATABASE {database} SET TABLESPACE small")
    yield database, disk
    postgresql.run(f"DROP DATABASE {database} WITH (FORCE)", "DROP TABLESPACE small")


def test_a_full_disk_under_postgresql(tablespace, postgresql, tmp_path, own_settings, sign_until_refused):
    database, disk = tablespace
    place = Place(tmp_path, postgresql, database)
    own_settings(place)

    confirmed = sign_until_refused(place)
    disk.grow()

    check_that_room_helps(place, confirmed)


def test_a_full_disk_under_the_files_of_checkpoints_delays_only_them(small_disk, place):
    disk = small_disk(1)
    place.checkpoints.symlink_to(disk.path)
    with place.open() as store:
        put_forward(store, POLICY)
        fill(disk.path / "filler")
        late = look_on(store)()
        assert store.get(4).hash == late
        disk.grow()
        last = look_on(store)()

    check_whole(place, [late, last])
    kept = {read_checkpoint(path).n for path in place.checkpoints.glob("*.json")}
    assert 5 in kept
