"""What two models lean on: the share of each column in their attributions, on the same applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from rai_dash.charts.model_metrics import MAX_ROWS, model_metrics
from rai_dash.core.texts import all_of, mark, tr
from rai_dash.explain._asking import Watch
from rai_dash.report.models_explained import ExplainedPair, explained_pair
from rai_dash.ui import controls, widgets
from rai_dash.ui.deciding.shap_and_lime import SPACES
from rai_dash.ui.drivers import asked
from rai_dash.ui.models import words
from rai_dash.ui.models.look import Look
from rai_dash.ui.text import count, plain, safe

_DOING: Final = mark("Explaining the same applications with both models")
#: Half the width of the band in which a share hardly differs.
_LITTLE: Final = 0.01


def panel(look: Look) -> None:
    """Explain the same applications with both models, once, and draw what differs."""
    space = controls.pick(tr("Contributions in"), "space", list(SPACES), all_of(SPACES))
    wanted = {
        "models": [look.current.model.model.info.fingerprint, look.candidate.model.model.info.fingerprint],
        "space": space, "test": look.found.data.dataset.fingerprint, "left_out": look.found.left_out,
    }  # fmt: skip
    found: ExplainedPair | None = asked.at_once(
        look.view, "models_explained", wanted, _work(look, space), doing=tr(_DOING), key="models_explained"
    )
    if found is None:
        return
    widgets.finding(words.reasons_sentence(found))
    columns = found.columns[:MAX_ROWS]
    widgets.draw(
        model_metrics(
            [c.column for c in columns], [c.current for c in columns], [c.candidate for c in columns],
            low=[c.low for c in columns], high=[c.high for c in columns], shown=[c.is_steady for c in columns],
            few=[False for _ in columns], tolerance=_LITTLE,
            finding=[_finding(c.is_steady, c.difference) for c in columns],
        ),
        key="models_reasons",
    )  # fmt: skip
    sample = (
        "" if found.rows == found.of else tr(", a sample of {of} evenly over the scores,", of=count(found.of))
    )
    widgets.how_to_read(
        tr(
            "A column's share is its mean absolute contribution over the sum of all columns', in {space}, of "
            "{rows} applications{sample} against the same {background} people for both models. The line is "
            "where the difference lies in 95 % of samples of these applications; a star is a difference that "
            "keeps its sign there. A share says how far a column moves scores, not whether rightly.",
            space=safe(found.space),
            rows=count(found.rows),
            sample=sample,
            background=count(found.background),
        )
    )
    if safe(found.methods[0]) != safe(found.methods[1]):
        widgets.note(
            tr(
                "Explained by: {methods}; and: {methods_2}.",
                methods=safe(found.methods[0], limit=200),
                methods_2=safe(found.methods[1], limit=200),
            )
        )
    widgets.numbers(lambda: reasons_frame(found), name="models_reasons", key="models_reasons")


def _finding(is_steady: bool, difference: float | None) -> str:  # noqa: FBT001 - one word for one flag
    if difference is None:
        return tr("no input of one of the models")
    return tr("keeps its sign") if is_steady else tr("may be chance")


def _work(
    look: Look, space: str
) -> Callable[[Callable[[int, int, str], None], Callable[[], bool]], ExplainedPair]:
    found, pair = look.found, look.pair

    def work(progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]) -> ExplainedPair:
        return explained_pair(found, pair, space=space, watch=Watch(progress, cancelled))

    return work


def reasons_frame(found: ExplainedPair) -> pd.DataFrame:
    """Return one row a column: its share and rank under both models, and how steady the difference is."""
    return pd.DataFrame(
        [
            {
                "column": plain(c.column),
                "share now": c.current,
                "share with the candidate": c.candidate,
                "difference": c.difference,
                "low": c.low,
                "high": c.high,
                "rank now": c.current_rank,
                "rank with the candidate": c.candidate_rank,
                "ranks now": None
                if c.current_ranks is None
                else tr(
                    "{current_ranks} to {current_ranks_2}",
                    current_ranks=c.current_ranks[0],
                    current_ranks_2=c.current_ranks[1],
                ),
                "ranks with the candidate": None
                if c.candidate_ranks is None
                else tr(
                    "{candidate_ranks} to {candidate_ranks_2}",
                    candidate_ranks=c.candidate_ranks[0],
                    candidate_ranks_2=c.candidate_ranks[1],
                ),
                "rank changes": c.is_moved,
            }
            for c in found.columns
        ]
    )
