"""The buttons on other pages that make what is found there a problem: a leak, a proxy, an explanation."""

from __future__ import annotations

from rai_dash.data.slices import Slice, Term, slice_words
from rai_dash.govern.problems import Source
from rai_dash.report.shared_json import id_of
from rai_dash.trials.proxy_result import Proxies
from rai_dash.ui.problems import flag
from rai_dash.ui.state import View


def leak(column: str, *, key: str) -> None:
    """Offer to make a problem of a column that gives the outcome away."""
    words = slice_words(Slice(terms=(Term(column=column, kind="not_blank"),)))
    title = f"{column} may give the outcome away"
    flag.button(flag.Draft(title=title, words=words, source=Source.LEAK), key=key)


def proxy(found: Proxies) -> None:
    """Offer to make a problem of a sensitive column that the others give away; nothing where that is not shown."""
    if not found.is_shown:
        return
    best = max(range(len(found.groups)), key=lambda i: found.by_group[i].value or 0.0)
    words = slice_words(Slice(terms=(Term(column=found.column, kind="is", values=(found.groups[best],)),)))
    title = f"{found.column} can be guessed from the other columns"
    flag.button(flag.Draft(title=title, words=words, source=Source.PROXY), key="problem_of_proxy")


def explanation(view: View, row: int) -> None:
    """Offer to make a problem of the explanation of one applicant, for those who see single applicants."""
    named = id_of(view.judgement.data.dataset, row)
    made = flag.Draft(
        title="An explanation that cannot be right",
        words=str(row) if named is None else named,
        source=Source.EXPLANATION,
        picked=True,
    )
    flag.button(made, key="problem_of_explanation", label="Flag this explanation")
