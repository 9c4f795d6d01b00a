"""One change between two policies, and how it is put into words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rai_dash.core.words import points
from rai_dash.govern.policy_words import amount_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that is not as it was.

    Parameters
    ----------
    where : str
        ``title``, ``environment``, ``validity``, ``monitoring``, ``data``, ``model``, ``score``, ``code``, ``band``,
        ``conditions``, ``costs``, ``reviewer``, ``workload``, ``limits``, ``harm``, ``figures``, ``people``,
        ``groups``, ``gaps``, ``guarantee``, ``alternatives``, ``warnings`` or ``other``.
    words : str
        One sentence.
    before, after : str or None
        The value in words; None = it was, or is, not there.
    """

    where: str
    words: str
    before: str | None
    after: str | None


def told(
    where: str, label: str, before: str | None, after: str | None, *, more: str = ""
) -> Iterator[Change]:
    """Yield a change where there is one; ``more`` is said after the two values, and is a change by itself."""
    if before == after and not more:
        return
    if before is None:
        words = f"{label}: new, {after}."
    elif after is None:
        words = f"{label}: gone, it was {before}."
    else:
        words = f"{label}: {before} before, {after} now{more}."
    yield Change(where=where, words=words, before=before, after=after)


def came_and_went(where: str, label: str, before: Iterable[str], after: Iterable[str]) -> Iterator[Change]:
    """Yield what is only in one of two lists."""
    was, now = list(before), list(after)
    for text in now:
        if text not in was:
            yield Change(where=where, words=f"{label}, new: {text}", before=None, after=text)
    for text in was:
        if text not in now:
            yield Change(where=where, words=f"{label}, gone: {text}", before=text, after=None)


def moved_words(difference: float | None) -> str:
    """Write how far a share moved, in brackets; nothing where it did not, or where one end is open."""
    if not difference:
        return ""
    # A move too small for one decimal is told without its side.
    return f" ({points(difference, signed=abs(difference) >= 0.0005)})"


def listing(names: Iterable[str]) -> str | None:
    """Write names in a row; None for none."""
    return ", ".join(names) or None


def amount_of(part: object | None, name: str) -> str | None:
    """Write an amount that a part holds; None where there is no part or no amount."""
    value = None if part is None else getattr(part, name)
    return None if value is None else amount_words(value)


def yes_words(answer: object) -> str:
    """Write yes or no."""
    return "yes" if answer else "no"
