"""Decide one application at a time: blind first, then with the model's score before one's eyes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from rai_dash.charts.queue_band import queue_band
from rai_dash.core.errors import RaiError
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.govern.people import AppRole
from rai_dash.govern.queue.bodies import Decision
from rai_dash.govern.queue.reasons import words_of
from rai_dash.govern.queue.views import BlindCase, QueueLine, Revealed
from rai_dash.ui import rights, widgets
from rai_dash.ui.queue import room, words
from rai_dash.ui.queue.model_reasons import model_reasons
from rai_dash.ui.signing import acting
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe

_DECIDING: Final = mark("Deciding a case")
#: Keys of the buttons begin with it, and name case and step: one pressed in an old window decides no other case.
_PRESSED: Final = "queue_press_"
_RELEASE: Final = f"{_PRESSED}release"
_KEEP: Final = f"{_PRESSED}keep"
_STOP: Final = f"{_PRESSED}stop"
_STALE: Final = mark(
    "You pressed a button of a step that was over: its time had run out, or you had gone on in another "
    "window. Nothing was recorded by it."
)
#: Whether the next case is taken as soon as one is finished.
_GOING: Final = "queue_going"
_COLUMNS: Final = 3
_LONGEST_NOTE: Final = 1_000
#: One key each; they do nothing while somebody types. Streamlit keeps some letters for itself.
_KEYS: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: "1",
    Decision.REFUSE: "2",
    Decision.CANNOT_SAY: "3",
}
_ICONS: Final[Mapping[Decision, str]] = {
    Decision.APPROVE: ":material/thumb_up:",
    Decision.REFUSE: ":material/thumb_down:",
    Decision.CANNOT_SAY: ":material/help:",
}


def deciding(view: View, line: QueueLine) -> None:
    """Draw the case that is with this person, or offer the next one."""
    widgets.finding(words.line_words(line))
    if line.blocked:
        them = "it" if line.blocked == 1 else "them"
        widgets.notice(tr(words.BLOCKED, n=words.cases(line.blocked), them=them))
    if not (rights.can_do(AppRole.EXPERT, tr(_DECIDING)) and rights.rows_shown()):
        return
    if not room.is_known():
        acting.ask_for_a_name()
        return
    try:
        begun = _begun(line)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if _is_stale(begun):
        widgets.notice(tr(_STALE))
    if begun is None:
        st.session_state.pop(_GOING, None)
        _start(line)
    elif isinstance(begun, BlindCase):
        _blind(begun)
    else:
        _after(view, line, begun)


def _begun(line: QueueLine) -> BlindCase | Revealed | None:
    """Return the case that is with this person; whoever is going on gets the next one."""
    desk = room.acting_desk()
    found = desk.current_case(line.id)
    if found is None and st.session_state.get(_GOING) == line.id and line.for_me:
        return desk.next_case(line.id)
    return found


def _key(shown: BlindCase | Revealed, name: str) -> str:
    """Return the key of a field of this step of this case."""
    step = "blind" if isinstance(shown, BlindCase) else "final"
    return f"{name}.{step}.{shown.case}.{shown.queue}"


def _is_stale(begun: BlindCase | Revealed | None) -> bool:
    """Whether a button was pressed of another step or case than the one that this person is at."""
    end = None if begun is None else _key(begun, "")
    pressed = (str(key) for key, value in st.session_state.items() if value is True)
    return any(key.startswith(_PRESSED) and (end is None or not key.endswith(end)) for key in pressed)


def _start(line: QueueLine) -> None:
    if not line.for_me:
        return
    widgets.paragraph(
        tr(
            "You see one application at a time, without the model's score and without what others said. You "
            "decide; only then the model is shown, and you may keep your decision or change it."
        )
        + (tr(" Each step is recorded at once.") if room.practice() is None else "")
    )
    if st.button(tr("Start deciding"), icon=":material/play_arrow:", key="queue_start"):
        acting.act(lambda: _take(line.id), tr("Here is your first case."))


def _take(queue_id: str) -> None:
    room.acting_desk().next_case(queue_id)
    st.session_state[_GOING] = queue_id


def _blind(case: BlindCase) -> None:
    with st.container(border=True, key="queue_case"):
        widgets.heading(
            tr("Case {case}", case=count(case.case + 1)), tr("What would you decide, knowing this?")
        )
        card(case.values)
        if case.withheld:
            named = ", ".join(safe(name) for name in case.withheld)
            widgets.note(tr("Not shown, since nobody is to decide by it: {named}.", named=named))
        codes = _reasons(case, ())
        note = _note(case)
        said = _pressed(case)
        if said is not None:
            acting.act(
                lambda: _say_blind(case, said, codes, note),
                tr("{done} This is what the model says.", done=_done()),
            )
        widgets.note(
            tr("A refusal takes a reason. What you say here stays as it is, whatever you decide afterwards.")
        )
    if st.button(
        tr("Give it back and stop"), icon=":material/undo:", type="tertiary", key=_key(case, _RELEASE)
    ):
        acting.act(lambda: _release(case), tr("The case is back in the queue."))


def _pressed(case: BlindCase) -> Decision | None:
    """Show a button for each decision; return the one that was pressed."""
    with st.container(horizontal=True, gap="small"):
        pressed = {
            decision: st.button(
                label,
                icon=_ICONS[decision],
                shortcut=_KEYS[decision],
                key=_key(case, f"{_PRESSED}{decision.value}"),
            )
            for decision, label in all_of(words.DECISIONS).items()
        }
    return next((decision for decision, is_pressed in pressed.items() if is_pressed), None)


def _say_blind(case: BlindCase, decision: Decision, codes: Sequence[str], note: str) -> None:
    room.acting_desk().decide_blind(case.queue, case.case, decision.value, codes=codes, note=note)


def _release(case: BlindCase) -> None:
    st.session_state.pop(_GOING, None)
    room.acting_desk().release(case.queue, case.case)


def _after(view: View, line: QueueLine, shown: Revealed) -> None:
    with st.container(border=True, key="queue_case"):
        widgets.heading(
            tr("Case {case}", case=count(shown.case + 1)), tr("You have decided blind. Here is the model")
        )
        widgets.paragraph(words.revealed_words(shown))
        widgets.draw(queue_band(shown.band, shown.score), key="queue_band")
        widgets.how_to_read(
            tr(
                "The mark is this application's score. Orange scores are declined, grey ones go to a person, "
                "blue ones are approved; the dashed line is where the model alone would change sides."
            )
        )
        for said in shown.others:
            widgets.paragraph(words.said_words(said))
        model_reasons(view, line, shown)
        with st.expander(tr("The application again"), icon=":material/description:"):
            card(shown.values)
        _final(shown)


def _final(shown: Revealed) -> None:
    st.markdown(tr("**Your final decision**"))
    decision = st.pills(
        tr("Your final decision"),
        list(words.DECISIONS),
        default=shown.own.decision,
        required=True,
        format_func=lambda one: safe(tr(words.DECISIONS[one])),
        key=acting.key(_key(shown, "queue_final")),
        label_visibility="collapsed",
    )
    if decision is None:
        return
    codes = _reasons(shown, shown.own.codes)
    if shown.is_override(decision):
        widgets.notice(tr("This is against the model's side of its threshold: give the reason."))
    note = _note(shown)
    with st.container(horizontal=True, gap="small"):
        label = tr("Keep it and go on") if decision is shown.own.decision else tr("Change it and go on")
        pressed = st.button(label, icon=":material/check:", shortcut="k", key=_key(shown, _KEEP))
        stopped = st.button(tr("Record it and stop"), icon=":material/stop:", key=_key(shown, _STOP))
    if pressed or stopped:
        _record(shown, decision, codes, note, go_on=pressed)


def _record(shown: Revealed, decision: Decision, codes: Sequence[str], note: str, *, go_on: bool) -> None:
    try:
        done = room.acting_desk().decide(shown.queue, shown.case, decision.value, codes=codes, note=note)
    except RaiError as error:
        widgets.problem(safe(error.message, limit=600))
        return
    if go_on:
        st.session_state[_GOING] = shown.queue
    else:
        st.session_state.pop(_GOING, None)
    acting.act(lambda: None, f"{_done()} {words.finished_words(done)}")


def _done() -> str:
    """Say what became of a decision: in a practice it is nowhere but in this session."""
    return tr("Recorded.") if room.practice() is None else tr("Done, in this practice alone.")


def card(values: Mapping[str, object]) -> None:
    """Show an application: each column with its value."""
    items = list(values.items())
    for start in range(0, len(items), _COLUMNS):
        for place, (name, value) in zip(st.columns(_COLUMNS), items[start : start + _COLUMNS], strict=False):
            with place, st.container(gap=None):
                st.caption(safe(name))
                st.markdown("–" if value is None else f"**{safe(value, limit=300)}**")


def _reasons(shown: BlindCase | Revealed, given: Sequence[str]) -> list[str]:
    found = st.pills(
        tr("Reasons"),
        list(shown.codes),
        selection_mode="multi",
        default=[code for code in given if code in shown.codes],
        format_func=lambda code: safe(words_of(code)),
        key=acting.key(_key(shown, "queue_codes")),
    )
    return [str(code) for code in found]


def _note(shown: BlindCase | Revealed) -> str:
    return st.text_input(
        tr("Note (optional)"),
        key=acting.key(_key(shown, "queue_note")),
        max_chars=_LONGEST_NOTE,
        help=tr("In your own words. It is kept beside the record and can be erased."),
    )
