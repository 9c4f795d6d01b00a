"""What people read, in their language: every sentence is looked up here by its English wording (gettext).

English is the source and needs no catalogue. A language is one file, ``rai_dash/locale/<code>.po``.

A result that is kept for everybody (a memo, a job, a case) is worked out in no language in particular: its sentences
are English ones that know how to be said again (`Again`), so that nobody reads what was said to somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
K = TypeVar("K")
#: Language of the sentences in the code.
SOURCE: Final = "en"
#: English that can be said again in another language: for results that are kept.
KEPT: Final = "en-x-kept"
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


class Again(str):
    """An English text that was made for everybody, and how to make it once more in another language."""

    __slots__ = ("make",)

    make: Callable[[], str]

    def __add__(self, other: str) -> str:
        """Join with what follows."""
        return again(f"{self}{other}", partial(_joined, self, other))

    def __radd__(self, other: str) -> str:
        """Join with what stands before."""
        return again(f"{other}{self}", partial(_joined, other, self))


def again(text: str, make: Callable[[], str]) -> str:
    """Return a text that can be said again.

    Parameters
    ----------
    text : str
        In English.
    make : callable
        Makes it once more, in the language that is spoken then.
    """
    made = Again(text)
    made.make = make
    return made


def _joined(*parts: str) -> str:
    return "".join(map(said, parts))


def sayable(function: Callable[P, str]) -> Callable[P, str]:
    """Let a function that writes something for people give it so that it can be said again where it is kept."""

    @wraps(function)
    def spoken_by(*args: P.args, **kwargs: P.kwargs) -> str:
        code = _LANGUAGE.get()
        if code == SOURCE:
            return function(*args, **kwargs)
        if code == KEPT:
            return again(function(*args, **kwargs), partial(spoken_by, *args, **kwargs))
        return _with_said(function, *args, **kwargs)

    return spoken_by


def _with_said(function: Callable[..., str], *args: object, **kwargs: object) -> str:
    """Call a function with what was kept said in the language that is spoken now."""
    return function(*map(_said_value, args), **{name: _said_value(value) for name, value in kwargs.items()})


def _said_value(value: object) -> object:
    return said(value) if isinstance(value, Again) else value


def said(text: str) -> str:
    """Say a text that may have been kept in the language that is spoken now; any other stays as it is."""
    return text.make() if isinstance(text, Again) and _LANGUAGE.get() not in {SOURCE, KEPT} else text


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
    code = _LANGUAGE.get()
    if code != SOURCE:
        return _one(code, message, values)
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
    code = _LANGUAGE.get()
    if code != SOURCE:
        return _counted(code, one, other, n, values)
    message = one if n == 1 else other
    return message.format(**values) if values else message


def all_of(messages: Mapping[K, str]) -> dict[K, str]:
    """Say each text of a table of marked ones."""
    return {key: tr(message) for key, message in messages.items()}


def mark(message: str) -> str:
    """Mark a constant for the catalogue; where it is shown it goes through `tr`."""
    return message


def _one(code: str, message: str, values: dict[str, object]) -> str:
    # Imported on use: English needs no catalogue.
    from rai_dash.core.catalogues import catalogue

    if code == KEPT:
        text = message.format(**values) if values else message
        return text if isinstance(message, Again) else again(text, partial(tr, message, **values))
    if isinstance(message, Again):
        return message.make()
    return _filled(catalogue(code).one(message), values)


def _counted(code: str, one: str, other: str, n: float, values: dict[str, object]) -> str:
    from rai_dash.core.catalogues import catalogue

    if code == KEPT:
        message = one if n == 1 else other
        text = message.format(**values) if values else message
        return again(text, partial(ntr, one, other, n, **values))
    return _filled(catalogue(code).counted(one, other, n), values)


def _filled(message: str, values: dict[str, object]) -> str:
    if not values:
        return message
    return message.format(**{name: _said_value(value) for name, value in values.items()})
