"""What people read, in their language: every sentence is looked up here by its English wording (gettext).

English is the source and needs no catalogue. A language is one file, ``rai_dash/locale/<code>.po``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

#: Language of the sentences in the code.
SOURCE: Final = "en"
_LANGUAGE: ContextVar[str] = ContextVar("language", default=SOURCE)


def language() -> str:
    """Return the code of the language that is spoken now, for example ``en``."""
    return _LANGUAGE.get()


def speak(code: str) -> None:
    """Speak a language from now on, in this thread or task."""
    _LANGUAGE.set(code)


@contextmanager
def spoken(code: str) -> Iterator[None]:
    """Speak a language within a block: what is hashed, signed or read by programs stays in `SOURCE`."""
    token = _LANGUAGE.set(code)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def tr(message: str, /, **values: object) -> str:
    """Say a sentence in the language that is spoken now.

    Parameters
    ----------
    message : str
        Its English wording: a literal, so that it is found for the catalogue. A value stands in it by its name in
        braces, ``{name}``.
    **values : object
        What is put in. Text from a file has been escaped for where it goes before.

    Examples
    --------
    >>> tr("{n} of {all} were approved", n="3", all="250")
    '3 of 250 were approved'
    """
    return message.format(**values) if values else message


def ntr(one: str, other: str, n: float, /, **values: object) -> str:
    """Say a sentence about how many, in the form that the language has for this number.

    Parameters
    ----------
    one, other : str
        English wordings for one and for any other number: literals.
    n : float
        How many.
    **values : object
        What is put in; ``n`` itself is not put in unless it is named here, as it is written.

    Examples
    --------
    >>> ntr("{n} row", "{n} rows", 2, n="2")
    '2 rows'
    """
    return tr(one if n == 1 else other, **values)


def mark(message: str) -> str:
    """Mark a constant for the catalogue; where it is shown it goes through `tr`."""
    return message
