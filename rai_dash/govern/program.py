"""The program that counted: its version, its source, and the libraries under it."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import StringConstraints

from rai_dash.govern._signed import Fingerprint, Name, Signed

#: What may change a figure when its version changes.
LIBRARIES: Final = (
    "numpy", "pandas", "scikit-learn", "scipy", "xgboost", "lightgbm", "onnxruntime", "skops", "shap",
)  # fmt: skip
#: Distributions that bring the same library under another name.
_ALSO_CALLED: Final = {"xgboost": ("xgboost-cpu",)}
#: What the program is made of; notes and tests beside it change no figure.
_FILES: Final = ("app.py", "pages", "rai_dash", "requirements.txt", "pyproject.toml")
_PATIENCE_S: Final = 10.0
_ROOT: Final = Path(__file__).resolve().parents[2]
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]


class Program(Signed):
    """The program that counted.

    Parameters
    ----------
    version : str
        Of this package.
    git : str or None
        Commit of the checkout it ran from; None = it did not run from one.
    dirty : bool or None
        Whether files of the checkout differed from that commit; None = not known.
    lockfile_sha256 : str or None
        Of the requirements.txt beside the package; None = there is none.
    python : str
        Version of Python.
    libraries : mapping of str to str
        Versions of `LIBRARIES`; those not installed are left out.
    """

    version: Name
    git: Commit | None = None
    dirty: bool | None = None
    lockfile_sha256: Fingerprint | None = None
    python: Name
    libraries: Mapping[Name, Name]

    @classmethod
    def here(cls) -> Self:
        """Describe the program that runs, as it was when it was first asked: the code in memory is that of then."""
        return cls.at(_ROOT)

    @classmethod
    def at(cls, root: Path) -> Self:
        """Describe the program that runs, with its checkout and lock file in a folder."""
        return cls.model_validate(_described(root))


@lru_cache(maxsize=4)
def _described(root: Path) -> dict[str, object]:
    lock = root / "requirements.txt"
    commit = git_commit(root)
    return {
        "version": version("rai-dash"),
        "git": commit,
        "dirty": None if commit is None else git_is_dirty(root),
        "lockfile_sha256": hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else None,
        "python": platform.python_version(),
        "libraries": {name: found for name in LIBRARIES if (found := _version_of(name)) is not None},
    }


def _version_of(library: str) -> str | None:
    for name in (library, *_ALSO_CALLED.get(library, ())):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return None


def git_commit(root: Path) -> str | None:
    """Read the commit of a checkout from its files; None where the folder is no checkout."""
    folder = _git_folder(root)
    if folder is None:
        return None
    head = _text(folder / "HEAD")
    if not head.startswith("ref: "):
        return head or None
    name = head.removeprefix("ref: ").strip()
    # A linked worktree keeps its branches in the folder of the checkout it belongs to.
    shared = folder / (_text(folder / "commondir") or ".")
    for place in (folder, shared):
        if found := _text(place / name):
            return found
    packed = (line.split() for line in _text(shared / "packed-refs").splitlines())
    return next((parts[0] for parts in packed if len(parts) == 2 and parts[1] == name), None)


def _git_folder(root: Path) -> Path | None:
    place = root / ".git"
    if place.is_dir():
        return place
    link = _text(place)
    return root / link.removeprefix("gitdir: ") if link.startswith("gitdir: ") else None


def _text(path: Path) -> str:
    """Read a small file; empty where there is none."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""


def git_is_dirty(root: Path) -> bool | None:
    """Ask git whether the files of the program differ from the commit; None where git cannot say.

    What differs can only be told by hashing every file as git does, so that git itself is asked, where it is there.
    """
    git = shutil.which("git")
    if git is None:
        return None
    command = [
        git,
        "-c",
        "core.fsmonitor=false",
        "--no-optional-locks",
        "status",
        "--porcelain",
        "--",
        *_FILES,
    ]
    # Run from a hook, git would be pointed to another checkout.
    own = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603 - git by its full path, arguments are constants
            command, cwd=root, env=own, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return bool(done.stdout.strip()) if done.returncode == 0 else None
