"""The next training set: a table that a model was trained on, and the cases that people decided since."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from typing import Final

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset
from rai_dash.data.growing import Growth, grow
from rai_dash.data.options import ReadOptions
from rai_dash.data.read import read_dataset
from rai_dash.data.sources import decided_by_people

#: What keys of such data begin with, and how much of the title of the data before stands in theirs.
REVIEWED: Final = "reviewed"
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NextTraining:
    """A training set with decided cases.

    Parameters
    ----------
    case : Case
        With the new data set; those that were there stay.
    data : CaseData
        The new data set.
    growth : Growth
        How many joined, and how many did not.
    decided : int
        Rows of it whose outcome is a decision of people.
    """

    case: Case
    data: CaseData
    growth: Growth
    decided: int


def with_reviewed(case: Case, data_key: str, offered: Dataset) -> NextTraining:
    """Add training data with decided cases to a case, as a data set of its own.

    Parameters
    ----------
    case : Case
    data_key : str
        Of the data that they join, which stay as they are.
    offered : Dataset
        The cases; where the data say what is trained on, all of them are.

    Raises
    ------
    InvalidChoice
        When the data are not there, no case is new, or the columns do not fit.
    """
    before = next((d for d in case.data if d.key == data_key), None)
    if before is None:
        msg = tr(
            "There is no data set `{data_key}` in this case. Choose one of: {data}.",
            data_key=data_key,
            data=", ".join(d.key for d in case.data),
        )
        raise InvalidChoice(msg)
    growth = grow(before.dataset, _for_training(before.dataset, offered))
    decided = decided_by_people(growth.dataset.frame)
    data = as_file(
        replace(
            before,
            key=_free_key(case),
            title=_title(before.title, growth.added, decided),
            role=DataRole.TRAINING,
            grown_from=before.key,
            source="Decided cases of a review queue joined these data.",
        ),
        growth.dataset,
    )
    return NextTraining(case=case.with_data(data), data=data, growth=growth, decided=decided)


def as_file(data: CaseData, grown: Dataset) -> CaseData:
    """Return data with another table, written as a file so that the case can be kept, and read back.

    Raises
    ------
    InvalidChoice
        When it does not come back as it went.
    """
    out = io.BytesIO()
    grown.frame.to_parquet(out, index=False)
    content = out.getvalue()
    dataset = read_dataset(content, grown.roles, name=data.dataset.name)
    if not dataset.frame.equals(grown.frame):
        msg = tr(
            "The grown table does not come back from a file as it went in. Report it, with the two files."
        )
        raise InvalidChoice(msg)
    return replace(data, dataset=dataset, content=content, options=ReadOptions(), parts=())


def _for_training(before: Dataset, offered: Dataset) -> Dataset:
    """Mark all cases as ones that are trained on, where the data have a column for it."""
    split = before.roles.split
    if split is None or not before.roles.split_train:
        return offered
    frame = offered.frame.assign(**{split: before.roles.split_train[0]})
    return replace(offered, frame=frame)


def _title(before: str, added: int, decided: int) -> str:
    before = before if len(before) <= _LONGEST else f"{before[:_LONGEST]}…"
    cases = f"{added:,} reviewed {'case' if added == 1 else 'cases'}"
    by_people = f"{decided:,} {'outcome' if decided == 1 else 'outcomes'} decided by people"
    return f"{before} and {cases} ({by_people})"


def _free_key(case: Case) -> str:
    known = {d.key for d in case.data}
    return next(k for k in (f"{REVIEWED}{i}" for i in range(1, len(known) + 2)) if k not in known)
