"""The form in which a user confirms what each column is for."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from rai_dash.case import CaseData
from rai_dash.core.errors import InvalidRoles
from rai_dash.core.once import OncePer
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import Direction, Roles, ScoreScale, TargetKind
from rai_dash.core.words import written
from rai_dash.data.distribution import label_rows_of
from rai_dash.data.roles import RoleGuess, guess_roles
from rai_dash.ui.text import count, plain, safe, sentence
from rai_dash.ui.widgets import TARGET_WORDS

NONE = ""
_NOTHING = mark("– none –")
#: Columns with more labels than this are not offered as a target or a split.
_FEW = 50
#: Guessed once a table, not at every run of the page.
_guess = OncePer(guess_roles)
_SHOWN_FOR = "roles_form_of"


def role_key(table: str, field: str) -> str:
    """Return the key of one widget for one table (its fingerprint): the browser keeps a value by its key alone."""
    return f"role_{table[:12]}_{field}"


def _key(field: str) -> str:
    return role_key(st.session_state[_SHOWN_FOR], field)


def roles_form(data: CaseData) -> Roles | None:
    """Show the form; return the roles when they are confirmed, None until then."""
    dataset = data.dataset
    st.session_state[_SHOWN_FOR] = dataset.fingerprint
    guess = _guess(dataset.frame)
    roles = dataset.roles
    columns = list(dataset.frame.columns)
    left, right = st.columns(2)
    with left:
        target = _one(
            tr("Target: the outcome column"), columns, _offered_target(roles, guess), guess, "target"
        )
        favourable, unfavourable = _sides(data, target, roles)
        kind = _kind(roles)
        sensitive = _many(
            tr("Sensitive columns: compare people by"), columns, roles.sensitive, guess, "sensitive"
        )
        bins = _bins(data, sensitive, roles)
    with right:
        score = _one(
            tr("Score column (if you have scores but no model)"), columns, roles.score, guess, "score"
        )
        scale = _scale(score, roles)
        split = _one(tr("Split: which rows the model was trained on"), columns, roles.split, guess, "split")
        split_train = _split_train(data, split, roles)
        ignored = _many(
            tr("Left out: leaks, row numbers, personal data"),
            columns,
            roles.ignored,
            guess,
            "ignored",
            marks=guess.personal,
        )
        with st.expander(tr("Id, amount, time, weight")):
            id_ = _one(tr("Application id"), columns, roles.id, guess, "id")
            amount = _one(tr("Loan amount"), columns, roles.amount, guess, "amount")
            time = _one(tr("Date of the decision"), columns, roles.time, guess, "time")
            weight = _one(tr("Weight of a row"), columns, roles.weight, guess, "weight")
    if not st.button(tr("Confirm roles"), icon=":material/check:", key="confirm_roles"):
        return None
    return Roles(
        target=target or None,
        favourable=tuple(favourable),
        unfavourable=tuple(unfavourable),
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
    return tr("Suggested because {reason}", reason=sentence(reason)) if reason else None


def _one(label: str, columns: list[str], value: str | None, guess: RoleGuess, field: str) -> str:
    options = [NONE, *columns]
    picked = st.selectbox(
        label,
        options,
        index=options.index(value) if value in options else 0,
        format_func=lambda c: plain(c) if c else tr(_NOTHING),
        key=_key(field),
        help=_why(guess, field),
    )
    reason = guess.reasons.get(field)
    suggested = guess.target_to_ask if field == "target" else None
    if reason and picked and picked == (getattr(guess.roles, field) or suggested):
        st.caption(tr("Suggested: {reason}", reason=sentence(reason)))
    return picked or NONE


def _many(
    label: str,
    columns: list[str],
    value: tuple[str, ...],
    guess: RoleGuess,
    field: str,
    *,
    marks: Mapping[str, str] | None = None,
) -> list[str]:
    """Ask for columns; ``marks`` says of some of them what they hold."""
    marked = marks or {}
    picked = st.multiselect(
        label,
        columns,
        default=[c for c in value if c in columns],
        format_func=lambda c: f"{plain(c)} ({marked[c]})" if c in marked else plain(c),
        key=_key(field),
        help=_why(guess, field),
    )
    reason = guess.reasons.get(field)
    if reason and tuple(picked) == tuple(getattr(guess.roles, field)):
        st.caption(tr("Suggested: {reason}", reason=sentence(reason)))
    return picked


def _offered_target(roles: Roles, guess: RoleGuess) -> str | None:
    """Propose a target that still needs its favourable values, as long as nobody has touched the guess."""
    return guess.target_to_ask if guess.target_to_ask and roles == guess.roles else roles.target


def _sides(data: CaseData, target: str, roles: Roles) -> tuple[list[str], list[str]]:
    """Ask which values are favourable and, where there are more than two, what the rest means."""
    if not target:
        return [], []
    shares = label_rows_of(data.dataset, target, most=_FEW)
    if shares is None:
        st.warning(tr("This column has too many values for an outcome. Choose a column with a few."))
        return [], []
    kept = target == roles.target
    favourable = _labels(
        tr("Favourable: the value that is good for the applicant"),
        shares,
        roles.favourable if kept else (),
        _key(f"favourable_{target}"),
    )
    if len(shares) <= 2:
        same = kept and tuple(favourable) == roles.favourable
        return favourable, list(roles.unfavourable) if same else []
    unfavourable = _labels(
        tr("Unfavourable: bad for the applicant (none = every other value)"),
        shares,
        roles.unfavourable if kept else (),
        _key(f"unfavourable_{target}"),
    )
    st.caption(_sides_words(shares, favourable, unfavourable, data.dataset.n_all))
    return favourable, unfavourable


def _labels(label: str, shares: dict[str, int], value: tuple[str, ...], key: str) -> list[str]:
    """Ask for values of a column, each with its rows."""
    return st.multiselect(
        label,
        list(shares),
        default=[v for v in value if v in shares],
        format_func=lambda v: tr("{v} ({shares} rows)", v=plain(v), shares=written(f"{shares[v]:,}")),
        key=key,
    )


def _sides_words(shares: dict[str, int], favourable: list[str], unfavourable: list[str], n: int) -> str:
    """Say how many rows are on each side, and how many on neither."""
    if not favourable and not unfavourable:
        return tr("Choose the favourable values; the others can be unfavourable, or on neither side.")
    known = sum(shares.values())
    good = sum(shares[v] for v in favourable)
    bad = sum(shares[v] for v in unfavourable)
    # Where only one side is named, every other value is the other side.
    good, bad = (good if favourable else known - bad), (bad if unfavourable else known - good)
    text = tr("{good} rows favourable, {bad} unfavourable", good=count(good), bad=count(bad))
    return tr(
        "{text}; {n} on neither side or blank: counted and kept apart.", text=text, n=count(n - good - bad)
    )


def _kind(roles: Roles) -> TargetKind:
    kinds = list(TargetKind)
    return st.selectbox(
        tr("What the target is"),
        kinds,
        index=kinds.index(roles.target_kind),
        format_func=lambda k: tr(TARGET_WORDS[k]),
        key=_key("kind"),
        help=(
            tr(
                "An observed outcome is what happened (repaid or not). A past decision is what somebody "
                "decided: refused applicants have no outcome, so agreeing with it is not the same as being "
                "right."
            )
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
            tr("Edges for {column}", column=safe(column)),
            ", ".join(f"{e:g}" for e in roles.bins.get(column, ())),
            key=_key(f"bins_{column}"),
            help=tr(
                "Numbers with commas between them: 25, 35 makes the groups below 25, 25 to under 35, 35 and "
                "over."
            ),
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
        tr("Which end of the score is good for the applicant?"),
        list(Direction),
        index=list(Direction).index(roles.scale.direction),
        format_func=lambda d: tr("higher is better") if d is Direction.HIGHER else tr("lower is better"),
        key=_key("direction"),
    )
    low, high = st.columns(2)
    lowest = low.number_input(tr("Lowest possible score"), value=roles.scale.low, key=_key("low"))
    highest = high.number_input(tr("Highest possible score"), value=roles.scale.high, key=_key("high"))
    if lowest >= highest:
        msg = f"The lowest possible score {lowest:g} must lie below the highest, {highest:g}."
        raise InvalidRoles(msg)
    unit = "probability" if (lowest, highest) == (0.0, 1.0) else "points"
    return ScoreScale(direction=better or Direction.HIGHER, low=lowest, high=highest, unit=unit)


def _split_train(data: CaseData, split: str, roles: Roles) -> list[str]:
    if not split:
        return []
    values = label_rows_of(data.dataset, split, most=_FEW)
    if values is None:
        st.warning(tr("This column has too many values for a split. Choose a column with a few."))
        return []
    return _labels(
        tr("Values that mean: the model was trained on this row"),
        values,
        roles.split_train if split == roles.split else (),
        _key(f"split_train_{split}"),
    )
