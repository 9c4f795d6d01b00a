"""What one file of the collection is, and how its refusal has to read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest

REMEDIES = re.compile(
    r"\b(add|ask|choose|close|convert|correct|delete|download|export|fetch|fill|fit|give|keep|load|make|name|open|"
    r"pack|put|remove|rename|repeat|replace|run|save|say|set|shorten|spread|start|train|try|turn|unpack|upload|use|write)\b",
    re.IGNORECASE,
)
PYTHON_NAME = re.compile(r"\b[A-Z][A-Za-z]+(Error|Exception)\b")
SERVER_PATH = re.compile(
    r"(?<![\w.])/(usr|home|root|tmp|var|opt|srv|proc|work|site-packages)\b|\.venv|\.py\b"
)
_LITERAL = re.compile(r"`[^`]*`")
_END = re.compile(r"[.?!](?= [A-Z`0-9]|$)")
MOST_SENTENCES, MOST_CHARACTERS = 3, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileFile:
    """One file that somebody might upload.

    Parameters
    ----------
    name : str
        What it is.
    danger : str
        Class of danger.
    build : callable
        Makes its bytes when they are needed.
    codes : frozenset of str
        Codes it may be refused with; empty = it is to be accepted.
    words : tuple of str
        What the refusal has to contain.
    shape : tuple of int
        Rows and columns of an accepted table.
    notices : tuple of str
        Codes of notices that an accepted file has to carry.
    slow : bool
        Whether it takes some seconds.
    """

    name: str
    danger: str
    build: Callable[[], bytes]
    codes: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()
    shape: tuple[int, int] = (0, 0)
    notices: tuple[str, ...] = ()
    slow: bool = False


#: Neighbours in a list are variants of each other: `make test` takes every fourth, `make test-slow` the others.
EVERY = 4


def params(files, every=EVERY):
    """Turn files into parameters of a test, named after themselves."""
    return [
        pytest.param(
            file,
            id=f"{file.danger}: {file.name}".replace("[", "(").replace("]", ")"),
            marks=[pytest.mark.slow] if i % every or file.slow else [],
        )
        for i, file in enumerate(files)
    ]


def refused(danger, name, build, codes, *words, slow=False):
    """Describe a file that is to be refused; ``codes`` are separated by blanks."""
    return HostileFile(
        name=name, danger=danger, build=build, codes=frozenset(codes.split()), words=words, slow=slow
    )


def accepted(danger, name, build, shape, *notices, slow=False):
    """Describe a file that is to be read."""
    return HostileFile(name=name, danger=danger, build=build, shape=shape, notices=notices, slow=slow)


def flaws(message):
    """List what is wrong with the wording of a refusal; file names and code of the reader's are left out."""
    bare = _LITERAL.sub("`x`", message)
    sentences = len(_END.findall(bare))
    checks = {
        f"{sentences} sentences": 1 <= sentences <= MOST_SENTENCES,
        "no full stop at the end": message.endswith("."),
        f"{len(message)} characters": len(message) <= MOST_CHARACTERS,
        "more than one line": "\n" not in message and message == message.strip(),
        "a traceback": "Traceback" not in message and 'File "' not in message,
        "a name of Python": PYTHON_NAME.search(message) is None,
        "a path of the server": SERVER_PATH.search(message) is None,
        "no remedy": REMEDIES.search(bare) is not None,
    }
    return [flaw for flaw, holds in checks.items() if not holds]
