"""Catalogues of languages: one reviewed gettext file each, English with the numbers of a region, a pseudo-locale."""

from __future__ import annotations

import gettext
import io
import math
import re
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Final, Protocol

from rai_dash.core.pseudo import PSEUDO, pseudo
from rai_dash.core.texts import KEPT, SOURCE

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages.catalog import Catalog, Message

FOLDER = Path(__file__).resolve().parents[1] / "locale"
#: English with the numbers and dates of a region, beside those of `SOURCE`.
REGIONS: Final = ("en-IN", "en-ZA")
#: What the browsers of those say who read English as it stands here.
_PLAIN: Final = frozenset({SOURCE, "en-US", "en-GB"})
_REVIEWED = re.compile(r'^"X-Reviewed-By:\s*(?=\S)(?!\\n)', flags=re.MULTILINE)
#: Whole numbers among which one is looked for that a language counts like a fraction.
_EXAMPLES = 200
#: Stands for a number that is not known.
_MANY = 100


class Spoken(Protocol):
    """What says a message in one language."""

    def one(self, message: str) -> str:
        """Say a message."""

    def counted(self, one: str, other: str, n: float) -> str:
        """Say a message about how many."""


class _English:
    """English: the messages as they stand."""

    def one(self, message: str) -> str:
        """Return the message."""
        return message

    def counted(self, one: str, other: str, n: float) -> str:
        """Return the form for a number."""
        return one if n == 1 else other


class _Pseudo(_English):
    """English in disguise, to find what is not said through a catalogue."""

    def one(self, message: str) -> str:
        """Disguise a message."""
        return pseudo(message)

    def counted(self, one: str, other: str, n: float) -> str:
        """Disguise the form for a number."""
        return pseudo(super().counted(one, other, n))


class _Translated:
    """A language of a reviewed file."""

    def __init__(self, code: str) -> None:
        from babel import Locale

        catalog = read(FOLDER / f"{code}.po")
        self._locale = Locale.parse(code, sep="-")
        self._texts = _compiled(catalog)

    def one(self, message: str) -> str:
        """Translate a message; what the file does not have stays English."""
        # The empty message is the head of the file.
        return self._texts.gettext(message) if message else message

    def counted(self, one: str, other: str, n: float) -> str:
        """Translate a message in the form for a number."""
        return self._texts.ngettext(one, other, _whole(abs(n), self._locale) if math.isfinite(n) else _MANY)


def _whole(n: float, locale: Locale) -> int:
    """Return a whole number that the language counts like ``n``: gettext knows no others."""
    if n == int(n):
        return int(n)
    wanted = locale.plural_form(n)
    return next((i for i in range(_EXAMPLES) if locale.plural_form(i) == wanted), 2)


def read(path: Path) -> Catalog:
    """Read a catalogue file, without what must not be shown.

    Left out are messages marked ``fuzzy``, and those that do not have the fields of the English ones. A file without
    the name of a reviewer in its header ``X-Reviewed-By`` comes back empty.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    text = path.read_text(encoding="utf-8")
    if not is_reviewed(text):
        return Catalog(locale=path.stem.replace("-", "_"))
    catalog = read_po(io.StringIO(text), locale=path.stem.replace("-", "_"))
    for message in list(catalog):
        if message.id and (message.fuzzy or not _fits(message)):
            catalog.delete(message.id, message.context)
    return catalog


def is_reviewed(text: str) -> bool:
    """Whether a catalogue file names who reviewed it."""
    return _REVIEWED.search(text.split("\n\n", 1)[0]) is not None


def fields(message: str) -> set[str]:
    """Return the names in braces; what is no plain name is returned as it stands.

    Examples
    --------
    >>> sorted(fields("{n} of {all}, 100 {{%}}"))
    ['all', 'n']
    """
    found = [(name, spec, kind) for _, name, spec, kind in Formatter().parse(message) if name is not None]
    return {name + (f":{spec}" if spec else "") + (f"!{kind}" if kind else "") for name, spec, kind in found}


def _fits(message: Message) -> bool:
    """Whether every form has the fields of the English: each, or for one that stands for a number all but that."""
    forms, sources = _listed(message.string), _listed(message.id)
    if not any(forms):
        return False
    try:
        wanted = [fields(source) for source in sources]
        given = [fields(form) for form in forms]
    except ValueError:
        # A brace that is no field: then it has to be left alone by the translation as well.
        return False
    return all(any(one == other for other in wanted) for one in given)


def _listed(held: object) -> list[str]:
    """Return the forms of one side of a message: one, or one for each number."""
    return [str(form or "") for form in (held if isinstance(held, tuple | list) else (held,))]


def _compiled(catalog: Catalog) -> gettext.GNUTranslations:
    """Let the standard library look up and count: it knows the plural rules of the file."""
    from babel.messages.mofile import write_mo

    held = io.BytesIO()
    write_mo(held, catalog)
    held.seek(0)
    return gettext.GNUTranslations(held)


@lru_cache(maxsize=64)
def catalogue(code: str) -> Spoken:
    """Return what says messages in a language; a language without a reviewed file is English."""
    if code == PSEUDO:
        return _Pseudo()
    return _Translated(code) if code in translated() else _English()


@lru_cache(maxsize=1)
def translated() -> tuple[str, ...]:
    """Return the codes of the languages that have a reviewed file."""
    found = sorted(FOLDER.glob("*.po"))
    return tuple(path.stem for path in found if is_reviewed(path.read_text(encoding="utf-8")))


def offered() -> tuple[str, ...]:
    """Return the codes of what people may choose."""
    return (SOURCE, *REGIONS, *translated())


def best(wanted: str | None) -> str:
    """Return the language for somebody whose browser asks for one: theirs if there is one, else English.

    Examples
    --------
    >>> best("en-GB"), best("en-IN"), best(None)
    ('en', 'en', 'en')
    """
    code = wanted or SOURCE
    known = {name.lower(): name for name in translated()}
    parts = code.lower().split("-")
    return next((known[t] for i in range(len(parts), 0, -1) if (t := "-".join(parts[:i])) in known), SOURCE)


def has_plain_numbers(code: str) -> bool:
    """Whether numbers and dates are written as in the source."""
    return code in _PLAIN or code in {PSEUDO, KEPT}


def name_of(code: str) -> str:
    """Say a language in itself, and what its numbers look like.

    Examples
    --------
    >>> name_of("en"), name_of("en-ZA")
    ('English', 'English (South Africa)')
    """
    from babel import Locale

    if code == PSEUDO:
        return pseudo("Pseudo")
    name = Locale.parse(code, sep="-").display_name or code
    return name[:1].upper() + name[1:]
