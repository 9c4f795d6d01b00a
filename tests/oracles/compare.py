"""Comparisons with an independent number, and the plain counts that say where a rate exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.oracles.cases import Real

EXACT = 1e-12
WEIGHTED = 1e-9


def assert_close(ours: float | None, expected: float, tolerance: float, *what: object) -> None:
    """Say which number is wrong, by how much and against what."""
    assert ours is not None, f"{what}: undefined, expected {expected!r}"
    assert abs(ours - expected) <= tolerance, f"{what}: {ours!r}, expected {expected!r}"


@dataclass(frozen=True)
class Part:
    """The rows of one group, with 0/1 decisions."""

    label: NDArray[np.int64]
    decision: NDArray[np.int64]
    score: NDArray[np.float64]
    weight: NDArray[np.float64]

    @property
    def sizes(self) -> dict[str, int]:
        """Return the four denominators and the number of rows."""
        good, yes = int(self.label.sum()), int(self.decision.sum())
        n = self.label.size
        return {"P": good, "N": n - good, "PP": yes, "PN": n - yes, "n": n}

    @property
    def has_all(self) -> bool:
        """Whether all four denominators are positive."""
        return all(self.sizes.values())

    def defined(self, metric: str) -> bool:
        """Whether a metric exists for these rows."""
        sizes = self.sizes
        if metric == "f1":
            return sizes["P"] + sizes["PP"] > 0
        if metric == "calibration_slope":
            good, bad = self.score[self.label == 1], self.score[self.label == 0]
            has_both = bool(good.size and bad.size)
            return has_both and good.max() > bad.min() and bad.max() > good.min()
        return all(sizes[size] for size in NEEDS[metric])


#: The denominators that a metric needs.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "selection_rate": ("n",),
    "base_rate": ("n",),
    "accuracy": ("n",),
    "recall": ("P",),
    "fnr": ("P",),
    "fpr": ("N",),
    "tnr": ("N",),
    "precision": ("PP",),
    "fdr": ("PP",),
    "npv": ("PN",),
    "for_rate": ("PN",),
    "balanced_accuracy": ("P", "N"),
    "auc": ("P", "N"),
    "calibration_intercept": ("P", "N"),
    "brier": ("n",),
    "mean_score": ("n",),
}
#: Metrics whose gap is reported.
COMPARED = ("selection_rate", "recall", "precision", "fpr", "fnr", "accuracy", "base_rate")
EVERY_METRIC = (*NEEDS, "f1", "calibration_slope")


def parts_of(
    real: Real, columns: tuple[str, ...], groups: tuple[str, ...], threshold: float
) -> Iterator[tuple[int, str, Part]]:
    """Yield position, name and rows of each group; no columns = everyone."""
    decision = (real.score >= threshold).astype(np.int64)
    rows = real.rows(columns) if columns else {groups[0]: np.arange(real.label.size)}
    for position, group in enumerate(groups):
        at = rows.get(group, np.empty(0, np.intp))
        yield position, group, Part(real.label[at], decision[at], real.score[at], real.weight[at])


def counted(metric: str, part: Part) -> tuple[float, float]:
    """Return numerator and denominator of a share of rows, by plain masks."""
    y, d = part.label == 1, part.decision == 1
    numerator, denominator = {
        "selection_rate": (d, y | ~y),
        "base_rate": (y, y | ~y),
        "accuracy": (y == d, y | ~y),
        "recall": (y & d, y),
        "fnr": (y & ~d, y),
        "fpr": (~y & d, ~y),
        "tnr": (~y & ~d, ~y),
        "precision": (y & d, d),
        "fdr": (~y & d, d),
        "npv": (~y & ~d, ~d),
        "for_rate": (y & ~d, ~d),
    }[metric]
    return float(numerator.sum()), float(denominator.sum())


def effective(metric: str, part: Part) -> tuple[float, float]:
    """Return weighted share and Kish's size of the rows in the denominator of a share."""
    y, d = part.label == 1, part.decision == 1
    of = {"selection_rate": (d, y | ~y), "recall": (y & d, y), "precision": (y & d, d), "fpr": (~y & d, ~y)}
    hit, base = of[metric]
    w = part.weight[base]
    return float(part.weight[hit].sum() / w.sum()), float(w.sum() ** 2 / (w**2).sum())


def everyone_but(parts: list[Part], position: int) -> Part:
    """Join the rows of all other groups."""
    others = [p for i, p in enumerate(parts) if i != position]
    return Part(
        *(
            np.concatenate([getattr(p, name) for p in others])
            for name in ("label", "decision", "score", "weight")
        )
    )
