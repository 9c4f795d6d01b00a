"""What the figures of a page rest on: all rows, counted where they lie, or the sample of them that is in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from rai_dash.case import Case, Judgement
from rai_dash.core.texts import mark, tr
from rai_dash.data.dataset import Dataset
from rai_dash.ui.text import count, many

#: How a downloaded table calls the rows that its figures are about.
ROWS: Final = mark("Rows that figures are about")


def is_sampled(dataset: Dataset) -> bool:
    """Whether the rows in memory are a part of those that are counted."""
    return dataset.n_rows < dataset.n_all


def is_of_sample(judgement: Judgement) -> bool:
    """Whether even counts are of the sample, since a model has not scored the other rows."""
    return judgement.whole is None and is_sampled(judgement.data.dataset)


@contextmanager
def counting(case: Case, data_key: str) -> Iterator[None]:
    """Say that rows are being counted while a page is drawn that looks at a table where it lies."""
    dataset = case.data_of(data_key).dataset if case.data else None
    if dataset is None or not is_sampled(dataset):
        yield
        return
    with st.spinner(
        tr("Counting {n_all} where they lie", n_all=many(dataset.n_all, "row", "rows")), show_time=True
    ):
        yield


def rows_words(judgement: Judgement) -> str:
    """Say how many rows the figures are about, and of what they are a part.

    A number of rows in the sample is always called that: it is never one of all rows.
    """
    dataset = judgement.data.dataset
    n, total = judgement.n_counted, dataset.n_all
    if is_of_sample(judgement):
        held = tr(" held out of {n_rows}", n_rows=count(dataset.n_rows)) if n < dataset.n_rows else ""
        return tr("{n}{held} in a sample of {total}", n=many(n, "row", "rows"), held=held, total=count(total))
    held = tr(" held out of {total}", total=count(total)) if n < total else ""
    if not is_sampled(dataset):
        return f"{many(n, 'row')}{held}"
    return tr(
        "{n}{held} counted · {n_judged} in the sample",
        n=many(n, "row", "rows"),
        held=held,
        n_judged=count(judgement.n_judged),
    )


def sample_note(dataset: Dataset, why: str) -> None:
    """Say at a panel that it is of the sample; nothing is said where all rows are in memory.

    Parameters
    ----------
    dataset : Dataset
        What the panel looks at.
    why : str
        What it does that needs single rows, as a clause; words of ours.
    """
    sample_notes([dataset], why)


def sample_notes(datasets: Iterable[Dataset], why: str) -> None:
    """Say it of several data sets, and once where it is the same of all."""
    for dataset in {(d.n_rows, d.n_all): d for d in datasets}.values():
        if text := sample_words(dataset, why):
            st.caption(text)


def partly_note(dataset: Dataset, what: str) -> None:
    """Say at a panel of counts what in it is of the sample; nothing is said where all rows are in memory.

    Parameters
    ----------
    dataset : Dataset
        What the panel looks at.
    what : str
        What is done in the sample, as a clause; words of ours.
    """
    if is_sampled(dataset):
        st.caption(
            tr(
                ":material/colorize: Counts are of all {n_all}; {what} in the sample of {n_rows}.",
                n_all=many(dataset.n_all, "row", "rows"),
                what=what,
                n_rows=many(dataset.n_rows, "row", "rows"),
            )
        )


def of_sample(dataset: Dataset) -> dict[str, str]:
    """Return the line by which a downloaded table of a sample says so; nothing where all rows are in memory."""
    if not is_sampled(dataset):
        return {}
    return {
        ROWS: tr(
            "{n_rows} in a sample of {n_all}",
            n_rows=many(dataset.n_rows, "row", "rows"),
            n_all=count(dataset.n_all),
        )
    }


def sample_words(dataset: Dataset, why: str) -> str:
    """Return what `sample_note` says; empty = all rows are in memory."""
    if not is_sampled(dataset):
        return ""
    return tr(
        ":material/colorize: This uses the sample of {n_rows}, not all {n_all}: {why}.",
        n_rows=many(dataset.n_rows, "row", "rows"),
        n_all=count(dataset.n_all),
        why=why,
    )
