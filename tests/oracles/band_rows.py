"""Brute force over rows for the review band: sections 3 to 8 of the reference page, row by row, in plain Python.

Nothing of the app is used here. A row is a mapping with ``score``, ``label`` and, where there are any, ``weight``,
``amount``, ``group``, ``decision``; None, NaN and (for label and decision) 2 are blanks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

Row = Mapping[str, Any]
Band = tuple[float | None, float, float | None]


def _any(_: Row) -> bool:
    return True


Z = NormalDist().inv_cdf(0.975)
RATES = {
    "coverage": (lambda r: r["route"] != "review", _any),
    "review_rate": (lambda r: r["route"] == "review", _any),
    "auto_approve_rate": (lambda r: r["route"] == "approve", _any),
    "auto_reject_rate": (lambda r: r["route"] == "reject", _any),
    "auto_error_rate": (lambda r: r["cell"] in {"FP", "FN"}, lambda r: r["cell"] in {"TP", "FP", "TN", "FN"}),
    "error_per_application": (lambda r: r["cell"] in {"FP", "FN"}, lambda r: r["y"] is not None),
    "precision_auto": (lambda r: r["cell"] == "TP", lambda r: r["cell"] in {"TP", "FP"}),
    "npv_auto": (lambda r: r["cell"] == "TN", lambda r: r["cell"] in {"TN", "FN"}),
    "recall_auto": (lambda r: r["cell"] == "TP", lambda r: r["cell"] in {"TP", "FN"}),
    "fnr_auto": (lambda r: r["cell"] == "FN", lambda r: r["cell"] in {"TP", "FN"}),
    "fpr_auto": (lambda r: r["cell"] == "FP", lambda r: r["cell"] in {"FP", "TN"}),
    "good_auto_rejected": (lambda r: r["cell"] == "FN", lambda r: r["y"] == 1),
    "bad_auto_approved": (lambda r: r["cell"] == "FP", lambda r: r["y"] == 0),
    "good_rate_in_band": (lambda r: r["cell"] == "RP", lambda r: r["cell"] in {"RP", "RN"}),
}
POST = {
    "post_error_rate": (("FP'", "FN'"), ("TP'", "FN'", "FP'", "TN'")),
    "post_precision": (("TP'",), ("TP'", "FP'")),
    "post_recall": (("TP'",), ("TP'", "FN'")),
    "post_fnr": (("FN'",), ("TP'", "FN'")),
    "post_fpr": (("FP'",), ("FP'", "TN'")),
    "post_approval_rate": (("TP'", "FP'"), ("TP'", "FN'", "FP'", "TN'")),
}
GAPS = {
    "review_rate_gap": "review_rate",
    "review_rate_ratio": "review_rate",
    "auto_approve_gap": "auto_approve_rate",
    "auto_approve_ratio": "auto_approve_rate",
    "auto_reject_gap": "auto_reject_rate",
    "auto_error_gap": "auto_error_rate",
    "fnr_auto_gap": "fnr_auto",
    "fpr_auto_gap": "fpr_auto",
    "good_auto_rejected_gap": "good_auto_rejected",
    "bad_auto_approved_gap": "bad_auto_approved",
    "post_approval_ratio": "post_approval_rate",
    "post_fnr_gap": "post_fnr",
    "post_fpr_gap": "post_fpr",
}


def brute(rows: Iterable[Row], band: Band, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Judge a band.

    Returns
    -------
    dict
        The counts, rates (``{value, numerator, denominator, effective, low, high}``), figures after review, costs,
        ``capacity`` (with a volume in the settings), ``groups``, ``gaps``, ``eligible`` and ``excluded``, by the names
        of the reference page. Settings: h1, h0, deference, by_group, use_recorded, the five costs, volume_per_day,
        minutes_per_review, minutes_per_day, reviewers, days, min_n; what is not given is as on that page.
    """
    settings = settings or {}
    read = [_read(row, band, settings) for row in rows]
    names = sorted({r["group"] for r in read})
    groups = {name: _figures([r for r in read if r["group"] == name], settings) for name in names}
    out = _figures(read, settings)
    least = settings.get("min_n", 30)
    eligible = [name for name in names if groups[name]["n"] >= least]
    gaps = {gap: _gap(gap, [_value(groups[g], of) for g in eligible]) for gap, of in GAPS.items()}
    out |= {"groups": groups, "gaps": gaps, "eligible": eligible}
    out["excluded"] = [name for name in names if name not in eligible]
    if "volume_per_day" in settings:
        out["capacity"] = _capacity(out["review_rate"]["value"], settings)
    return out


