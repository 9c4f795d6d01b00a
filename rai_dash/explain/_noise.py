"""Noise that belongs to a row: the same row gets the same noise wherever it stands, and whoever stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, MissingColumn
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.data.columns import is_number, numbers
from rai_dash.explain._linked_noise import Linked, linked_of
from rai_dash.explain._players import players_of

FloatArray = NDArray[np.float64]
Keys = NDArray[np.uint64]
#: From this share of zeros on, a zero of a numeric column means "has none" and stays a zero.
STRUCTURAL_ZEROS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Number:
    """How a numeric column is shaken."""

    sd: float
    low: float
    high: float
    is_whole: bool
    keeps_zero: bool

    @classmethod
    def of(cls, series: pd.Series) -> _Number | None:
        x = numbers(series)
        x = x[~np.isnan(x)]
        if not x.size:
            return None
        zeros = float((x == 0).mean())
        return cls(
            sd=float(x.std()), low=float(x.min()), high=float(x.max()),
            is_whole=bool((x == np.round(x)).all()), keeps_zero=STRUCTURAL_ZEROS <= zeros < 1.0,
        )  # fmt: skip

    def shake(self, series: pd.Series, eps: float, chance: FloatArray) -> pd.Series:
        """Add noise; the row's own value is always allowed, also beyond the training range."""
        from scipy.special import ndtri

        x = numbers(series)
        y = x + eps * self.sd * ndtri(chance)
        y = np.clip(y, np.fmin(self.low, x), np.fmax(self.high, x))
        if self.is_whole:
            y = np.where(x == np.round(x), np.round(y), y)
        keep = np.isnan(x) | (self.keeps_zero & (x == 0))
        y = np.where(keep, x, y)
        if series.dtype.kind in "iu":
            # Whole numbers beyond 2**53 are not held by a float: what did not move stays as it was.
            moved = y != x
            return series.where(~moved, pd.Series(y, index=series.index).round().astype(series.dtype))
        return pd.Series(y, index=series.index)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Category:
    """How a column of categories is shaken: ``values`` by name with their cumulative shares."""

    values: pd.Series
    ends: FloatArray

    @classmethod
    def of(cls, series: pd.Series) -> _Category | None:
        known = series.dropna()
        if known.empty:
            return None
        counts = known.value_counts()
        names = counts.index.astype(str)
        order = np.argsort(names.to_numpy(dtype=object), kind="stable")
        shares = counts.to_numpy(dtype=np.float64)[order]
        values = pd.Series(counts.index[order].to_numpy(dtype=object)).reset_index(drop=True)
        return cls(values=values, ends=np.cumsum(shares) / shares.sum())

    def shake(self, series: pd.Series, eps: float, chance: FloatArray, choice: FloatArray) -> pd.Series:
        """Draw again from the training shares with probability ``eps``; blanks stay."""
        drawn = (chance < eps) & series.notna().to_numpy()
        at = np.minimum(np.searchsorted(self.ends, choice[drawn], side="right"), len(self.ends) - 1)
        out = series.copy()
        out.iloc[np.flatnonzero(drawn)] = self.values.iloc[at].to_numpy()
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Noise:
    """What is known about each column, and about columns that move together, for shaking them; made by `noise_of`."""

    columns: dict[str, _Number | _Category]
    linked: tuple[tuple[Linked, _Number | None], ...] = ()

    def shaken(self, frame: pd.DataFrame, keys: Keys, *, eps: float, draw: int) -> pd.DataFrame:
        """Return the rows with one draw of noise.

        Parameters
        ----------
        frame : DataFrame (n, columns)
            Rows; columns without training values stay as they are.
        keys : uint64 (n,)
            From `row_keys`.
        eps : float
            Standard deviations of numbers, probability for categories; in [0, 1].
        draw : int
            Which draw.
        """
        if not 0.0 <= eps <= 1.0:
            msg = tr("Noise is between 0 and 1, got {eps}. Give for example 0.05 for 5 %.", eps=f"{eps:g}")
            raise InvalidChoice(msg)
        out = {}
        for name, series in frame.items():
            how = self.columns.get(str(name))
            if how is None or eps == 0.0:
                out[name] = series
                continue
            seed = _number_of((str(name), float(eps), draw))
            chance = _uniform(keys, seed)
            if isinstance(how, _Number):
                out[name] = how.shake(series, eps, chance)
            else:
                out[name] = how.shake(series, eps, chance, _uniform(keys, seed + 1))
        for together, number in self.linked if eps else ():
            out |= self._together(frame, keys, together, number, eps=eps, draw=draw)
        return pd.DataFrame(out, index=frame.index)

    def _together(
        self,
        frame: pd.DataFrame,
        keys: Keys,
        linked: Linked,
        number: _Number | None,
        *,
        eps: float,
        draw: int,
    ) -> dict[object, pd.Series]:
        seed = _number_of((list(linked.columns), float(eps), draw))
        chance = _uniform(keys, seed)
        if number is None:
            found = linked.drawn(frame, eps, chance, _uniform(keys, seed + 1))
        else:
            found = linked.follow(frame, number.shake(frame[str(linked.lead)], eps, chance))
        return dict(found.items())


