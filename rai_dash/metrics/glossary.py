"""The whole glossary: words of the trade, and every metric with the line that the registry has for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.glossary import Term
from rai_dash.core.glossary.metric_notes import NOTES, Note
from rai_dash.core.glossary.terms import TERMS
from rai_dash.core.texts import mark, tr
from rai_dash.metrics._base import METRICS
from rai_dash.metrics.parity import MEANINGS

#: Named measures that people look up: key, name, the entry of `MEANINGS` that says what it is, other names.
_MEASURES: Final = (
    (
        "demographic_parity",
        mark("demographic parity"),
        "demographic_parity_difference",
        mark("parity difference|statistical parity"),
    ),
    ("equal_opportunity", mark("equal opportunity"), "equal_opportunity_difference", ""),
    ("equalized_odds", mark("equalized odds"), "equalized_odds_max", mark("equalised odds")),
    ("predictive_parity", mark("predictive parity"), "predictive_parity_difference", ""),
    (
        "differential_fairness",
        mark("smoothed differential fairness"),
        "smoothed_differential_fairness",
        mark("differential fairness"),
    ),
)


@lru_cache(maxsize=1)
def glossary() -> Mapping[str, Term]:
    """Return every word that is explained, by key: metrics under their own names."""
    measures = (
        Term(key=key, name=name, meaning=MEANINGS[entry], forms=forms, page="groups.md")
        for key, name, entry, forms in _MEASURES
    )
    return {**TERMS, **{term.key: term for term in measures}, **_metrics()}


def _metrics() -> dict[str, Term]:
    """Join the lines of the registry with what the glossary knows beside them."""
    return {
        name: Term(
            key=name,
            name=metric.label,
            meaning=metric.meaning,
            more=(note := NOTES.get(name, Note())).more,
            formula=note.formula,
            forms=note.forms,
            page=note.page,
        )
        for name, metric in METRICS.items()
    }


def term(key: str) -> Term:
    """Return one word.

    Raises
    ------
    InvalidChoice
        When the glossary has none of this key.
    """
    found = glossary().get(key)
    if found is None:
        msg = tr(
            "The glossary has no word `{key}`. Add one in `rai_dash/core/glossary`, or name one that it has.",
            key=key,
        )
        raise InvalidChoice(msg)
    return found


__all__ = ["Term", "glossary", "term"]
