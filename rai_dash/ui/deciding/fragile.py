"""The applicants whose decisions flip when the data is a little off; shared with the page on the drivers."""

from __future__ import annotations

import numpy as np

from rai_dash.core.texts import mark, tr
from rai_dash.explain._asking import Watch
from rai_dash.explain.noise import DRAWS
from rai_dash.govern.people import AppRole
from rai_dash.report.drivers_work import SHOWN_NOISE
from rai_dash.report.finder_work import (
    MOST_SHAKEN,
    Known,
    fragile_first,
    known_flips,
    nearest_rows,
    shaken_rows,
)
from rai_dash.sandbox.jobs import Work
from rai_dash.ui.applicants import Ranked
from rai_dash.ui.drivers import asked
from rai_dash.ui.state import View
from rai_dash.ui.text import count, percent

FLIPS = f"flips of {DRAWS} copies"
DOING = mark("Shaking applicants")


def most_fragile(view: View) -> Ranked | None:
    """List the applicants whose decisions flip under noise, the most fragile first; None until some are shaken.

    Whoever was shaken before, here or for the page on the drivers, at whatever threshold, is not shaken again.
    """
    known = known_flips(view.judgement, view.choices.threshold)
    wanted = nearest_rows(view.judgement, view.choices.threshold, MOST_SHAKEN)
    missing = int((~np.isin(wanted, known.at)).sum())
    if missing:
        more: Known | None = asked.by_button(
            view,
            "flips_each",
            {"threshold": view.choices.threshold, "eps": SHOWN_NOISE, "rows": MOST_SHAKEN},
            _work(view),
            label=tr("Shake {missing} applicants", missing=count(missing)),
            idle=_idle(view, wanted.size, known.at.size),
            doing=tr(DOING),
            key="fragile",
            role=AppRole.EXPERT,
        )
        known = more or known
    return _ranked(view, known) if known.at.size else None


def _work(view: View) -> Work:
    case, judgement, threshold = view.case, view.judgement, view.choices.threshold
    return lambda progress, cancelled: shaken_rows(
        case, judgement, threshold, watch=Watch(progress, cancelled)
    )


def _idle(view: View, wanted: int, known: int) -> str:
    n = view.judgement.n_judged
    who = tr("all {wanted} applicants", wanted=count(wanted)) if wanted == n else (
        tr("the {wanted} applicants nearest to the threshold, of {n}", wanted=count(wanted), n=count(n))
    )  # fmt: skip
    done = tr("; {known} were shaken before and are listed", known=count(known)) if known else (
        tr("; until then those nearest to the threshold are listed")
    )  # fmt: skip
    noise = percent(SHOWN_NOISE, digits=0)
    return tr(
        "Asks the model about {draws} copies with {noise} noise of {who}{done}.",
        draws=count(DRAWS),
        noise=noise,
        who=who,
        done=done,
    )


def _ranked(view: View, known: Known) -> Ranked:
    order = fragile_first(view.judgement, known, view.choices.threshold)
    note = tr(
        "Share of {draws} copies with {shown_noise} noise that end in the other decision. {size} of "
        "{at_size} shaken applicants ({n_judged} in all) flip at least once.",
        draws=count(DRAWS),
        shown_noise=percent(SHOWN_NOISE, digits=0),
        size=count(order.size),
        at_size=count(known.at.size),
        n_judged=count(view.judgement.n_judged),
    )
    rows = view.judgement.positions[known.at[order]]
    return Ranked(rows=rows, numbers={FLIPS: known.flip[order]}, note=note)
