"""The sentences of the last chapter: who has signed, and whether it still holds."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.govern.monitor.lines import Held
from rai_dash.ui.monitoring import basis, batches
from rai_dash.ui.signing import desk, words
from rai_dash.ui.state import View
from rai_dash.ui.text import count, safe
from rai_dash.ui.tour.cast import cast_of


def sign(view: View) -> str:
    """Say where the policy stands, or that nobody has signed yet."""
    standing = desk.looked_at(view, desk.on_offer(view))
    if standing is None:
        return tr(
            "**Nobody has signed for this band.** Its author states it, others approve it, an operator puts it into "
            "force; until then a person decides every application."
        )
    status = words.decisive(standing)
    if status.suspended is not None:
        # The reason stands on the page below, and takes more room than the strip has.
        return tr(
            "**Version {version} of “{title}” is suspended:** a person decides every application until somebody lifts "
            "it.",
            version=count(status.version),
            title=safe(status.title),
        )
    return f"**{safe(words.state_line(standing, status).text, limit=400)}**"


def watch(view: View) -> str:
    """Say how many lines of the newer data lie outside the limits of what was, or would be, signed."""
    fresh = cast_of(view.case).fresh
    if fresh is None:
        return ""
    against = basis.usual(view)
    if fresh.dataset.portfolio is not None:
        return tr("“{batch}” is counted where it lies: start the count below.", batch=safe(fresh.title))
    found = batches.judged(view, against, fresh)
    if found is None:
        return ""
    verdict = found.report.verdict
    whose = tr("today’s band, as if it were signed") if against.is_rehearsal else tr("the signed band")
    about = {
        "batch": safe(fresh.title), "whose": whose, "n": count(verdict.counted), "all": count(verdict.judged),
        "few": count(verdict.too_few),
    }  # fmt: skip
    if verdict.state is Held.BREACH:
        return tr(
            "“{batch}” beside {whose}: **{n} of {all}** lines lie outside their limits by more than chance.",
            **about,
        )
    return tr(
        "“{batch}” beside {whose}: no line of **{all}** is shown to break its limits; **{few}** have too few rows to "
        "tell.",
        **about,
    )
