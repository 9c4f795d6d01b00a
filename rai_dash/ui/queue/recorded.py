"""What people decided in a review queue, for the review band: in place of assumptions about them."""

from __future__ import annotations

from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.govern.queue.feeding import recorded_decisions
from rai_dash.govern.queue.views import QueueLine
from rai_dash.ui import state, widgets
from rai_dash.ui.queue import room
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, plain, safe

#: What stands in the address in the place of a column of decisions: no name of a column in a table, for it has a colon
#: and the id of a queue, and a column of that name would be taken for the queue.
PREFIX: Final = "queue:"


def offered(view: View) -> dict[str, str]:
    """Name the queues of the data that are looked at, for whoever may see what everybody decided."""
    return {
        f"{PREFIX}{line.id}": _label(line)
        for line in _lines(view)
        if line.batch == _batch(view) and line.settled
    }


def is_queue(column: str) -> bool:
    """Whether a choice of recorded decisions is a queue, and no column."""
    return column.startswith(PREFIX)


def version(column: str) -> int:
    """Return the number of the last record of a queue: what is counted from it is new with each."""
    queue, _ = room.figures(column.removeprefix(PREFIX))
    return queue.seq


def decisions(judgement: Judgement, column: str) -> NDArray[np.int8]:
    """Return what people decided on the judged rows: 0 refused, 1 approved, 2 nothing recorded; int8 (n_judged,).

    Raises
    ------
    InvalidChoice
        When the queue is of other data, or its rows were deleted.
    NotAllowed
        When whoever uses the app may not see what others decided.
    """
    desk, queue_id = room.reading_desk(), column.removeprefix(PREFIX)
    queue, (_, rows) = desk.queue(queue_id), desk.facts(queue_id)
    dataset = judgement.data.dataset
    if rows is None or queue.fill.batch != dataset.fingerprint:
        msg = "These decisions are about other data, or their rows were deleted. Choose another column."
        raise InvalidChoice(msg)
    return recorded_decisions(queue, rows, dataset.n_rows)[judgement.judged]


def measured(view: View) -> None:
    """Say how well people were found to decide, and offer the numbers in place of the assumed ones."""
    for line in _lines(view)[:_MOST]:
        _, found = room.figures(line.id)
        h1, h0, follow = found.accuracy.h1, found.accuracy.h0, found.deference.followed
        if h1.value is None or h0.value is None:
            continue
        text = (
            f"Measured in the review queue {_safe_label(line)}: people approve {estimate_text(h1)} of the good ones "
            f"and decline {estimate_text(h0)} of the bad ones"
        )
        also = (
            ""
            if follow.value is None
            else f", and follow the model in {estimate_text(follow)} of disagreements"
        )
        widgets.paragraph(f"{text}{also}.")
        if st.button("Use the measured numbers", icon=":material/fact_check:", key=f"use_{line.id}"):
            changes = {"right_yes": round(100 * h1.value), "right_no": round(100 * h0.value)}
            if follow.value is not None:
                changes["defers"] = round(100 * follow.value)
            state.choose(**changes)
            st.rerun()
        widgets.note("Rounded to whole percent; the intervals say how sure they are.")
        return


#: Queues that are looked through for one with measured figures.
_MOST: Final = 3


def _lines(view: View) -> list[QueueLine]:
    try:
        return room.on_offer(view) if room.sees_everybody() else []
    except RaiError:
        # The page of the queue says what it is; the band is judged without it.
        return []


def _batch(view: View) -> str:
    return view.judgement.data.dataset.fingerprint if view.case.data else ""


def _label(line: QueueLine) -> str:
    return plain(f"Review queue {line.label}: {count(line.settled)} decisions")


def _safe_label(line: QueueLine) -> str:
    return safe(line.label)
