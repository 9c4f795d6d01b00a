"""What the ledger holds about living test sets, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from rai_dash.govern._bodies import Code, Fingerprint, SealedText
from rai_dash.govern.journal import JournalBody, JournalEntry

PREFIX: Final = "living:"
STARTED, GROWN, RESULT = "living.started", "living.grown", "model.result"
#: What needs a role, as the beginning of a sentence.
GROWING: Final = "Growing the living test set"
#: Where rows come from.
Source = Literal["upload", "review"]
_Rows = Annotated[StrictInt, Field(ge=0)]


class Figure(BaseModel):
    """One number of a model on a version; null = undefined. ``k`` of ``n`` where it is a share of rows."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    metric: Code
    value: float | None
    low: float | None = None
    high: float | None = None
    k: float | None = None
    n: float | None = None


class Started(JournalBody):
    """A data set became a living test set: version 1."""

    data: Fingerprint
    roles: Fingerprint
    rows: _Rows
    title: SealedText


class Grown(JournalBody):
    """Rows joined; ``parent`` is the data of the version before."""

    version: Annotated[StrictInt, Field(ge=2)]
    data: Fingerprint
    parent: Fingerprint
    rows: _Rows
    offered: _Rows
    added: Annotated[StrictInt, Field(ge=1)]
    twice: _Rows
    clashing: _Rows
    without_outcome: _Rows
    source: Source
    note: SealedText | None


class Result(JournalBody):
    """How a model did on a version, at a threshold."""

    version: Annotated[StrictInt, Field(ge=1)]
    data: Fingerprint
    model: Fingerprint
    model_class: Code
    threshold: Annotated[float, Field(ge=0, le=1)]
    figures: tuple[Figure, ...]


BODIES: Final[dict[str, type[JournalBody]]] = {STARTED: Started, GROWN: Grown, RESULT: Result}


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingVersion:
    """One version.

    Parameters
    ----------
    number : int
        From 1.
    data : str
        sha256 of its rows.
    rows, added : int
        Rows it has, and those that joined with it.
    parent : int
        Number of the version that they joined; 0 for the first.
    source : str
        ``"case"`` for the first, else ``"upload"`` or ``"review"``.
    at : datetime
    actor : str
        Reference of whoever let them in.
    left_out : int
        Offered rows that did not join.
    note : str or None
        Reference of what they said about it.
    """

    number: int
    data: str
    rows: int
    added: int
    parent: int
    source: str
    at: datetime
    actor: str
    left_out: int = 0
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingSet:
    """A living test set as its entries tell.

    Parameters
    ----------
    id : str
        sha256 of the first version.
    title : str
        Reference of its name.
    versions : tuple of LivingVersion
    results : tuple of Result
        Figures of the models, in the order they were recorded.
    """

    id: str
    title: str
    versions: tuple[LivingVersion, ...]
    results: tuple[Result, ...]

    @property
    def latest(self) -> LivingVersion:
        """The newest version."""
        return self.versions[-1]

    def version_of(self, data: str) -> LivingVersion | None:
        """Return the version with this sha256; None = it is none of them."""
        return next((v for v in self.versions if v.data == data), None)

    def results_of(self, model: str) -> tuple[Result, ...]:
        """Return the figures of a model by version."""
        return tuple(sorted((r for r in self.results if r.model == model), key=lambda r: r.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """Figures of a model that are to be recorded.

    Parameters
    ----------
    model, model_class : str
        sha256 of the model, and its class that is favourable.
    threshold : float
    figures : tuple of Figure
    """

    model: str
    model_class: str
    threshold: float
    figures: tuple[Figure, ...]


def living_set(entries: Iterable[JournalEntry]) -> LivingSet:
    """Read a set off its entries, of one subject and in their order."""
    versions: list[LivingVersion] = []
    results: list[Result] = []
    title = subject = ""
    for entry in entries:
        body = entry.body
        if isinstance(body, Started):
            subject, title = entry.subject, body.title.sealed
            versions.append(
                _version(entry, 1, body.data, body.rows, added=body.rows, parent=0, source="case")
            )
        elif isinstance(body, Grown):
            note = None if body.note is None else body.note.sealed
            parent = next((v.number for v in versions if v.data == body.parent), 0)
            versions.append(
                _version(
                    entry, body.version, body.data, body.rows, added=body.added, parent=parent, source=body.source,
                    left_out=body.offered - body.added, note=note,
                )
            )  # fmt: skip
        else:
            results.append(body)
    return LivingSet(id=subject, title=title, versions=tuple(versions), results=tuple(results))


def _version(
    entry: JournalEntry,
    number: int,
    data: str,
    rows: int,
    *,
    added: int,
    parent: int,
    source: str,
    left_out: int = 0,
    note: str | None = None,
) -> LivingVersion:
    return LivingVersion(
        number=number, data=data, rows=rows, added=added, parent=parent, source=source, at=entry.at, actor=entry.actor,
        left_out=left_out, note=note,
    )  # fmt: skip
