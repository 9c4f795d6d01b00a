"""What can be asked of a table that stays where it is: counts by key and sums, plain values that travel as JSON.

A question says what to count; `rai_dash.data.portfolio.answering` says how, once for every engine.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rai_dash.core.types import Direction, ScoreScale


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Value(_Part):
    """The values of a column as they stand there; the door of labels reads them afterwards."""

    kind: Literal["value"] = "value"
    column: str


class Blank(_Part):
    """Whether the cell of a column is blank: 0 or 1. Infinite numbers and empty texts are blanks."""

    kind: Literal["blank"] = "blank"
    column: str


class Bin(_Part):
    """How many of some increasing edges are at most the number: 0 … len(edges), null = blank.

    Bin ``i`` is ``[edges[i - 1], edges[i])``.
    """

    kind: Literal["bin"] = "bin"
    column: str
    edges: tuple[float, ...]


class Grid(_Part):
    """The cell of the number on an even grid, ``floor((x - low) * per)`` within 0 … cells; null = blank.

    As fine a look as thousands of edges, for the price of a few: where cells begin says
    `rai_dash.data.portfolio.overview.starts_of`.
    """

    kind: Literal["grid"] = "grid"
    column: str
    low: float
    per: float = Field(gt=0.0)
    cells: int = Field(ge=1)


class Inside(_Part):
    """The number where it lies in one of some ranges ``[low, high)``, None = open; null elsewhere."""

    kind: Literal["inside"] = "inside"
    column: str
    spans: tuple[tuple[float | None, float | None], ...]


class Scale(_Part):
    """How a column of scores reads, see `rai_dash.core.types.ScoreScale`."""

    low: float = 0.0
    high: float = 1.0
    lower_is_better: bool = False

    @classmethod
    def of(cls, scale: ScoreScale) -> Scale:
        """Take over the stated scale of a score."""
        return cls(low=scale.low, high=scale.high, lower_is_better=scale.direction is Direction.LOWER)


class ScoreBin(_Part):
    """How many of some edges are at most the score, on its scale; null = no score.

    Without edges: the cell on the grid of thousandths, 0 … 1000.
    """

    kind: Literal["score_bin"] = "score_bin"
    column: str
    scale: Scale = Scale()
    edges: tuple[float, ...] = ()


class ScoreStep(_Part):
    """The step of the score, on its scale, on a grid that is fine beside 0 and 1 too; null = no score.

    Only the order of the numbers means something; see `rai_dash.data.portfolio.score_steps`.
    """

    kind: Literal["score_step"] = "score_step"
    column: str
    scale: Scale = Scale()
    steps: int = Field(ge=1, le=4096)


class Score(_Part):
    """The score itself, on its scale; null = no score."""

    kind: Literal["score"] = "score"
    column: str
    scale: Scale = Scale()


Key = Annotated[
    Value | Blank | Bin | Grid | Inside | ScoreBin | ScoreStep | Score, Field(discriminator="kind")
]


class Factor(_Part):
    """``(x - minus) ** power`` of a column of numbers; of a score where there is a scale.

    Parameters
    ----------
    power : int
        0 = 1 wherever the number is known: it keeps a sum to the rows with both of a pair.
    blank : float or None
        What a blank stands for; None = the whole product is left out of the sum.
    """

    column: str
    minus: float = 0.0
    power: int = Field(1, ge=0, le=4)
    scale: Scale | None = None
    blank: float | None = None


class Within(_Part):
    """Only rows whose number, or score, lies in ``[low, high)``; None = open."""

    kind: Literal["within"] = "within"
    column: str
    low: float | None = None
    high: float | None = None
    scale: Scale | None = None


class Tally(_Part):
    """Rows, and sums of products, by every combination of keys that occurs.

    Parameters
    ----------
    keys : tuple of Key
        Empty = all rows are one combination.
    sums : tuple of tuple of Factor
        A product each. Rows in which a factor is blank are left out of that sum.
    where : tuple of Within
        All must hold.
    ends : tuple of str
        Columns of numbers whose lowest and highest are wanted.
    most : int
        More combinations than this are refused: they would not stay few beside the rows.

    Notes
    -----
    The answer has one row a combination: ``k0, k1, …`` the keys, ``n`` rows, ``s0, s1, …`` the sums, ``m0, m1, …`` the
    rows in them, ``a0, a1, …`` the lowest and ``z0, z1, …`` the highest numbers.
    """

    keys: tuple[Key, ...] = ()
    sums: tuple[tuple[Factor, ...], ...] = ()
    where: tuple[Within, ...] = ()
    ends: tuple[str, ...] = ()
    most: int = 2_000_000


TALLY: TypeAdapter[Tally] = TypeAdapter(Tally)
