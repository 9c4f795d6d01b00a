"""What drives a model as JSON: the figures of every view of that page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from rai_dash.case import Case, Judgement
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.explain._base import LOG_ODDS
from rai_dash.metrics._base import Costs
from rai_dash.models.client import Model
from rai_dash.report.applicant import pair_of
from rai_dash.report.correlated import Blocks, correlated_blocks
from rai_dash.report.drivers_views import (
    Driven,
    column_json,
    groups_json,
    importance_json,
    noise_json,
    pairs_json,
    shuffled_json,
    spread_json,
)
from rai_dash.report.drivers_work import pairs_of, shaken, shuffled, together
from rai_dash.report.everyone import SAMPLE, explained_rows, judged_explained, sample_explained
from rai_dash.report.explain_json import attribution_frame
from rai_dash.report.reference import reference_rows
from rai_dash.report.shared_json import check_threshold, heading

SCHEMA = "rai-dash/drivers/1"
IMPORTANCE, SPREAD, GROUPS, COLUMN, PAIRS, NOISE = "importance", "swarm", "groups", "column", "pairs", "noise"
VIEWS = (IMPORTANCE, COLUMN, SPREAD, GROUPS, PAIRS, NOISE)
NO_TARGET = "these data have no outcome column, so nothing can be said about better or worse"
NO_GROUPS = "no sensitive column is named, so there are no groups to compare"
NO_PAIR = "at least two columns are needed for a pair"


@dataclass(frozen=True, slots=True, kw_only=True)
class DriversOptions:
    """What to say about a model, and how; the defaults are those of the page.

    Parameters
    ----------
    views : tuple of str
        Of ``"importance"``, ``"column"``, ``"swarm"``, ``"groups"``, ``"pairs"`` and ``"noise"``.
    space : str
        ``"log-odds"`` or ``"probability"``, of the contributions.
    correlated : bool
        Whether correlated blocks count as one column; see the page for what that means in each view.
    threshold : float
        For the rise in cost, and for decisions that flip.
    cost_fp, cost_fn : float
        Cost of a wrong approval, and of a wrong refusal.
    columns : tuple of str
        Columns of the view of one column; empty = the one that moves the scores most.
    by : str or None
        Sensitive column to compare by; None = the first.
    first, second : str or None
        Groups whose scores are compared; None = those with the lowest and the highest mean output.
    sample : int
        Rows that are explained where each takes many answers of the model.
    everyone : bool
        Whether the contributions of each applicant are wanted too.
    """

    views: tuple[str, ...] = VIEWS
    space: str = LOG_ODDS
    correlated: bool = False
    threshold: float = 0.5
    cost_fp: float = 5.0
    cost_fn: float = 1.0
    columns: tuple[str, ...] = ()
    by: str | None = None
    first: str | None = None
    second: str | None = None
    sample: int = SAMPLE
    everyone: bool = False

    def __post_init__(self) -> None:
        """Refuse views that are not there, and what is no threshold.

        Raises
        ------
        InvalidChoice
            With what to do.
        """
        unknown = [view for view in self.views if view not in VIEWS]
        if unknown or not self.views:
            msg = tr(
                "There is no view {unknown} of a model. Choose from {views}.",
                unknown=f"{' '.join(unknown)!r}",
                views=", ".join(VIEWS),
            )
            raise InvalidChoice(msg)
        check_threshold(self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drivers:
    """What was found.

    Parameters
    ----------
    content : dict
        The JSON.
    everyone : DataFrame or None
        Contributions of the explained rows, see `attribution_frame`, where they were wanted.
    """

    content: dict[str, object]
    everyone: pd.DataFrame | None


def drive_dataset(
    dataset: Dataset,
    model: Model,
    *,
    background: Dataset | None = None,
    options: DriversOptions | None = None,
) -> Drivers:
    """Say what drives a model on the judged rows of a table; what ``rai-dash drivers --json`` writes.

    Parameters
    ----------
    dataset : Dataset
        The rows; where its roles name a split, those that the model was not trained on are judged.
    model : Model
        The model.
    background : Dataset or None
        Reference rows; None = those of ``dataset``, its training rows where its roles name a split.
    options : DriversOptions or None
        What to say; None = everything, as the page does.

    Raises
    ------
    RaiError
        When rows, columns or choices do not fit.
    """
    how, source = options or DriversOptions(), background or dataset
    case, judgement = pair_of(dataset, model, background)
    asked = _Asked(case, judgement, how, correlated_blocks(judgement) if how.correlated else ())
    content = heading(SCHEMA, dataset, model, source, len(reference_rows(case, judgement)))
    content |= {"judged_rows": judgement.n_judged, "threshold": how.threshold}
    content["blocks"] = [list(block) for block in asked.blocks]
    content |= {view: asked.view(view) for view in how.views}
    return Drivers(
        content=content, everyone=_contributions(asked.driven(asked.blocks)) if how.everyone else None
    )


def _contributions(found: Driven) -> pd.DataFrame:
    """Lay out the contributions by the applicants' places in the table, from 0."""
    dataset, at = found.judgement.data.dataset, found.judgement.positions[found.everyone.at]
    name = dataset.roles.id
    ids = {} if name is None else {name: dataset.frame[name].iloc[at].tolist()}
    return attribution_frame(found.everyone.table, ids).assign(row=at)


