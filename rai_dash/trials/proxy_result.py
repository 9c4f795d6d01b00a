"""What is known about the proxies of a sensitive column."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Final

from rai_dash.core.types import Estimate

#: A group with fewer rows is named and left out.
FEWEST: Final = 30
ALPHA: Final = 0.05
GUESSING: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """What one column says about the groups.

    Parameters
    ----------
    name : str
        The column.
    share : float
        Its part of all mean |SHAP| values (log-odds) of the columns together; NaN = nothing was learned.
    auc : Estimate
        How well it alone tells the groups apart.
    adjusted_p : float
        One-sided p-value against guessing, adjusted by Holm for all columns tried.
    """

    name: str
    share: float
    auc: Estimate
    adjusted_p: float

    @property
    def is_shown(self) -> bool:
        """Whether the test shows that the column alone is better than guessing."""
        return self.adjusted_p <= ALPHA


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxies:
    """How well the other columns together, and each alone, tell the groups of one column apart.

    Parameters
    ----------
    column : str
        The sensitive column.
    groups : tuple of str (groups,)
        Groups that are told apart, with ``sizes`` rows.
    small : tuple of str
        Groups left out for fewer than `FEWEST` rows; an AUC of theirs is undefined.
    auc : Estimate
        Of two groups, or the mean over the groups of each against the rest.
    by_group : tuple of Estimate (groups,)
        Each against the rest.
    carriers : tuple of Carrier
        Every column that was used, the largest share first.
    recipe : str
        What was trained, in words.
    rows, of_rows : int
        Rows that were used, and rows of the table.
    explained : int
        Rows behind the shares.
    folds, seed : int
        Of the cross-validation.
    copies : int
        Used rows that repeat another in every column of the table.
    by_id : bool
        Whether ids repeat; all rows of one id are then in one fold.
    """

    column: str
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    small: tuple[str, ...]
    auc: Estimate
    by_group: tuple[Estimate, ...]
    carriers: tuple[Carrier, ...]
    recipe: str
    rows: int
    of_rows: int
    explained: int
    folds: int
    seed: int
    copies: int
    by_id: bool

    @property
    def is_shown(self) -> bool:
        """Whether the groups are told apart better than by guessing: the whole interval is above 0.5."""
        if self.auc.low is None:
            return self.auc.value == 1.0
        return self.auc.low > GUESSING

    def to_json(self) -> dict[str, object]:
        """Return plain values; an undefined share is None."""
        carriers = [
            asdict(c) | {"share": None if math.isnan(c.share) else c.share, "shown": c.is_shown}
            for c in self.carriers
        ]
        return asdict(self) | {"carriers": carriers, "shown": self.is_shown}
