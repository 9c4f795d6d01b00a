"""The work behind a report: judged here, written in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

from rai_dash.core.texts import language, mark, tr
from rai_dash.core.types import ReviewBand
from rai_dash.metrics.table import Costs
from rai_dash.report.audit_report.apart import Written, written_apart
from rai_dash.sandbox.jobs import Work
from rai_dash.ui import training
from rai_dash.ui.reporting.asked import Asked
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View

DOING: Final = mark("Counting and writing the report")
_STEPS: Final = 3


def key_of(view: View, asked: Asked) -> str:
    """Name the report by everything that it says."""
    chosen = view.choices
    standing = asked.standing
    wanted: dict[str, object] = {
        "threshold": chosen.threshold,
        "tolerance": chosen.tolerance,
        "crosses": crosses_of(view),
        "costs": [chosen.cost_by, chosen.cost_fp, chosen.cost_fn],
        "band": asdict(bench_of(view).band) if asked.with_band and standing is None else None,
        "fewest": asked.fewest,
        "explain": asked.explain,
        "policy": None if standing is None else [standing.policy_id, standing.events[-1].seq],
        "about": asked.about,
        "language": language(),
    }
    return training.job_key(view, "report", wanted)


def crosses_of(view: View) -> list[tuple[str, str]]:
    """Return the columns that are crossed on the page Fairness."""
    by, cross = view.choices.by, view.choices.cross
    sensitive = view.judgement.roles.sensitive
    return [(by, cross)] if by in sensitive and cross in sensitive and by != cross else []


def work_of(view: View, asked: Asked) -> Work:
    """Return the work that makes a report; who may read the policy is asked now, on the page."""
    judgement, chosen, spoken = view.judgement, view.choices, language()
    band, policy_of = _band_and_policy(view, asked)
    crosses = crosses_of(view)
    title = tr("{case}: {data}", case=view.case.title, data=judgement.data.title)

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> Written:
        from rai_dash.audit import audit_of
        from rai_dash.report.profile_json import profile_dataset

        progress(0, _STEPS, tr("judging"))
        found = audit_of(
            judgement,
            threshold=chosen.threshold,
            crosses=crosses,
            band=band,
            explain=asked.explain,
            costs=Costs(cost_fp=chosen.cost_fp, cost_fn=chosen.cost_fn)
            if chosen.cost_by == "fixed"
            else None,
            tolerance=chosen.tolerance / 100,
        ).content
        progress(1, _STEPS, tr("looking at the columns"))
        profile = profile_dataset(judgement.data.dataset, tolerance=chosen.tolerance / 100).content
        progress(2, _STEPS, tr("drawing and laying out"))
        parts = {
            "title": title,
            "profile": profile,
            "policy": policy_of(found),
            "about": asked.about,
            "fewest": asked.fewest,
        }
        return written_apart(found, parts, language=spoken, cancelled=cancelled)

    return work


def _band_and_policy(
    view: View, asked: Asked
) -> tuple[ReviewBand | None, Callable[[Any], dict[str, Any] | None]]:
    """Return the band, that of the policy if there is one; the policy is read now and said beside the audit later."""
    if asked.standing is None:
        return bench_of(view).band if asked.with_band else None, lambda _: None
    from rai_dash.govern.events import PREFIX
    from rai_dash.report.audit_report.signed import policy_facts

    standing = asked.standing
    policy = desk.reading_desk().policy(standing.policy_id, standing.latest.version)
    export = desk.room().store().export(subject=PREFIX + standing.policy_id)
    band = ReviewBand(policy.band.lo, policy.band.threshold, policy.band.hi)
    return band, lambda audit: policy_facts(policy, standing, export, audit)
