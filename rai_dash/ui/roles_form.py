"""The form in which a user confirms what each column is for."""

from __future__ import annotations

from typing import Any

import streamlit as st

from rai_dash.case import CaseData
from rai_dash.core.errors import InvalidRoles
from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.data.labels import labels
from rai_dash.data.roles import RoleGuess, guess_roles
from rai_dash.ui.text import plain, safe, sentence
from rai_dash.ui.widgets import TARGET_WORDS

NONE = ""
_NOTHING = "– none –"
#: Columns with more labels than this are not offered as a target or a split.
_FEW = 50


def roles_form(data: CaseData) -> Roles | None:
    """Show the form; return the roles when they are confirmed, None until then."""
    dataset = data.dataset
    guess = guess_roles(dataset.frame)
    roles = dataset.roles
    columns = list(dataset.frame.columns)
    left, right = st.columns(2)
    with left:
        target = _one("Target: the outcome column", columns, roles.target, guess, "target")
        favourable = _favourable(data, target, roles)
        kind = _kind(roles)
        sensitive = _many(
            "Sensitive columns: compare people by", columns, roles.sensitive, guess, "sensitive"
        )
        bins = _bins(data, sensitive, roles)
    with right:
        score = _one("Score column (if you have scores but no model)", columns, roles.score, guess, "score")
        scale = _scale(score, roles)
        split = _one("Split: which rows the model was trained on", columns, roles.split, guess, "split")
        split_train = _split_train(data, split, roles)
        ignored = _many("Left out: leaks, row numbers", columns, roles.ignored, guess, "ignored")
        with st.expander("Id, amount, time, weight"):
            id_ = _one("Application id", columns, roles.id, guess, "id")
            amount = _one("Loan amount", columns, roles.amount, guess, "amount")
            time = _one("Date of the decision", columns, roles.time, guess, "time")
            weight = _one("Weight of a row", columns, roles.weight, guess, "weight")
    if not st.button("Confirm roles", icon=":material/check:", key="confirm_roles"):
        return None
    same = target == roles.target and tuple(favourable) == roles.favourable
    return Roles(
        target=target or None,
        favourable=tuple(favourable),
        unfavourable=roles.unfavourable if same else (),
        features=tuple(c for c in roles.features if c != target),
        target_kind=kind,
        sensitive=tuple(sensitive),
        bins=bins,
        ignored=tuple(ignored),
        id=id_ or None,
        amount=amount or None,
        time=time or None,
        weight=weight or None,
        split=split or None,
        split_train=tuple(split_train),
        score=score or None,
        scale=scale,
    )


def _why(guess: RoleGuess, field: str) -> str | None:
    reason = guess.reasons.get(field)
    return f"Suggested because {sentence(reason)}" if reason else None


def _one(label: str, columns: list[str], value: str | None, guess: RoleGuess, field: str) -> str:
    options = [NONE, *columns]
    picked = st.selectbox(
        label,
        options,
        index=options.index(value) if value in options else 0,
        format_func=lambda c: plain(c) if c else _NOTHING,
        key=f"role_{field}",
        help=_why(guess, field),
    )
    reason = guess.reasons.get(field)
    if reason and picked and picked == getattr(guess.roles, field):
        st.caption(f"Suggested: {sentence(reason)}")
    return picked or NONE


def _many(label: str, columns: list[str], value: tuple[str, ...], guess: RoleGuess, field: str) -> list[str]:
    picked = st.multiselect(
        label,
        columns,
        default=[c for c in value if c in columns],
        format_func=plain,
        key=f"role_{field}",
        help=_why(guess, field),
    )
    reason = guess.reasons.get(field)
    if reason and tuple(picked) == tuple(getattr(guess.roles, field)):
        st.caption(f"Suggested: {sentence(reason)}")
    return picked


def _values(data: CaseData, column: str) -> list[tuple[str, int]]:
    counts = labels(data.dataset.frame[column]).value_counts()
    return [(str(v), int(n)) for v, n in counts.items()]


def _favourable(data: CaseData, target: str, roles: Roles) -> list[str]:
    if not target:
        return []
    values = _values(data, target)
    if len(values) > _FEW:
        st.warning("This column has too many values for an outcome. Choose a column with a few.")
        return []
    shares = dict(values)
    return st.multiselect(
        "Favourable: the value that is good for the applicant",
        [v for v, _ in values],
        default=[v for v in roles.favourable if v in shares] if target == roles.target else [],
        format_func=lambda v: f"{plain(v)} ({shares[v]:,} rows)",
        key=f"role_favourable_{target}",
    )


def _kind(roles: Roles) -> TargetKind:
    kinds = list(TargetKind)
    return st.selectbox(
        "What the target is",
        kinds,
        index=kinds.index(roles.target_kind),
        format_func=lambda k: TARGET_WORDS[k],
        key="role_kind",
        help=(
            "An observed outcome is what happened (repaid or not). A past decision is what somebody decided: "
            "refused applicants have no outcome, so agreeing with it is not the same as being right."
        ),
    )


def _bins(data: CaseData, sensitive: list[str], roles: Roles) -> dict[str, tuple[float, ...]]:
    """Ask for the edges of numeric sensitive columns with many values."""
    bins: dict[str, tuple[float, ...]] = {}
    for column in sensitive:
        series = data.dataset.frame[column]
        if series.dtype.kind not in "if" or series.nunique() <= 10:
            continue
        text = st.text_input(
            f"Edges for {safe(column)}",
            ", ".join(f"{e:g}" for e in roles.bins.get(column, ())),
            key=f"role_bins_{column}",
            help="Numbers with commas between them: 25, 35 makes the groups below 25, 25 to under 35, 35 and over.",
        )
        bins[column] = _edges(column, text)
    return bins


def _edges(column: str, text: str) -> tuple[float, ...]:
    try:
        edges = tuple(float(part) for part in text.replace(";", ",").split(",") if part.strip())
    except ValueError as error:
        msg = f"The edges of `{column}` are not numbers: {text}. Write for example 25, 35, 50."
        raise InvalidRoles(msg) from error
    return tuple(sorted(set(edges)))


def _scale(score: str, roles: Roles) -> ScoreScale:
    if not score:
        return ScoreScale()
    better = st.selectbox(
        "Which end of the score is good for the applicant?",
        list(Direction),
        index=list(Direction).index(roles.scale.direction),
        format_func=lambda d: "higher is better" if d is Direction.HIGHER else "lower is better",
        key="role_direction",
    )
    low, high = st.columns(2)
    lowest = low.number_input("Lowest possible score", value=roles.scale.low, key="role_low")
    highest = high.number_input("Highest possible score", value=roles.scale.high, key="role_high")
    if lowest >= highest:
        msg = f"The lowest possible score {lowest:g} must lie below the highest, {highest:g}."
        raise InvalidRoles(msg)
    unit = "probability" if (lowest, highest) == (0.0, 1.0) else "points"
    return ScoreScale(direction=better or Direction.HIGHER, low=lowest, high=highest, unit=unit)


def _split_train(data: CaseData, split: str, roles: Roles) -> list[Any]:
    if not split:
        return []
    values = _values(data, split)
    if len(values) > _FEW:
        st.warning("This column has too many values for a split. Choose a column with a few.")
        return []
    shares = dict(values)
    return st.multiselect(
        "Values that mean: the model was trained on this row",
        [v for v, _ in values],
        default=[v for v in roles.split_train if v in shares] if split == roles.split else [],
        format_func=lambda v: f"{plain(v)} ({shares[v]:,} rows)",
        key=f"role_split_train_{split}",
    )
