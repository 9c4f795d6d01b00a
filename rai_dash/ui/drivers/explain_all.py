"""The contributions of everyone: a job in the background, made once for the same content, stopped on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rai_dash.core.texts import mark, tr
from rai_dash.explain._asking import Watch
from rai_dash.report.correlated import Blocks
from rai_dash.report.everyone import SAMPLE, Everyone, judged_explained, sample_explained
from rai_dash.ui.drivers import asked
from rai_dash.ui.state import View
from rai_dash.ui.text import count

DOING = mark("Explaining everyone in the model's own process")


@dataclass(frozen=True, slots=True)
class _OneByOne:
    """The route asks the model many times an applicant: everyone at once is too much."""


def everyone(view: View, *, space: str, blocks: Sequence[Sequence[str]] = ()) -> Everyone | None:
    """Return the contributions of everyone; until they are there, show how far they are and return None.

    Models that are explained in closed form or by their trees are started at once. For the others a button starts a
    sample of ``SAMPLE`` rows, evenly over their scores.

    Parameters
    ----------
    view : View
        The case and the pair that is looked at.
    space : str
        ``"log-odds"`` or ``"probability"``; ``Everyone.table.space`` says what it became.
    blocks : sequence of sequences of str
        Columns that count as one.
    """
    joined: Blocks = tuple(tuple(block) for block in blocks)
    wanted: dict[str, object] = {"space": space, "blocks": [list(b) for b in joined]}
    first = asked.at_once(
        view, "everyone", wanted, _work(view, space, joined, None), doing=tr(DOING), key="everyone"
    )
    if first is None or isinstance(first, Everyone):
        return first
    n = view.judgement.n_judged
    chosen = min(SAMPLE, n)
    found: Everyone | None = asked.by_button(
        view,
        "everyone_sample",
        wanted | {"rows": chosen},
        _work(view, space, joined, chosen),
        label=tr("Explain {chosen} of {n} applicants", chosen=count(chosen), n=count(n))
        if chosen < n
        else tr("Explain {n} applicants", n=count(n)),
        idle=(
            tr(
                "In this form of the explanation the model must be asked about many mixed rows for each "
                "applicant, so that a sample is explained, evenly over the scores: {chosen} of {n} rows. It "
                "takes from seconds to minutes and can be cancelled. Trees and linear models are explained "
                "for everyone at once, in log-odds.",
                chosen=count(chosen),
                n=count(n),
            )
        ),
        doing=tr(DOING),
        key="everyone",
    )
    return found


def _work(
    view: View, space: str, blocks: Blocks, most: int | None
) -> Callable[[Callable[[int, int, str], None], Callable[[], bool]], Everyone | _OneByOne]:
    """Return the job: all judged rows where that is cheap (``most`` None), or so many of them."""
    case, judgement = view.case, view.judgement

    def work(
        progress: Callable[[int, int, str], None], cancelled: Callable[[], bool]
    ) -> Everyone | _OneByOne:
        watch = Watch(progress, cancelled)
        if most is not None:
            return sample_explained(case, judgement, most, space=space, blocks=blocks, watch=watch)
        return judged_explained(case, judgement, space=space, blocks=blocks, watch=watch) or _OneByOne()

    return work
