"""The contributions of everyone: a job in the background, made once for the same content, stopped on demand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rai_dash.explain._asking import IntArray
from rai_dash.explain.client import shap_matrix
from rai_dash.explain.coalitions import ESTIMATE, EXACT
from rai_dash.explain.drivers._bins import spread_rows
from rai_dash.explain.table import AttributionTable
from rai_dash.ui.drivers import asked
from rai_dash.ui.reference import model_of, reference_rows
from rai_dash.ui.state import View
from rai_dash.ui.text import count

#: Rows that are explained where each of them takes many answers of the model.
SAMPLE = 200
#: Longest time of one call, in seconds: a job can be cancelled, so it need not be stopped for being long.
LONGEST_S = 3600.0
Blocks = tuple[tuple[str, ...], ...]
DOING = "Explaining everyone in the model's own process"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Everyone:
    """Contributions of all judged rows, or of a sample of them.

    Parameters
    ----------
    table : AttributionTable
        Of m rows.
    at : int64 (m,)
        Which of the judged rows, ascending.
    of : int
        Judged rows there are.
    """

    table: AttributionTable
    at: IntArray
    of: int

    @property
    def is_sample(self) -> bool:
        """Whether some judged rows are left out."""
        return len(self.at) < self.of


@dataclass(frozen=True, slots=True)
class _OneByOne:
    """The route asks the model many times an applicant: everyone at once is too much."""


def asks_one_by_one(table: AttributionTable) -> bool:
    """Whether the values come from asking the model about many mixed rows an applicant."""
    return any(method.startswith((EXACT, ESTIMATE)) for method in table.methods)


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
        view, "everyone", wanted, _work(view, space, joined, None), doing=DOING, key="everyone"
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
        label=f"Explain {count(chosen)} of {count(n)} applicants"
        if chosen < n
        else f"Explain {count(n)} applicants",
        idle=(
            "In this form of the explanation the model must be asked about many mixed rows for each applicant, so that "
            f"a sample is explained, evenly over the scores: {count(chosen)} of {count(n)} rows. It takes from seconds "
            "to minutes and can be cancelled. Trees and linear models are explained for everyone at once, in log-odds."
        ),
        doing=DOING,
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
        def make() -> Everyone | _OneByOne:
            model, background = model_of(judgement).model, reference_rows(case, judgement)
            rows = judgement.data.dataset.frame.iloc[judgement.positions].reset_index(drop=True)

            def explain(some: NDArray[np.int64]) -> AttributionTable:
                return shap_matrix(
                    model, rows.iloc[some].reset_index(drop=True), background, space=space, blocks=blocks,
                    timeout=LONGEST_S, on_progress=progress, cancelled=cancelled,
                )  # fmt: skip

            progress(0, len(rows), "preparing the comparison with the reference rows")
            at = np.arange(len(rows))
            if most is not None:
                at = np.sort(spread_rows(judgement.score[judgement.positions], most))
            elif asks_one_by_one(explain(at[:1])):
                return _OneByOne()
            return Everyone(table=explain(at), at=at, of=len(rows))

        # Kept with the case too: the copies of a bundled case share what is made of it.
        return judgement.memo.get(("everyone", space, blocks, most), make)

    return work
