"""Small audits, counted row by row here, and whole ones of real data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

Json = dict[str, Any]


def wilson(k: float, n: float) -> tuple[float | None, float | None]:
    """Return the Wilson score interval by its textbook formula."""
    if n == 0:
        return None, None
    z, p = 1.959963984540054, k / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float(middle - half), float(middle + half)


def share(hits: pd.Series, trials: pd.Series) -> Json:
    """Count a share."""
    k, n = float((hits & trials).sum()), float(trials.sum())
    low, high = wilson(k, n)
    return {"value": k / n if n else None, "low": low, "high": high, "numerator": k, "denominator": n}


def metrics(rows: pd.DataFrame, threshold: float) -> Json:
    """Count the shares of some rows."""
    good, bad = rows.outcome == "f", rows.outcome == "u"
    scored = rows.score.notna()
    up, down = rows.score >= threshold, rows.score < threshold
    labelled = good | bad
    everyone = pd.Series(data=True, index=rows.index)
    return {
        "n": len(rows),
        "positives": float(good.sum()),
        "predicted_positives": float(up.sum()),
        "selection_rate": share(up, scored),
        "precision": share(good, labelled & up),
        "recall": share(up, good & scored),
        "fpr": share(up, bad & scored),
        "fnr": share(down, good & scored),
        "tnr": share(down, bad & scored),
        "fdr": share(bad, labelled & up),
        "for_rate": share(good, labelled & down),
        "npv": share(bad, labelled & down),
        "accuracy": share((good & up) | (bad & down), labelled & scored),
        "base_rate": share(good, labelled & everyone),
    }


def routes(rows: pd.DataFrame, lo: float, hi: float) -> Json:
    """Count what a band does."""
    good, bad = rows.outcome == "f", rows.outcome == "u"
    up, down = rows.score >= hi, rows.score < lo
    review = ~up & ~down
    sums = {
        "everyone": len(rows), "approve": up.sum(), "reject": down.sum(), "review": review.sum(),
        "no_score": rows.score.isna().sum(), "labelled": (good | bad).sum(), "tp": (good & up).sum(),
        "fp": (bad & up).sum(), "tn": (bad & down).sum(), "fn": (good & down).sum(),
        "favourable_in_review": (good & review).sum(), "unfavourable_in_review": (bad & review).sum(),
    }  # fmt: skip
    everyone = pd.Series(data=True, index=rows.index)
    return (
        {"n": len(rows)}
        | {k: float(v) for k, v in sums.items()}
        | {
            "review_rate": share(review, everyone),
            "auto_approve_rate": share(up, everyone),
            "precision_auto": share(good, (good | bad) & up),
            "good_auto_rejected": share(down, good),
        }
    )


def curve(rows: pd.DataFrame) -> Json:
    """Count the curves of some rows; scores lie on thousandths."""
    scored = rows[rows.score.notna()]
    cells = (scored.score * 1000).round().astype(int)
    good, bad = scored.outcome == "f", scored.outcome == "u"
    labelled = good | bad
    fine, coarse = np.minimum(cells // 20, 49), np.minimum(cells // 100, 9)

    def bins(what: pd.Series, which: pd.Series, n: int) -> np.ndarray:
        return np.bincount(which[what], minlength=n).astype(float)

    def rate(hits: float, trials: float) -> float | None:
        return hits / trials if trials else None

    points = [(t, good & (cells >= 10 * t), bad & (cells >= 10 * t)) for t in range(101)]
    in_bin, good_in_bin = bins(labelled, coarse, 10), bins(good, coarse, 10)
    limits = [wilson(k, n) for k, n in zip(good_in_bin, in_bin, strict=True)]
    return {
        "calibration": {
            "left": [k / 10 for k in range(10)], "right": [(k + 1) / 10 for k in range(10)],
            "mean_score": [rate(scored.score[labelled & (coarse == k)].sum(), in_bin[k]) for k in range(10)],
            "observed": [rate(k, n) for k, n in zip(good_in_bin, in_bin, strict=True)],
            "low": [low for low, _ in limits], "high": [high for _, high in limits], "rows": in_bin.tolist(),
        },
        "thresholds": {
            "threshold": [t / 100 for t, _, _ in points],
            "fpr": [rate(fp.sum(), bad.sum()) for _, _, fp in points],
            "recall": [rate(tp.sum(), good.sum()) for _, tp, _ in points],
            "precision": [rate(tp.sum(), tp.sum() + fp.sum()) for _, tp, fp in points],
        },
        "scores": {
            "left": [k * 20 / 1000 for k in range(50)], "right": [(k + 1) * 20 / 1000 for k in range(50)],
            "unfavourable": bins(bad, fine, 50).tolist(), "favourable": bins(good, fine, 50).tolist(),
            "unknown": bins(~labelled, fine, 50).tolist(), "without_score": float(len(rows) - len(scored)),
        },
    }  # fmt: skip


def impact(tables: dict[str, pd.DataFrame], median: float) -> Json:
    """Count the people of each group above the median score."""
    groups = {}
    for group, rows in tables.items():
        n, up = int(rows.score.notna().sum()), int((rows.score > median).sum())
        groups[group] = {"n": n, "scoring_rate": up / n if n else None}
    return {"median_score": median, "unknown": 0, "groups": groups}


def document(
    rows: pd.DataFrame,
    columns: Sequence[str],
    crosses: Sequence[tuple[str, ...]] = (),
    *,
    threshold: float = 0.5,
    band: tuple[float, float] | None = None,
    has_curves: bool = False,
) -> Json:
    """Write the parts of an audit that hold counts: ``rows`` has outcome (f, u, x), score and the columns."""

    def by(of: Sequence[str]) -> dict[str, pd.DataFrame]:
        levels = [sorted(rows[c].unique()) for c in of]
        names = pd.MultiIndex.from_product(levels)
        return {
            " × ".join(name): rows[
                np.logical_and.reduce([rows[c] == g for c, g in zip(of, name, strict=True)])
            ]
            for name in names
        }

    tables = {(c,): by((c,)) for c in columns} | {tuple(of): by(of) for of in crosses}
    told = {
        " × ".join(of): {group: metrics(some, threshold) for group, some in groups.items()}
        for of, groups in tables.items()
    }
    out: Json = {
        "schema": "rai-dash/audit/1", "threshold": threshold, "min_n": 30, "overall": metrics(rows, threshold),
        "groups": {c: told[c] for c in columns}, "crosses": {" × ".join(of): told[" × ".join(of)] for of in crosses},
        "disparities": {}, "parities": {}, "against": {}, "impact_ratios": {}, "score_gaps": {},
    }  # fmt: skip
    out["impact_ratios"] = {
        " × ".join(of): impact(groups, float(rows.score.median())) for of, groups in tables.items()
    }
    if has_curves:
        out["overall_curves"] = curve(rows)
        out["curves"] = {
            " × ".join(of): {group: curve(some) for group, some in groups.items()}
            for of, groups in tables.items()
        }
    if band is not None:
        lo, hi = band
        out["band"] = {
            "lo": lo, "threshold": threshold, "hi": hi, "overall": routes(rows, lo, hi),
            "groups": {c: {g: routes(some, lo, hi) for g, some in tables[c,].items()} for c in columns},
        }  # fmt: skip
    return out


def random_rows(
    seed: int, *, n: int, groups: Sequence[int], skew: float = 1.0, is_complete: bool = False
) -> pd.DataFrame:
    """Draw rows: columns a, b, ... with so many groups of unequal sizes; some scores and outcomes are missing."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(
        {
            "outcome": rng.choice(
                list("fux"), size=n, p=[0.55, 0.45, 0.0] if is_complete else [0.55, 0.4, 0.05]
            ),
            "score": np.where(rng.random(n) < 0.03 * (not is_complete), np.nan, rng.beta(2, 1.5, n).round(3)),
        }
    )
    for name, k in zip("abcd", groups, strict=False):
        weights = (np.arange(k) + 1.0) ** -(1.5 * skew)
        rows[name] = rng.choice([f"{name}{i}" for i in range(k)], size=n, p=weights / weights.sum())
    return rows