def noise_of(
    training: pd.DataFrame, *, fixed: Sequence[str] = (), linked: Sequence[Sequence[str]] = ()
) -> Noise:
    """Learn from training rows what usual values are.

    Numbers get ``N(0, (eps sd)²)``, rounded where all training values are whole, and clipped to the training range. In
    columns where a fifth or more of the training values are 0, a 0 stays. Categories are drawn from the training
    shares with probability ``eps``, the same one included. Blanks stay.

    Other columns are shaken one by one: without ``linked`` a degree and its years may come to disagree.

    Parameters
    ----------
    training : DataFrame (m, columns)
        The model's columns.
    fixed : sequence of str
        Columns that stay as they are, and with them what is linked to one of them.
    linked : sequence of sequences of str
        Columns that move together, to combinations that training rows hold, such as those of `linked_columns`. A set
        with categories is drawn anew as one category; in a set of numbers the one with the most values gets the noise,
        and all of them go to the nearest value of it that was seen.

    Raises
    ------
    MissingColumn
        A fixed or linked column that does not exist.
    InvalidChoice
        A column in two linked sets.
    """
    together = [name for block in linked for name in block]
    for name, what in [(n, tr("keep fixed")) for n in fixed] + [
        (n, tr("move with others")) for n in together
    ]:
        if name not in training.columns:
            msg = tr(
                "There is no column {name} to {what}. Choose one of the model's columns.",
                name=f"{name!r}",
                what=what,
            )
            raise MissingColumn(msg)
    players_of([str(c) for c in training.columns], linked)
    columns: dict[str, _Number | _Category] = {}
    for name in training.columns:
        how: _Number | _Category | None = (
            _Number.of(training[name]) if is_number(training[name]) else _Category.of(training[name])
        )
        if how is not None and name not in {*fixed, *together}:
            columns[str(name)] = how
    sets = [linked_of(training, block) for block in linked if not set(block) & set(fixed)]
    return Noise(
        columns=columns,
        linked=tuple((s, _Number.of(training[s.lead]) if s.lead else None) for s in sets if s is not None),
    )


def row_keys(frame: pd.DataFrame, ids: Sequence[object] | None = None) -> Keys:
    """Return one number a row, uint64 (n,), from its id or else from its content.

    Without ids, rows that are alike get the same noise; the order of rows and of columns does not matter.
    """
    if ids is not None:
        return np.array([_number_of(str(one)) for one in ids], dtype=np.uint64)
    keys = np.zeros(len(frame), dtype=np.uint64)
    for name, series in frame.items():
        plain = pd.Series(numbers(series)) if is_number(series) else series.astype(object)
        hashed = pd.util.hash_pandas_object(plain, index=False, categorize=True).to_numpy()
        seed = np.full(len(frame), _number_of(str(name)), dtype=np.uint64)
        keys += _mixed(np.add(hashed, seed, dtype=np.uint64))
    return keys


def _number_of(value: object) -> int:
    """Turn a small value into 63 fixed bits."""
    return int(fingerprint_value(value)[:16], 16) >> 1


def _mixed(x: Keys) -> Keys:
    """Scramble the bits of numbers one by one (the finaliser of SplitMix64).

    References
    ----------
    Steele, G. L., Lea, D., Flood, C. H. (2014). Fast splittable pseudorandom number generators. OOPSLA, 453-472.
    """
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _uniform(keys: Keys, seed: int) -> FloatArray:
    """Return one uniform number a key, strictly between 0 and 1."""
    start = np.full(keys.shape, seed, dtype=np.uint64)
    bits = _mixed(_mixed(keys + start) + start) >> np.uint64(12)
    found: FloatArray = (bits.astype(np.float64) + 0.5) * 2.0**-52
    return found
