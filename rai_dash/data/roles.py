"""Guessing what each column is for, every guess with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data.columns import is_number, numbers
from rai_dash.data.labels import label_codes, labels
from rai_dash.data.ops import is_row_number

#: Most telling first.
_TARGETS: Final = (
    r"approved?|approval|loan_approved|loan_status|decision|loan",
    r"credit_risk|creditability|risk|kredit|good_bad",
    r"default(ed)?|default[ _.]payment.*|bad|charged_off|high_priced|delinquent",
    r"target|label|outcome|class|y|repaid|paid|granted|accepted|status|result",
)
_GOOD: Final = re.compile(
    r"(?i)approved?|accept(ed)?|granted|good|yes|y|true|repaid|paid|fully paid|>50k|> ?50k|ok|no default"
)
_BAD_NAME: Final = re.compile(
    r"(?i).*(default|bad|charged|delinq|reject|refus|denied|high_priced|late|fraud).*"
)
_SENSITIVE: Final = re.compile(
    r"(?i)(applicant_?)?(gender|sex|race|ethnic\w*|age|age_in_years|alter|agegte\d+|marital[-_ ]?status"
    r"|marriage|married"
    r"|black|white|asian|hispan\w*|hispanic|amind|hipac|male|female|old|religion|disab\w*|nationality|foreign\w*"
    r"|personal_status\w*|famges|gastarb|education_?level)"
)
_AGE: Final = re.compile(r"(?i)(applicant_?)?(age|age_in_years|alter)")
_AGE_EDGES: Final = (25.0, 35.0, 50.0, 65.0)
_ID: Final = re.compile(
    r"(?i)(.*[_ ])?id|application(_?(no|number|id))?|customer(_?(no|number|id))?|case_?(no|number)"
)
_AMOUNT: Final = re.compile(r"(?i)(loan|credit)?_?(amount|amt)|loan_?amt|loanamt|credit_amount|limit_bal")
_SPLIT: Final = re.compile(r"(?i)split|fold|set|partition|is_train|train_test|sample")
_TRAIN: Final = re.compile(r"(?i)train(ing)?|fit|dev(elopment)?")
_SCORE: Final = re.compile(
    r"(?i)(.*[_ ])?(score|prob(ability)?|pd|p_?default|prediction|y_?prob|y_?score)([_ ].*)?"
)
_LEAK_AUC: Final = 0.99
_MOST_TARGET_VALUES: Final = 6


@dataclass(frozen=True, slots=True)
class RoleGuess:
    """Guessed roles, and why: ``reasons`` by the name of the role."""

    roles: Roles
    reasons: dict[str, str]


def _named(columns: Iterable[str], pattern: str | re.Pattern[str], fits: Callable[[str], bool]) -> str | None:
    compiled = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
    return next((c for c in columns if compiled.fullmatch(c.strip()) and fits(c)), None)


def _distinct(series: pd.Series) -> int:
    return int(series.nunique(dropna=True))


def _target(frame: pd.DataFrame) -> tuple[str | None, str]:
    for pattern in _TARGETS:
        name = _named(frame.columns, pattern, lambda c: _distinct(frame[c]) == 2)
        if name is not None:
            return name, "its name says so and it has two values"
    for pattern in _TARGETS:
        name = _named(frame.columns, pattern, lambda c: 2 <= _distinct(frame[c]) <= _MOST_TARGET_VALUES)
        if name is not None:
            return (
                name,
                f"its name says so; it has {_distinct(frame[name])} values, so check which are favourable",
            )
    return None, ""


def _favourable(frame: pd.DataFrame, target: str) -> tuple[str, str] | None:
    """Guess which value is good for the applicant."""
    _, names = label_codes(frame[target])
    hits = [n for n in names if _GOOD.fullmatch(n) or (n.startswith(">") and len(names) == 2)]
    if len(hits) == 1 and not (_BAD_NAME.fullmatch(target) and hits[0].casefold() in {"yes", "y", "true"}):
        return hits[0], f"`{hits[0]}` reads as the good outcome"
    if set(names) == {"0", "1"}:
        if _BAD_NAME.fullmatch(target):
            return "0", f"`{target}` names something bad, so 0 is good for the applicant"
        return "1", "1 usually marks the good outcome; check it"
    if _BAD_NAME.fullmatch(target):
        quiet = [n for n in names if n.casefold() in {"no", "n", "false", "0"}]
        if len(quiet) == 1:
            return quiet[0], f"`{target}` names something bad, so `{quiet[0]}` is good for the applicant"
    return None


def _auc(values: np.ndarray, good: np.ndarray) -> float:
    """Area under the ROC curve of one column, ties counted half."""
    from scipy.stats import rankdata

    n1, n0 = int(good.sum()), int((~good).sum())
    if not n1 or not n0:
        return 0.5
    return float((rankdata(values)[good].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def _leaks(frame: pd.DataFrame, target: str, favourable: str, skip: set[str]) -> list[str]:
    """Find columns that alone separate the outcome almost perfectly."""
    outcome = labels(frame[target])
    known = outcome.notna().to_numpy()
    good = (outcome == favourable).to_numpy(dtype=bool)[known]
    found = []
    for name in frame.columns:
        if name in skip or name == target:
            continue
        series = frame[name][known]
        if is_number(series):
            values = numbers(series)
            keep = np.isfinite(values)
            strength = _auc(values[keep], good[keep]) if keep.sum() > 0.5 * keep.size else 0.5
        else:
            codes, names = label_codes(series)
            if len(names) > 0.1 * max(len(series), 1):
                continue
            goods = np.bincount(codes + 1, weights=good, minlength=len(names) + 1)
            rates = goods / np.maximum(np.bincount(codes + 1, minlength=len(names) + 1), 1)
            strength = _auc(rates[codes + 1], good)
        if max(strength, 1 - strength) > _LEAK_AUC:
            found.append(str(name))
    return found


def _score(frame: pd.DataFrame, taken: set[str]) -> tuple[str, ScoreScale, str] | None:
    def fits(c: str) -> bool:
        return (c not in taken and frame[c].dtype.kind == "f") or (
            frame[c].dtype.kind == "i" and _distinct(frame[c]) > 20
        )

    name = _named(frame.columns, _SCORE, fits)
    if name is None:
        return None
    values = numbers(frame[name])
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    is_bad = re.search(r"(?i)(^|[_ ])p_?d(efault)?($|[_ ])|default|bad", name)
    direction = Direction.LOWER if is_bad else Direction.HIGHER
    if low >= 0 and high <= 1:
        return name, ScoreScale(direction=direction), "its name says so and it lies in 0 to 1"
    if low >= 0 and high <= 100:
        return (
            name,
            ScoreScale(direction=direction, low=0.0, high=100.0, unit="percent"),
            "its name says so; 0 to 100",
        )
    if low >= 300 and high <= 850:
        return (
            name,
            ScoreScale(direction=direction, low=300.0, high=850.0, unit="points"),
            "its name says so; 300 to 850",
        )
    return None


def _sensitive(frame: pd.DataFrame, target: str | None) -> list[str]:
    return [
        str(c) for c in frame.columns
        if c != target and _SENSITIVE.fullmatch(str(c).strip()) and _distinct(frame[c]) >= 2
    ]  # fmt: skip


def _kind(target: str, values: int) -> tuple[TargetKind, str]:
    if re.search(r"(?i)approv|decision|grant|accept|reject", target) and values == 2:
        return TargetKind.DECISION, f"`{target}` reads as what somebody decided"
    if re.search(r"(?i)default|repaid|paid|credit_risk|delinq|bad|kredit", target):
        return TargetKind.OBSERVED, f"`{target}` reads as what happened"
    return TargetKind.UNSTATED, ""


def guess_roles(frame: pd.DataFrame) -> RoleGuess:
    """Guess what each column of a table is for; the user confirms.

    Parameters
    ----------
    frame : DataFrame (n, columns)
        A table as it was read.

    Returns
    -------
    RoleGuess
        What could not be guessed stays empty.
    """
    reasons: dict[str, str] = {}
    roles: dict[str, object] = {}

    def take(role: str, value: object, reason: str) -> None:
        roles[role], reasons[role] = value, reason

    target, why = _target(frame)
    ignored = [str(frame.columns[0])] if is_row_number(frame, str(frame.columns[0])) else []
    if target is not None:
        take("target", target, why)
        kind, why_kind = _kind(target, _distinct(frame[target]))
        if why_kind:
            take("target_kind", kind, why_kind)
    sensitive = _sensitive(frame, target)
    if sensitive:
        take("sensitive", tuple(sensitive), "their names say who a person is")
        ages = [
            c
            for c in sensitive
            if _AGE.fullmatch(c.strip()) and is_number(frame[c]) and _distinct(frame[c]) > 20
        ]
        roles["bins"] = dict.fromkeys(ages, _AGE_EDGES)
    _guess_singles(frame, {target, *sensitive, *ignored}, take)
    favourable = _favourable(frame, target) if target else None
    if target and favourable:
        take("favourable", (favourable[0],), favourable[1])
        skip = {*sensitive, *(str(v) for k, v in roles.items() if k in {"id", "split", "score", "weight"})}
        leaks = _leaks(frame, target, favourable[0], skip)
        if leaks:
            text = f"{', '.join(leaks)}: alone they tell the outcome almost perfectly (AUC above {_LEAK_AUC})"
            take("ignored", (*ignored, *leaks), text)
    if ignored and "ignored" not in roles:
        take("ignored", tuple(ignored), f"{ignored[0]} only counts the rows")
    return RoleGuess(Roles(**roles), reasons)  # type: ignore[arg-type]


def _guess_singles(
    frame: pd.DataFrame, used: set[str | None], take: Callable[[str, object, str], None]
) -> None:
    """Guess the roles that take one column each."""
    taken = {str(c) for c in used if c}
    n = len(frame)
    id_ = _named(frame.columns, _ID, lambda c: c not in taken and _distinct(frame[c]) == n)
    if id_ is not None:
        take("id", id_, "its name says so and every value is different")
        taken.add(id_)
    amount = _named(frame.columns, _AMOUNT, lambda c: c not in taken and is_number(frame[c]))
    if amount is not None:
        take("amount", amount, "its name says so and it holds numbers")
        taken.add(amount)
    split = _named(frame.columns, _SPLIT, lambda c: c not in taken and 2 <= _distinct(frame[c]) <= 5)
    if split is not None:
        _, names = label_codes(frame[split])
        train = tuple(v for v in names if _TRAIN.fullmatch(v))
        if train:
            take("split", split, f"it names the rows: {', '.join(names)}")
            take("split_train", train, "it reads as training")
            taken.add(split)
    score = _score(frame, taken)
    if score is not None:
        take("score", score[0], score[2])
        take("scale", score[1], score[2])
