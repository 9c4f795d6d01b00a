"""Finding one applicant: filters, search, and the one that is suggested first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.texts import mark, tr
from rai_dash.core.types import FAVOURABLE, UNFAVOURABLE
from rai_dash.data.labels import labels
from rai_dash.report.shared_json import id_of
from rai_dash.ui.text import plain

#: Applicants of the list, and of its download.
MOST_LISTED, MOST_SAVED = 200, 10_000


class Show(StrEnum):
    """Which applicants are listed."""

    REFUSED_GOOD = mark("favourable label, refused")
    APPROVED_BAD = mark("unfavourable label, approved")
    NEAR = mark("near the threshold")
    EDGE = mark("near an end of the review band")
    LOWEST = mark("lowest scores")
    HIGHEST = mark("highest scores")
    UNSEEN = mark("values the model never saw")
    FRAGILE = mark("most fragile under noise")
    LIME = mark("SHAP and LIME disagree")
    WAYS = mark("two ways of SHAP disagree")
    ALL = mark("in file order")

    @property
    def code(self) -> str:
        """What stands for it in the address."""
        return self.name.lower()


#: Those that rest on numbers which the model must be asked for first.
COMPUTED = frozenset({Show.FRAGILE, Show.LIME, Show.WAYS})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranked:
    """Applicants in the order of numbers that the model was asked for.

    Parameters
    ----------
    rows : int64 (m,)
        Their positions in the table.
    numbers : mapping of str to float64 (m,)
        Shares to be shown beside each, by title.
    note : str
        Who is in it and what the numbers are.
    """

    rows: NDArray[np.int64]
    numbers: Mapping[str, NDArray[np.float64]]
    note: str = ""


def _order(
    judgement: Judgement, show: Show, threshold: float, edges: Sequence[float] = ()
) -> NDArray[np.int64]:
    """Positions of the judged rows in the order of a filter, int (m,)."""
    rows = judgement.positions
    score = judgement.score[rows]
    outcome = judgement.data.dataset.outcome[rows]
    distance = np.abs(score - threshold)
    keep = np.isfinite(score)
    # Also where the numbers of a filter are not there yet: those near the threshold are the likeliest.
    by = distance
    if show is Show.REFUSED_GOOD:
        keep &= (outcome == FAVOURABLE) & (score < threshold)
    elif show is Show.APPROVED_BAD:
        keep &= (outcome == UNFAVOURABLE) & (score >= threshold)
    elif show is Show.EDGE:
        keep &= bool(edges)
        by = np.min([np.abs(score - edge) for edge in edges] or [distance], axis=0)
    elif show is Show.UNSEEN:
        keep &= judgement.unseen[rows]
    elif show is Show.LOWEST:
        by = score
    elif show is Show.HIGHEST:
        by = -score
    elif show is Show.ALL:
        by, keep = np.arange(rows.size), np.ones(rows.size, dtype=bool)
    order = np.argsort(by, kind="stable")
    return rows[order[keep[order]]]


def find(
    judgement: Judgement,
    *,
    show: Show,
    threshold: float,
    group: tuple[str, str] | None = None,
    text: str = "",
    edges: Sequence[float] = (),
    ranked: Ranked | None = None,
) -> NDArray[np.int64]:
    """List the positions of the applicants that fit, in order.

    Parameters
    ----------
    judgement : Judgement
        Data and scores.
    show : Show
        Filter and order.
    threshold : float
        In [0, 1].
    group : (column, label), optional
        Keep one group.
    text : str
        Part of the id, or of any text cell where there is no id.
    edges : sequence of float
        Ends of the review band that are not open, in [0, 1]; without any nobody is near one.
    ranked : Ranked, optional
        For the filters in ``COMPUTED``; without it they list those nearest to the threshold.
    """
    found = _order(judgement, show, threshold, edges) if ranked is None else ranked.rows
    if group is not None:
        index = judgement.groups((group[0],))
        members = judgement.positions[index.codes == index.groups.index(group[1])]
        found = found[np.isin(found, members)]
    wanted = text.strip().casefold()
    if wanted:
        found = found[_matches(judgement, found, wanted)]
    return found


def _matches(judgement: Judgement, rows: NDArray[np.int64], wanted: str) -> NDArray[np.bool_]:
    frame = judgement.data.dataset.frame.iloc[rows]
    column = judgement.roles.id
    columns = [column] if column else list(frame.columns)
    hit = np.zeros(rows.size, dtype=bool)
    for name in columns:
        cells = labels(frame[name]).astype("str").str.casefold()
        hit |= cells.str.contains(wanted, regex=False, na=False).to_numpy(dtype=bool)
    return hit


def suggested(judgement: Judgement, threshold: float) -> int:
    """Position of the applicant that is shown first: a refused good one near the threshold, else anyone near it."""
    for show in (Show.REFUSED_GOOD, Show.NEAR, Show.ALL):
        found = _order(judgement, show, threshold)
        if found.size:
            return int(found[0])
    return 0


def name_of(judgement: Judgement, row: int) -> str:
    """Name an applicant by id, written as the search finds it; where there is none, by place in the whole table."""
    dataset = judgement.data.dataset
    place = row if dataset.places is None else int(dataset.places[row])
    return id_of(dataset, row) or tr("row {place}", place=place + 1)


def listing(
    judgement: Judgement, rows: NDArray[np.int64], ranked: Ranked | None = None, *, most: int = MOST_LISTED
) -> pd.DataFrame:
    """Return the table of the first applicants: name, score, numbers, label, groups, and what is new to the model."""
    rows = rows[:most]
    frame = judgement.data.dataset.frame.iloc[rows]
    roles = judgement.roles
    table: dict[str, object] = {
        "applicant": [plain(name_of(judgement, int(r))) for r in rows],
        "score": judgement.score[rows],
    }
    if ranked is not None:
        # The rows are some of the ranked ones, in their order.
        at = np.flatnonzero(np.isin(ranked.rows, rows))
        table |= {title: values[at] for title, values in ranked.numbers.items()}
    for column in (roles.target, *roles.sensitive):
        if column and plain(column) not in table:
            table[plain(column)] = [plain(v) for v in frame[column]]
    unseen = judgement.unseen[rows]
    if unseen.any():
        table["new to the model"] = ["yes" if new else "" for new in unseen]
    return pd.DataFrame(table)
