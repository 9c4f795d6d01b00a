"""Two batches that were held against a policy."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.report.changed.batches import changed_batches
from rai_dash.ui import widgets
from rai_dash.ui.changed import look
from rai_dash.ui.monitoring.recorded import log_of
from rai_dash.ui.monitoring.words import line_name
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import count, plain


def section(view: View) -> None:
    """Let the user pick two recorded batches, and draw what changed."""
    offered = desk.on_offer(view).standings
    # Without a policy there is no batch, and no reason to open a store.
    log = log_of(acts=False) if offered else None
    runs = [] if log is None else [run for name in offered for run in log.runs(name)]
    if log is None or len(runs) < 2:
        has = tr("one batch") if runs else tr("no batch")
        widgets.finding(
            tr(
                "There is {has} in the record of the policies to open from here, and a comparison takes two.",
                has=has,
            )
        )
        widgets.next_step(
            tr("A batch is held against a policy, and written into the record, there."),
            "monitor",
            label=tr("Go to Monitor"),
        )
        return
    runs.sort(key=lambda run: -run.seq)
    by_key = {str(run.seq): run for run in runs}
    names = {
        key: plain(
            tr(
                "{run}, {rows} rows, {period}",
                run=run.label,
                rows=count(run.rows),
                period=run.period or f"{run.at:%Y-%m-%d}",
            )
        )
        for key, run in by_key.items()
    }
    keys = list(names)
    picked = look.two_of(names, keys[1], keys[0])
    if picked is None:
        return
    then, now = (by_key[key] for key in picked)
    found = changed_batches(
        log.report_of(then), log.report_of(now), names=(then.label, now.label), called=line_name
    )
    look.draw(found)
