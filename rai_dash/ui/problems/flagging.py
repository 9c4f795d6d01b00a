"""The buttons on other pages that make what is found there a problem: a leak, a proxy, an explanation."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.data.slices import Slice, Term, slice_words, term_of_group
from rai_dash.govern.problems import Source
from rai_dash.metrics.table import METRICS
from rai_dash.report.shared_json import id_of
from rai_dash.trials.proxy_result import Proxies
from rai_dash.ui.problems import flag
from rai_dash.ui.state import View


def leak(column: str, *, key: str) -> None:
    """Offer to make a problem of a column that gives the outcome away."""
    words = slice_words(Slice(terms=(Term(column=column, kind="not_blank"),)))
    title = tr("{column} may give the outcome away", column=column)
    flag.button(flag.Draft(title=title, words=words, source=Source.LEAK), key=key)


def proxy(found: Proxies) -> None:
    """Offer to make a problem of a sensitive column that the others give away; nothing where that is not shown."""
    if not found.is_shown:
        return
    best = max(range(len(found.groups)), key=lambda i: found.by_group[i].value or 0.0)
    words = slice_words(Slice(terms=(Term(column=found.column, kind="is", values=(found.groups[best],)),)))
    title = tr("{column} can be guessed from the other columns", column=found.column)
    flag.button(flag.Draft(title=title, words=words, source=Source.PROXY), key="problem_of_proxy")


def explanation(view: View, row: int) -> None:
    """Offer to make a problem of the explanation of one applicant, for those who see single applicants."""
    named = id_of(view.judgement.data.dataset, row)
    made = flag.Draft(
        title=tr("An explanation that cannot be right"),
        words=str(row) if named is None else named,
        source=Source.EXPLANATION,
        picked=True,
    )
    flag.button(made, key="problem_of_explanation", label=tr("Flag this explanation"))


#: Whom a share is of, where it is not of everybody in the group.
_OF = {
    **dict.fromkeys(("recall", "fnr"), Term(about="outcome", kind="is", values=("favourable",))),
    **dict.fromkeys(("fpr", "tnr"), Term(about="outcome", kind="is", values=("unfavourable",))),
    "precision": Term(about="decision", kind="is", values=("favourable",)),
    **dict.fromkeys(("npv", "for_rate"), Term(about="decision", kind="is", values=("unfavourable",))),
}


def group(column: str, name: str, metric: str) -> None:
    """Offer to make a problem of a group that is shown to be worse off in a metric.

    Parameters
    ----------
    column, name : str
        Sensitive column, and the group as the tables name it.
    metric : str
        Name of the metric.
    """
    whom = _OF.get(metric)
    words = slice_words(Slice(terms=(term_of_group(column, name), *([] if whom is None else [whom]))))
    label = METRICS[metric].label.lower()
    title = tr("Disparity shown in {label} for {name} ({column})", label=label, name=name, column=column)[
        :200
    ]
    flag.button(flag.Draft(title=title, words=words), key="problem_of_group")