def _read(row: Row, band: Band, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Route one row, and say with which probability it is finally approved."""
    lo, t, hi = band
    s = None if _blank(row["score"]) or math.isinf(row["score"]) else float(row["score"])
    y = _one_of_two(row["label"])
    if s is None:
        route = "review"
    elif lo is not None and s < lo:
        route = "reject"
    elif hi is not None and s >= hi:
        route = "approve"
    else:
        route = "review"
    r = {
        "group": row.get("group", ""),
        "s": s,
        "y": y,
        "w": 1.0 if _blank(row.get("weight")) else float(row["weight"]),
        "a": 0.0 if _blank(row.get("amount")) else float(row["amount"]),
        "no_amount": "amount" in row and _blank(row["amount"]),
        "route": route,
        "cell": None if y is None else _CELL[route][y],
    }
    if y is not None:
        r["P"] = _probability(r, t, _one_of_two(row.get("decision")), settings)
    return r


_CELL = {"approve": ("FP", "TP"), "reject": ("TN", "FN"), "review": ("RN", "RP")}


def _probability(r: Mapping[str, Any], t: float, decision: int | None, settings: Mapping[str, Any]) -> float:
    if r["route"] != "review":
        return 1.0 if r["route"] == "approve" else 0.0
    if settings.get("use_recorded", False) and decision is not None:
        return float(decision)
    pair = (settings.get("h1", 0.9), settings.get("h0", 0.9))
    h1, h0 = settings.get("by_group", {}).get(r["group"], pair)
    own = h1 if r["y"] == 1 else 1 - h0
    if r["s"] is None:
        return own
    d = settings.get("deference", 0.0)
    return d * (1.0 if r["s"] >= t else 0.0) + (1 - d) * own


def _figures(rows: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    labelled = [r for r in rows if r["y"] is not None]
    out: dict[str, Any] = {"n": len(rows), "W": _weight(rows), "labelled": _weight(labelled)}
    for route in ("approve", "reject", "review"):
        out[route] = _weight([r for r in rows if r["route"] == route])
    out["no_score"] = _weight([r for r in rows if r["s"] is None])
    for cell in ("TP", "FP", "TN", "FN", "RP", "RN"):
        out[cell] = _weight([r for r in rows if r["cell"] == cell])
    for name, (is_counted, is_asked) in RATES.items():
        out[name] = _rate([r for r in rows if is_asked(r)], is_counted)
    return out | _after(labelled) | _cost(labelled, settings)


def _after(labelled: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, y, approved in (("TP'", 1, True), ("FN'", 1, False), ("FP'", 0, True), ("TN'", 0, False)):
        parts = [r["w"] * (r["P"] if approved else 1 - r["P"]) for r in labelled if r["y"] == y]
        out[name] = math.fsum(parts)
    for name, (above, below) in POST.items():
        out[name] = _divide(math.fsum(out[k] for k in above), math.fsum(out[k] for k in below))
    return out


def _cost(labelled: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    price = {
        k: settings.get(k, 0.0) for k in ("fp_fixed", "fp_per_amount", "fn_fixed", "fn_per_amount", "review")
    }
    error = math.fsum(
        r["w"] * (price["fn_fixed"] + price["fn_per_amount"] * r["a"]) * (1 - r["P"])
        if r["y"] == 1
        else r["w"] * (price["fp_fixed"] + price["fp_per_amount"] * r["a"]) * r["P"]
        for r in labelled
    )
    review = math.fsum(r["w"] * price["review"] for r in labelled if r["route"] == "review")
    each = _divide(error + review, _weight(labelled))
    return {
        "error_cost": error,
        "review_cost": review,
        "total": error + review,
        "per_application": each,
        "cost": each,
        "n_amount_missing": sum(r["no_amount"] for r in labelled),
    }


def _rate(asked: Sequence[Mapping[str, Any]], is_counted: Any) -> dict[str, Any]:
    """Divide, with Wilson's interval on Kish's size of the rows in the denominator."""
    numerator, denominator = _weight([r for r in asked if is_counted(r)]), _weight(asked)
    p = _divide(numerator, denominator)
    size = 0.0 if p is None else denominator**2 / math.fsum(r["w"] ** 2 for r in asked)
    low, high = (None, None) if p is None else _wilson(p, size)
    return {
        "value": p,
        "numerator": numerator,
        "denominator": denominator,
        "effective": size,
        "low": low,
        "high": high,
    }


def _wilson(p: float, n: float) -> tuple[float, float]:
    """Solve (p - x)^2 = Z^2 x (1 - x) / n for x, which is what Wilson's limits are."""
    a, b, c = 1 + Z**2 / n, -(2 * p + Z**2 / n), p**2
    root = math.sqrt(max(0.0, b * b - 4 * a * c))
    return max(0.0, (-b - root) / (2 * a)), min(1.0, (-b + root) / (2 * a))


def _gap(name: str, values: Sequence[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    if len(known) < 2:
        return None
    return _divide(min(known), max(known)) if name.endswith("_ratio") else max(known) - min(known)


def _capacity(rate: float | None, settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Say how many people are needed; the Poisson distribution is added up term by term."""
    if rate is None:
        return None
    m, b, day = rate * settings["volume_per_day"], settings["minutes_per_review"], settings["minutes_per_day"]
    k, term = 0, math.exp(-m)
    terms = [term]
    while math.fsum(terms) < 0.95:
        k += 1
        term *= m / k
        terms.append(term)
    out = {
        "reviews_per_day": m,
        "reviewers_needed": max(0, math.ceil(m * b / day - 1e-9)),
        "busy_day_reviews": k,
        "busy_day_reviewers": max(0, math.ceil(k * b / day - 1e-9)),
    }
    if settings.get("reviewers") is not None:
        able = settings["reviewers"] * day / b
        out["capacity_per_day"] = able
        out["utilisation"] = _divide(m, able)
        out["backlog_after_days"] = max(0.0, (m - able) * settings.get("days", 20))
    return out


def _value(figures: Mapping[str, Any], name: str) -> float | None:
    found = figures[name]
    return found["value"] if isinstance(found, dict) else found


def _weight(rows: Sequence[Mapping[str, Any]]) -> float:
    return math.fsum(r["w"] for r in rows)


def _divide(above: float, below: float) -> float | None:
    return None if below == 0 else above / below


def _blank(value: Any) -> bool:
    return value is None or value != value  # noqa: PLR0124 - only NaN differs from itself


def _one_of_two(value: Any) -> int | None:
    return None if _blank(value) or value == 2 else int(value)
