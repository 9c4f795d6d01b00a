"""All words that are no metric, by subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rai_dash.core.glossary.chance_terms import CHANCE, EXACT
from rai_dash.core.glossary.data_terms import DATA
from rai_dash.core.glossary.deciding_terms import DECISIONS
from rai_dash.core.glossary.group_terms import GROUPS
from rai_dash.core.glossary.term import Term
from rai_dash.core.glossary.using_terms import EXPLANATIONS, IN_USE

#: By key.
TERMS: Final[Mapping[str, Term]] = {
    term.key: term for term in (*DECISIONS, *CHANCE, *EXACT, *DATA, *GROUPS, *EXPLANATIONS, *IN_USE)
}
