from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

import pytest

from rai_dash.govern import program
from rai_dash.govern.program import LIBRARIES, Program, git_commit, git_is_dirty

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *who, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "checkout"
    root.mkdir()
    git(root, "init", "-q", "-b", "main/with-slash")
    (root / "app.py").write_text("1\n")
    (root / "notes.md").write_text("1\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    return root


def test_the_program_that_runs_is_described(repo):
    found = Program.here()

    lock = repo / "requirements.txt"
    assert found.lockfile_sha256 == hashlib.sha256(lock.read_bytes()).hexdigest()
    assert found.python == platform.python_version()
    assert found.version == metadata.version("rai-dash")
    assert found.libraries["numpy"] == metadata.version("numpy")
    assert set(found.libraries) <= set(LIBRARIES)
    assert "xgboost" in found.libraries


def test_an_installed_package_has_no_checkout_and_no_lock(tmp_path):
    found = Program.at(tmp_path)

    assert (found.git, found.dirty, found.lockfile_sha256) == (None, None, None)


def test_a_library_that_is_not_installed_is_left_out(tmp_path, monkeypatch):
    def version(name: str) -> str:
        if name in {"shap", "xgboost"}:
            raise metadata.PackageNotFoundError(name)
        return f"{name} 1"

    monkeypatch.setattr(program, "version", version)
    libraries = Program.at(tmp_path / "elsewhere").libraries

    assert set(libraries) == set(LIBRARIES) - {"shap"}
    assert libraries["xgboost"] == "xgboost-cpu 1"


@needs_git
@pytest.mark.parametrize("way", ["branch", "packed", "detached"])
def test_the_commit_is_the_one_git_names(checkout, way):
    if way == "packed":
        git(checkout, "pack-refs", "--all")
    if way == "detached":
        git(checkout, "checkout", "-q", "--detach")

    assert git_commit(checkout) == git(checkout, "rev-parse", "HEAD")


@needs_git
def test_a_linked_worktree_has_its_own_commit(checkout, tmp_path):
    linked = tmp_path / "linked"
    git(checkout, "worktree", "add", "-q", "-b", "other", str(linked))
    (linked / "app.py").write_text("2\n")
    git(linked, "commit", "-q", "-a", "-m", "two")

    assert git_commit(linked) == git(linked, "rev-parse", "HEAD") != git_commit(checkout)


@needs_git
def test_a_checkout_without_a_commit_has_none(tmp_path):
    git(tmp_path, "init", "-q")

    assert git_commit(tmp_path) is None


@needs_git
@pytest.mark.parametrize(
    ("name", "is_dirty"), [("app.py", True), ("rai_dash/new.py", True), ("notes.md", False), (None, False)]
)
def test_only_files_of_the_program_make_it_dirty(checkout, name, is_dirty):
    if name is not None:
        (checkout / name).parent.mkdir(exist_ok=True)
        (checkout / name).write_text("changed\n")

    assert git_is_dirty(checkout) is is_dirty


@needs_git
def test_the_environment_of_a_hook_does_not_lead_to_another_checkout(checkout, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))

    assert git_is_dirty(checkout) is False


def test_without_git_nothing_is_said_about_changes(tmp_path, monkeypatch):
    monkeypatch.setattr(program.shutil, "which", lambda _: None)

    assert git_is_dirty(tmp_path) is None


@needs_git
def test_where_git_cannot_say_nothing_is_said(tmp_path):
    assert git_is_dirty(tmp_path) is None
