"""Which route explains: the cheapest that holds, tried in order of rank, refusals kept in sight."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence

import numpy as np
import pandas as pd

from rai_dash.core.errors import InvalidChoice, UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import Explanation, Notice
from rai_dash.explain._base import (
    EXPLAINERS,
    FORESTS,
    INTERVENTIONAL,
    LOG_ODDS,
    PATH_DEPENDENT,
    PERTURBATIONS,
    PROBABILITY,
    SPACES,
    Attribution,
    Attributor,
    ExplainRoute,
    Progress,
    Reference,
    RouteRefused,
    Subject,
    to_explanations,
)
from rai_dash.explain._columns import last_step

#: Prepared routes by (route, space); belongs to one model and one reference.
Prepared = MutableMapping[tuple[str, str], Attributor]


def silent(_done: int, _total: int, _note: str = "") -> None:
    """Report nothing."""


def _candidates(subject: Subject, space: str, perturbation: str) -> Iterator[tuple[ExplainRoute, str]]:
    """List the routes that may answer, the cheapest first; probability, which every model has, at the end."""
    averages = type(last_step(subject)).__name__ in FORESTS
    for wanted in dict.fromkeys((PROBABILITY if averages else space, PROBABILITY)):
        for route in sorted(EXPLAINERS.values(), key=lambda r: r.rank):
            if route.perturbation == perturbation and route.supports(subject, wanted):
                yield route, wanted


def _checked(attribution: Attribution) -> Attribution:
    """Refuse values that are not finite or miss the model's own output."""
    if not np.isfinite(attribution.values).all():
        msg = tr("it gave values that are not numbers")
        raise RouteRefused(msg)
    if not attribution.adds_up:
        msg = tr(
            "its values miss the model's output by {max}", max=f"{attribution.additivity_error.max():.2g}"
        )
        raise RouteRefused(msg)
    return attribution


def attribute(
    subject: Subject,
    rows: pd.DataFrame,
    reference: Reference,
    *,
    space: str = LOG_ODDS,
    perturbation: str = INTERVENTIONAL,
    progress: Progress = silent,
    prepared: Prepared | None = None,
) -> tuple[Attribution, tuple[Notice, ...]]:
    """Explain rows by the first route that supports the model and holds.

    Parameters
    ----------
    subject : Subject
        The model.
    rows : DataFrame (n, columns)
        With the model's columns.
    reference : Reference
        Rows to compare with.
    space : str
        Preferred space. Forests have no log-odds of their own and are explained in probability; so are
        models with an infinite log-odds somewhere.
    perturbation : str
        ``"interventional"`` (against reference rows) or ``"path-dependent"`` (of tree ensembles, without).
    progress : callable
        Hears of rows done.
    prepared : mapping or None
        Keeps prepared routes from call to call.

    Returns
    -------
    Attribution
        For class 1.
    tuple of Notice
        One ``route_refused`` a route that was tried and did not hold.

    Raises
    ------
    UnsupportedModel
        When no route holds.
    """
    prepared = {} if prepared is None else prepared
    notices: list[Notice] = []
    for route, wanted in _candidates(subject, space, perturbation):
        try:
            key = (route.name, wanted)
            if key not in prepared:
                prepared[key] = route.build(subject, reference, wanted)
            return _checked(prepared[key](rows, progress)), tuple(notices)
        except RouteRefused as refusal:
            text = tr(
                "{route}, in {wanted}, was not used: {refusal}.",
                route=route.label,
                wanted=wanted,
                refusal=refusal,
            )
            notices.append(Notice("route_refused", text))
    tried = " ".join(notice.message for notice in notices)
    if perturbation == PATH_DEPENDENT:
        msg = tr(
            "Path-dependent values exist for tree ensembles only, in what their trees add up to (boosted "
            "trees: log-odds). {tried} Choose interventional values.",
            tried=tried,
        )
        raise UnsupportedModel(msg)
    msg = tr("No way of explaining this model held. {tried} Check the model's scores.", tried=tried)
    raise UnsupportedModel(msg)


def check_question(reference: Reference, space: str, perturbation: str) -> None:
    """Refuse a question that has no answer.

    Raises
    ------
    InvalidChoice
        For an unknown space or perturbation, or without a reference row.
    """
    if space not in SPACES:
        msg = tr(
            "{space} is no space for explanations. Choose one of {spaces}.",
            space=f"{space!r}",
            spaces=", ".join(SPACES),
        )
        raise InvalidChoice(msg)
    if perturbation not in PERTURBATIONS:
        msg = tr(
            "{perturbation} is no way to leave a column out. Choose one of {perturbations}.",
            perturbation=f"{perturbation!r}",
            perturbations=", ".join(PERTURBATIONS),
        )
        raise InvalidChoice(msg)
    if reference.frame.empty or reference.limit == 0:
        msg = tr(
            "There are no reference rows to compare the applicant with. Choose a data set that has rows."
        )
        raise InvalidChoice(msg)


def explain_rows(
    subject: Subject,
    rows: pd.DataFrame,
    reference: Reference,
    *,
    row_ids: Sequence[int],
    favourable_index: int,
    space: str = LOG_ODDS,
    perturbation: str = INTERVENTIONAL,
    progress: Progress = silent,
    prepared: Prepared | None = None,
) -> list[Explanation]:
    """Explain rows for the favourable outcome, in original columns or blocks of them.

    Parameters
    ----------
    subject, rows, reference, space, perturbation, progress, prepared
        See ``attribute``.
    row_ids : sequence of int
        Position of each row in the user's table.
    favourable_index : int
        0 or 1.

    Raises
    ------
    InvalidChoice
        As ``check_question``.
    """
    check_question(reference, space, perturbation)
    if rows.empty:
        return []
    found, notices = attribute(
        subject,
        rows,
        reference,
        space=space,
        perturbation=perturbation,
        progress=progress,
        prepared=prepared,
    )
    return to_explanations(
        found, subject.players.names, row_ids=row_ids, favourable_index=favourable_index, notices=notices
    )
