"""Which candidate somebody would rather sign, against which others, on what figures, and why in their own words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, StrictInt, model_validator

from rai_dash.core.errors import InvalidRecord
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import Code, Fingerprint, SealedText
from rai_dash.govern._desk_rules import check_rationale, tidy
from rai_dash.govern.journal import Journal, JournalBody, JournalEntry
from rai_dash.govern.living import Figure
from rai_dash.govern.people import AppRole, Person, require
from rai_dash.govern.store import Store

PREFIX: Final = "model:"
CHOSEN: Final = "model.chosen"


class Chosen(JournalBody):
    """One choice. ``living`` and ``version`` are null where the data are no version of a living test set."""

    data: Fingerprint
    living: Fingerprint | None
    version: Annotated[StrictInt, Field(ge=1)] | None
    rows: Annotated[StrictInt, Field(ge=1)]
    model: Fingerprint
    model_class: Code
    threshold: Annotated[float, Field(ge=0, le=1)]
    title: SealedText
    others: Annotated[tuple[Fingerprint, ...], Field(min_length=1)]
    figures: tuple[Figure, ...]
    reason: SealedText

    @model_validator(mode="after")
    def _fits(self) -> Chosen:
        if (self.living is None) != (self.version is None):
            msg = "a version goes with a living test set"
            raise ValueError(msg)
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAsked:
    """A candidate that is to be chosen.

    Parameters
    ----------
    data : str
        sha256 of the rows that the candidates were compared on.
    rows : int
    living : str or None
        Id of the living test set that they are a version of.
    version : int or None
    model, model_class, title : str
        The chosen one: sha256, favourable class and name.
    threshold : float
    others : tuple of str
        sha256 of those that were not chosen.
    figures : tuple of Figure
        The headline figures of the chosen one.
    """

    data: str
    rows: int
    living: str | None
    version: int | None
    model: str
    model_class: str
    title: str
    threshold: float
    others: tuple[str, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """A choice as it was recorded; a text is None where it was erased.

    Parameters
    ----------
    body : Chosen
    at : datetime
    by : Person or None
    title, reason : str or None
    """

    body: Chosen
    at: datetime
    by: Person | None
    title: str | None
    reason: str | None


class ChosenModels:
    """The choices of a store.

    Parameters
    ----------
    store : Store
    person : Person
    clock : callable, optional
        Gives the time with its zone.
    """

    def __init__(self, store: Store, person: Person, *, clock: Callable[[], datetime] | None = None) -> None:
        self._person = person
        self._journal = Journal(store, prefix=PREFIX, bodies={CHOSEN: Chosen}, clock=clock)

    def choose(self, asked: ModelAsked, reason: str) -> ModelChoice:
        """Record which model somebody would rather sign; a later choice on the same data takes its place.

        Parameters
        ----------
        asked : ModelAsked
        reason : str
            At least 20 words of their own.

        Raises
        ------
        NotAllowed
            For less than an analyst.
        InvalidRecord
            When the reason is too short, or a part is not accepted.
        """
        require(self._person, AppRole.ANALYST, "Choosing a model")
        text = tidy(reason, "reason")
        check_rationale(text)
        if asked.model in asked.others:
            msg = tr("The chosen model is among those it was chosen against. Compare it with another one.")
            raise InvalidRecord(msg)
        with self._journal.at_work(asked.living or asked.data, self._person) as work:
            entry = work.write(
                CHOSEN, data=asked.data, living=asked.living, version=asked.version, rows=asked.rows,
                model=asked.model, model_class=asked.model_class, threshold=asked.threshold,
                title=work.sealed(tidy(asked.title, "title")), others=list(asked.others),
                figures=[figure.model_dump() for figure in asked.figures], reason=work.sealed(text),
            )  # fmt: skip
            return _told(entry, work.texts)

    def choices(self, subjects: Collection[str]) -> list[ModelChoice]:
        """Return the choices about these data or living test sets, the newest first."""
        entries: Sequence[JournalEntry] = [
            e for subject in dict.fromkeys(subjects) for e in self._journal.entries(subject)
        ]
        texts = self._journal.texts(entries)
        return [_told(e, texts) for e in sorted(entries, key=lambda e: e.seq, reverse=True)]


def _told(entry: JournalEntry, texts: dict[str, str | None]) -> ModelChoice:
    body: Chosen = entry.body
    who = texts.get(entry.actor)
    return ModelChoice(
        body=body,
        at=entry.at,
        by=None if who is None else Person.of_text(who),
        title=texts.get(body.title.sealed),
        reason=texts.get(body.reason.sealed),
    )
