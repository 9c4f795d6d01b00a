"""One word of the trade."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from rai_dash.core.texts import tr
from rai_dash.core.words import capital


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of the trade, said for somebody who decides on loans and has not studied statistics.

    Parameters
    ----------
    key : str
        Its short name in code; a metric has the name of the metric.
    name : str
        As people say it.
    meaning : str
        One plain line, shown on hover.
    more : str
        What is worth knowing beside it.
    formula : str
        How it is computed, in words and signs; the same in every language.
    forms : str
        Further ways of writing it, with ``|`` between; the name is one of them.
    page : str
        Page of ``docs/`` that says more.

    Notes
    -----
    Texts are kept as the catalogue has them; `said`, `told` and `title` give them in the language that is spoken.
    """

    key: str
    name: str
    meaning: str
    more: str = ""
    formula: str = ""
    forms: str = ""
    page: str = ""

    @property
    def title(self) -> str:
        """The name as a heading."""
        return capital(tr(self.name))

    @property
    def said(self) -> str:
        """The meaning as a sentence: for a hover."""
        text = capital(tr(self.meaning))
        return text if text.endswith((".", "!", "?")) else f"{text}."

    @property
    def told(self) -> str:
        """The meaning with what is worth knowing beside it."""
        return f"{self.said} {tr(self.more)}" if self.more else self.said

    def stands_in(self, text: str) -> bool:
        """Whether a text says this word, in the language that is spoken."""
        return _pattern(tr(self.name), tr(self.forms) if self.forms else "").search(text) is not None


@lru_cache(maxsize=512)
def _pattern(name: str, forms: str) -> re.Pattern[str]:
    """Find any way of writing a word; short names in capitals only as they are, the others in any case."""
    written = [form for form in (name, *forms.split("|")) if form]
    parts = [
        re.escape(f) if f.isupper() else f"(?i:{re.escape(f)})"
        for f in sorted(written, key=len, reverse=True)
    ]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)")
