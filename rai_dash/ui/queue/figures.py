"""What a queue says about people and about the machine, and what becomes of the decided cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from rai_dash.charts.queue_people import Measured, queue_people
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate, TargetKind
from rai_dash.govern.queue.views import QueueLine
from rai_dash.report.queue_json import figures_table, groups_table, readers_table, reasons_table
from rai_dash.report.small_cells import GroupTable
from rai_dash.ui import meanings, widgets
from rai_dash.ui.queue import room, words
from rai_dash.ui.queue.accepting import accepting
from rai_dash.ui.queue.late import late_outcomes
from rai_dash.ui.state import View
from rai_dash.ui.text import count, number, percent, percent_range, safe

if TYPE_CHECKING:
    from rai_dash.govern.queue.state import Queue
    from rai_dash.govern.queue.summary import QueueFigures
    from rai_dash.review.audit_sample import AuditFigures


def figures(view: View, line: QueueLine) -> None:
    """Draw the figures of everybody, or of oneself for whoever may see no others."""
    try:
        queue, found = room.figures(line.id)
        assumed = _assumed(line)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if not room.sees_everybody():
        _own(found)
        return
    widgets.finding(words.finding(found, assumed=assumed))
    _picture(found, assumed, room.target_kind(line.id))
    _cards(found)
    _machine(found)
    if room.practice() is not None:
        return
    _tables(line, queue, found)
    late_outcomes(view, line)
    accepting(view, line, queue)


def _own(found: QueueFigures) -> None:
    """Show a reviewer their own figures."""
    if not found.readers:
        widgets.finding(tr("You have decided no case of this queue yet."))
        return
    mine = found.readers[0]
    widgets.finding(
        tr(
            "You have decided {cases}. What others decided is shown to analysts.",
            cases=words.cases(mine.reads),
        )
    )
    first, second, third = st.columns(3)
    with first:
        widgets.estimate_card(tr("You approve"), mine.approved)
    with second:
        widgets.estimate_card(tr("You follow the model after disagreeing"), mine.followed)
    with third:
        _time(found)


def _picture(found: QueueFigures, assumed: Mapping[str, float], kind: TargetKind | None) -> None:
    lines = [
        Measured(name="Approve a good one", found=found.accuracy.h1, assumed=assumed.get("h1")),
        Measured(name="Refuse a bad one", found=found.accuracy.h0, assumed=assumed.get("h0")),
        Measured(name="Follow the model", found=found.deference.followed, assumed=assumed.get("deference")),
        Measured(name="Two readers agree", found=found.agreement),
    ]
    widgets.draw(queue_people(lines), key="queue_people")
    corrected = ""
    if found.accuracy.is_corrected and found.accuracy.h1.is_defined:
        corrected = tr(
            " Outcomes are known for {known} of {cases}; known ones stand for the unknown ones with the "
            "same decision.",
            known=count(found.accuracy.known),
            cases=words.cases(found.accuracy.decided),
        )
    stated = ""
    if kind not in {None, TargetKind.OBSERVED} and found.accuracy.known:
        stated = tr(
            " Good and bad are by {target}: to be right means to agree with that.",
            target=widgets.TARGET_WORDS[kind],
        )
    widgets.how_to_read(
        tr(
            "A dot is what people did before they saw the model, with its 95 % interval; the tall tick is "
            "what the signed policy assumes. Follow the model: of those who had disagreed with it, how many "
            "then took its side. A dot left of the tick of the first two lines means that people are worse "
            "than was signed for.{stated}{corrected}",
            stated=stated,
            corrected=corrected,
        )
    )


def _cards(found: QueueFigures) -> None:
    first, second, third, fourth = st.columns(4)
    with first:
        counts = found.counts
        widgets.card(
            tr("Waiting"),
            count(counts.waiting),
            tr(
                "of {cases}; {escalated} to a third",
                cases=words.cases(counts.cases),
                escalated=count(counts.escalated),
            ),
            meaning=tr("Cases where no decision stands yet, and those that needed a third person so far."),
        )
    with second:
        widgets.card(
            tr("Kappa of two readers"), words.kappa_words(found.kappa), words.kappa_interval(found.kappa),
            meaning=meanings.meaning("kappa"),
        )  # fmt: skip
    with third:
        _time(found)
    with fourth:
        widgets.estimate_card(
            tr("Against the model"), found.overrides,
            meaning=tr("Final decisions on the other side of the threshold than the score, each with a reason."),
        )  # fmt: skip


def _time(found: QueueFigures) -> None:
    spread = found.seconds
    shown = "–" if spread.median is None else f"{number(spread.median, digits=0)} s"
    half = (
        tr("no case read yet")
        if spread.low is None
        else tr(
            "half of them {low} to {high} s",
            low=number(spread.low, digits=0),
            high=number(spread.high, digits=0),
        )
    )
    widgets.card(
        tr("Time to decide blind"),
        shown,
        half,
        meaning=tr("The median, from taking a case to the blind decision."),
    )


def _machine(found: QueueFigures) -> None:
    """Say what the audit sample says of the automatic decisions."""
    audit = found.audit_people
    automatic = audit.rows - found.counts.review
    if not found.counts.audit:
        widgets.paragraph(
            tr("No automatic decision was drawn for the audit, so nothing is said about the machine.")
        )
        return
    lines = [
        tr(
            "**The machine.** {audit} of {automatic} automatic decisions are audited.",
            audit=count(found.counts.audit),
            automatic=count(automatic),
        ),
        _machine_line(tr("People would have decided otherwise in"), audit),
        _machine_line(tr("By the outcomes known so far the machine is wrong in"), found.audit_outcomes),
    ]
    widgets.paragraph(" ".join(line for line in lines if line))


def _machine_line(begin: str, audit: AuditFigures) -> str:
    rate: Estimate = audit.rates["auto_error_rate"]
    if rate.value is None:
        return ""
    interval = "" if rate.low is None else f" ({percent_range(rate.low, rate.high)})"
    return tr(
        "{begin} {rate}{interval} of all of them, as {judged} judged ones say.",
        begin=begin,
        rate=percent(rate.value),
        interval=interval,
        judged=count(audit.judged),
    )


def _tables(line: QueueLine, queue: Queue, found: QueueFigures) -> None:
    widgets.numbers(
        lambda: figures_table(found), name="review_queue_figures", key="queue_figures",
        more=tr("Shares from 0 to 1; what is undefined says why."),
    )  # fmt: skip
    if found.groups:
        widgets.numbers(
            lambda: groups_table(found), name="review_queue_groups", key="queue_groups", label=tr("By group"),
            people=GroupTable(people="people", by=("column", "group"), line=("figure",)),
        )  # fmt: skip
    names = room.reading_desk().names(line.id)
    widgets.numbers(
        lambda: readers_table(found, names), name="review_queue_readers", key="queue_readers", label=tr("By reviewer"),
        more=tr("Figures of few reads say little about a person."),
        people=GroupTable(people="reads", by=("reader",), line=(), shares=()),
    )  # fmt: skip
    widgets.numbers(
        lambda: reasons_table(queue),
        name="review_queue_reasons",
        key="queue_reasons_table",
        label=tr("Reasons given"),
    )


def _assumed(line: QueueLine) -> dict[str, float]:
    reviewer = room.policy(line).settings.reviewer
    return {"h1": reviewer.h1, "h0": reviewer.h0, "deference": reviewer.deference}
