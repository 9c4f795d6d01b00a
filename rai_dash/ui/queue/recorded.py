"""What people decided in a review queue, for the review band: in place of assumptions about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from rai_dash.case import Judgement
from rai_dash.core.errors import InvalidChoice, RaiError
from rai_dash.core.texts import tr
from rai_dash.govern.queue.feeding import recorded_decisions
from rai_dash.govern.queue.views import QueueLine
from rai_dash.ui import state, widgets
from rai_dash.ui.queue import room
from rai_dash.ui.queue.words import cases
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, plain, safe

if TYPE_CHECKING:
    from rai_dash.govern.queue.figures import Accuracy
    from rai_dash.govern.queue.summary import QueueFigures

#: What stands in the address in the place of a column of decisions: no name of a column in a table, for it has a colon
#: and the id of a queue, and a column of that name would be taken for the queue.
PREFIX: Final = "queue:"


def offered(view: View) -> dict[str, str]:
    """Name the queues of the data that are looked at, for whoever may see what everybody decided."""
    return {
        f"{PREFIX}{line.id}": _label(line)
        for line in _lines(view)
        if line.batch == _batch(view) and line.settled >= LEAST
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


def too_few(view: View) -> list[str]:
    """Say of the queues of these data with too few settled cases how many it takes; Markdown."""
    return [
        tr(
            "The review queue {safe_label} has {cases} settled. It takes {least} before its decisions can be "
            "used here: {least_settled} more.",
            safe_label=_safe_label(line),
            cases=cases(line.settled),
            least=LEAST,
            least_settled=count(LEAST - line.settled),
        )
        for line in _lines(view)
        if line.batch == _batch(view) and line.settled < LEAST
    ]


def measured(view: View) -> None:
    """Say how well people were found to decide, and offer the numbers in place of the assumed ones."""
    for line in _lines(view)[:_MOST]:
        _, found = room.figures(line.id)
        right, follow = found.accuracy, found.deference.followed
        if right.h1.value is None or right.h0.value is None:
            continue
        missing = _missing(right)
        if missing:
            widgets.note(
                tr(
                    "The review queue {safe_label} has measured people on {missing}",
                    safe_label=_safe_label(line),
                    missing=missing,
                )
            )
            continue
        widgets.paragraph(_measured_words(line, found))
        if st.button(tr("Use the measured numbers"), icon=":material/fact_check:", key=f"use_{line.id}"):
            changes = {"right_yes": round(100 * right.h1.value), "right_no": round(100 * right.h0.value)}
            if follow.value is not None and (follow.denominator or 0) >= LEAST:
                changes["defers"] = round(100 * follow.value)
            state.choose(**changes)
            st.rerun()
        widgets.note(tr("Rounded to whole percent; the intervals say how sure they are."))
        return


def _missing(right: Accuracy) -> str:
    """Say what is missing before the measured numbers can be used; blank = nothing."""
    if min(right.good, right.bad) >= LEAST:
        return ""
    lacking = [
        tr("{least} more {which}", least=count(LEAST - n), which=which)
        for which, n in (("good", right.good), ("bad", right.bad))
        if n < LEAST
    ]
    return tr(
        "{good} good and {bad} bad applications. It takes {least} of each before that can stand in for "
        "an assumption: {lacking}.",
        good=count(right.good),
        bad=count(right.bad),
        least=LEAST,
        lacking=" and ".join(lacking),
    )


def _measured_words(line: QueueLine, found: QueueFigures) -> str:
    right, follow = found.accuracy, found.deference.followed
    readers = len(found.readers)
    people = tr("1 person") if readers == 1 else tr("{readers} people", readers=count(readers))
    text = tr(
        "Measured in the review queue {safe_label}, on {decided} applications that {people} decided "
        "blind: people approve {h1} of the good ones and decline {h0} of the bad ones",
        safe_label=_safe_label(line),
        decided=count(right.decided),
        people=people,
        h1=estimate_text(right.h1),
        h0=estimate_text(right.h0),
    )
    if follow.value is None:
        return f"{text}."
    also = tr(
        "{text}, and follow the model in {follow} of disagreements", text=text, follow=estimate_text(follow)
    )
    return f"{also}." if (follow.denominator or 0) >= LEAST else tr("{also}, too few to be used.", also=also)


#: Decisions that it takes, and applications of each outcome, before they stand in for an assumption.
LEAST: Final = 30
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
    return plain(tr("Review queue {line}: {settled} decisions", line=line.label, settled=count(line.settled)))


def _safe_label(line: QueueLine) -> str:
    return safe(line.label)
