"""Telling apart what the eye cannot: case, blanks, invisible characters, letters of another alphabet."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Final

_INVISIBLE: Final = frozenset({"Cc", "Cf"})
#: Cyrillic and Greek letters, as code points of their small forms, and the Latin letters they are drawn like.
_SMALL_TWINS: Final = {
    0x0430: "a", 0x0432: "b", 0x0435: "e", 0x043A: "k", 0x043C: "m", 0x043D: "h", 0x043E: "o", 0x0440: "p",
    0x0441: "c", 0x0442: "t", 0x0443: "y", 0x0445: "x", 0x0455: "s", 0x0456: "i", 0x0458: "j", 0x04BB: "h",
    0x0501: "d", 0x0131: "i", 0x03B1: "a", 0x03B2: "b", 0x03B5: "e", 0x03B6: "z", 0x03B7: "h", 0x03B9: "i",
    0x03BA: "k", 0x03BC: "m", 0x03BD: "n", 0x03BF: "o", 0x03C1: "p", 0x03C4: "t", 0x03C5: "y", 0x03C7: "x",
}  # fmt: skip
_TWINS: Final = {ord(chr(code).upper()): latin.upper() for code, latin in _SMALL_TWINS.items()} | _SMALL_TWINS


def _visible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) not in _INVISIBLE or c.isspace())


def _one_form(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _latin(text: str) -> str:
    return text.translate(_TWINS)


def _without_blanks(text: str) -> str:
    return "".join(text.split())


#: What is left out of a comparison, in this order.
_STEPS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("characters that cannot be seen", _visible),
    ("Unicode form", _one_form),
    ("case", str.casefold),
    ("letters of another alphabet", _latin),
    ("blanks", _without_blanks),
)


def _after(text: str, steps: Iterable[Callable[[str], str]]) -> str:
    return reduce(lambda done, step: step(done), steps, text)


def alike(text: str) -> str:
    """Reduce a text to what the eye tells apart.

    Parameters
    ----------
    text : str
        A name or a category.

    Returns
    -------
    str
        Without case, blanks and invisible characters, in one Unicode form, Latin letters for those of
        other alphabets that are drawn the same.

    Examples
    --------
    >>> alike("Loan  Amount") == alike("LOANAMOUNT")
    True
    """
    return _after(text, [step for _, step in _STEPS])


def difference(one: str, other: str) -> str:
    """Say in what two texts that look alike differ, to go behind "they differ in"."""
    needed = []
    for i, (what, _) in enumerate(_STEPS):
        rest = [step for j, (_, step) in enumerate(_STEPS) if j != i]
        if _after(one, rest) != _after(other, rest):
            needed.append(what)
    return " and ".join(needed) or "spelling"


def shown(text: str) -> str:
    """Write a text with its invisible characters and unusual blanks as codes."""
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in _INVISIBLE or (c.isspace() and c != " ") else c
        for c in text
    )
