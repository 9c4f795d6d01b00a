"""Work that needs every row of a table in memory, and is refused where only a sample is."""

from __future__ import annotations

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.dataset import Dataset


def require_all_rows(dataset: Dataset, doing: str) -> None:
    """Refuse a table of which only a sample is in memory.

    Parameters
    ----------
    dataset : Dataset
    doing : str
        What needs every row, as the beginning of a sentence.

    Raises
    ------
    InvalidChoice
        When rows are missing here.
    """
    if dataset.n_rows < dataset.n_all:
        msg = tr(
            "{doing} needs every row, and of `{dataset}` only {n_rows} of {n_all} are in memory: it is "
            "counted where it lies. Open the rows that you need as a table of their own.",
            doing=doing,
            dataset=dataset.name,
            n_rows=f"{dataset.n_rows:,}",
            n_all=f"{dataset.n_all:,}",
        )
        raise InvalidChoice(msg)
