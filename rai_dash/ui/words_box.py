"""What the words of a page mean, in one place at the top of every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from rai_dash.core.texts import tr
from rai_dash.metrics.glossary import Term, glossary, term
from rai_dash.ui.guard import fragment
from rai_dash.ui.text import safe


@fragment
def words_box(keys: Sequence[str]) -> None:
    """Offer what the words of a page mean, written only when it is opened.

    Parameters
    ----------
    keys : sequence of str
        Words of the glossary that the page says.
    """
    with st.popover(
        tr("What the words mean"),
        type="tertiary",
        icon=":material/menu_book:",
        key="words",
        on_change="rerun",
    ) as box:
        if not box.open:
            return
        is_all = st.toggle(tr("All words of the app"), key="words_all")
        st.markdown("\n\n".join(_lines(glossary().values() if is_all else explained(keys))))


def explained(keys: Sequence[str]) -> list[Term]:
    """Return words, with what the letters of their formulas count."""
    terms, letters = [term(key) for key in keys], term("confusion_table")
    has_letters = letters not in terms and any("TP" in one.formula for one in terms)
    return [*terms, letters] if has_letters else terms


def _lines(terms: Iterable[Term]) -> list[str]:
    """Write one paragraph a word, by alphabet."""
    return [_line(one) for one in sorted(terms, key=lambda one: one.title.casefold())]


def _line(one: Term) -> str:
    formula = f"  \n:small[{safe(one.formula, limit=200)}]" if one.formula else ""
    return f"**{safe(one.title)}.** {one.told}{formula}"
