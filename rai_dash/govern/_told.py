"""Names and texts are kept beside the chain; this looks them up by the references that the chain holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.govern._bodies import SealedText
from rai_dash.govern.people import Person
from rai_dash.govern.sealed import ERASED


@dataclass(frozen=True, slots=True)
class Told:
    """The names and texts that are kept beside the chain, by reference; None = erased."""

    texts: Mapping[str, str | None]

    def person(self, ref: str) -> Person | None:
        """Return a person, without any right; None = erased."""
        text = self.texts.get(ref)
        return None if text is None else Person.of_text(text)

    def name(self, ref: str) -> str | None:
        """Return the name of a person; None = erased."""
        person = self.person(ref)
        return None if person is None else person.name

    def text(self, sealed: SealedText | None) -> str | None:
        """Return a text, or that it was erased; None where there never was one."""
        if sealed is None:
            return None
        text = self.texts.get(sealed.sealed)
        return ERASED if text is None else text

    def reason(self, sealed: SealedText) -> str:
        """Return a text that is always there, or that it was erased."""
        return self.text(sealed) or ERASED