@dataclass(slots=True)
class _Asked:
    """The views; as on the page, blocks count as one column in some and move along in the others."""

    case: Case
    judgement: Judgement
    how: DriversOptions
    blocks: Blocks

    def view(self, name: str) -> object:
        """Work out one view."""
        views: dict[str, Callable[[], object]] = {
            IMPORTANCE: self._importance,
            COLUMN: self._columns,
            SPREAD: lambda: spread_json(self.driven(self.blocks)),
            GROUPS: self._groups,
            PAIRS: self._pairs,
            NOISE: self._noise,
        }
        return views[name]()

    def driven(self, blocks: Blocks) -> Driven:
        """Explain everyone where that is cheap, else a sample; made once for the same blocks."""
        case, judgement, how = self.case, self.judgement, self.how
        found = judged_explained(case, judgement, space=how.space, blocks=blocks)
        if found is None:
            most = min(how.sample, judgement.n_judged)
            found = sample_explained(case, judgement, most, space=how.space, blocks=blocks)
        return Driven(judgement=judgement, everyone=found, rows=explained_rows(judgement, found, blocks))

    def _importance(self) -> object:
        content: dict[str, object] = {"shap": importance_json(self.driven(self.blocks))}
        if self.judgement.roles.target is None:
            return content | {"shuffled": None, "reason": NO_TARGET}
        costs = Costs(cost_fp=self.how.cost_fp, cost_fn=self.how.cost_fn)
        found = shuffled(self.judgement, blocks=self.blocks, threshold=self.how.threshold, costs=costs)
        return content | {"shuffled": shuffled_json(found)}

    def _columns(self) -> object:
        single = self.driven(())
        return [column_json(single, column, self.blocks) for column in self.how.columns or single.ranked[:1]]

    def _groups(self) -> object:
        by, how = self.by, self.how
        if not by:
            return {"reason": NO_GROUPS}
        return groups_json(self.driven(self.blocks), by, first=how.first, second=how.second)

    def _pairs(self) -> object:
        ranked = self.driven(()).ranked
        pairs = pairs_of(ranked, self.blocks)
        return pairs_json(together(self.judgement, ranked, pairs)) if pairs else {"reason": NO_PAIR}

    def _noise(self) -> object:
        how = self.how
        found = shaken(self.case, self.judgement, threshold=how.threshold, by=self.by, space=how.space)
        return noise_json(found)

    @property
    def by(self) -> str:
        """The sensitive column that people are compared by; empty = there is none."""
        sensitive = self.judgement.roles.sensitive
        if self.how.by is not None and self.how.by not in sensitive:
            msg = tr(
                "`{by}` is not a sensitive column of these data. Name it with --sensitive.", by=self.how.by
            )
            raise InvalidChoice(msg)
        return self.how.by or next(iter(sensitive), "")
