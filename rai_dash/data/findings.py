"""What a table tells before anybody judges it: everything worth saying, most important first."""

from __future__ import annotations

from collections.abc import Sequence

from rai_dash.core.texts import KEPT, spoken
from rai_dash.core.types import Notice
from rai_dash.data import _findings_columns, _findings_rows
from rai_dash.data.column_facts import TableFacts, facts_of
from rai_dash.data.dataset import Dataset
from rai_dash.data.missing import stand_in_notices
from rai_dash.data.outcome_rows import said_of_sample
from rai_dash.data.personal import find_personal

#: Codes of findings, most important first.
ORDER = (
    "one_outcome", "leak_suspect", "rows_in_training_and_test", "personal_data", "no_outcome", "few_rows",
    "conflicting_rows", "blank_weight", "duplicate_rows", "missing_code", "no_sensitive", "id_like", "row_number",
    "long_text", "many_values", "date_column", "code_or_quantity", "constant_column", "empty_column",
)  # fmt: skip


@spoken(KEPT)
def findings(
    dataset: Dataset, others: Sequence[Dataset] = (), *, facts: TableFacts | None = None
) -> tuple[Notice, ...]:
    """Say everything worth knowing about a data set with its roles.

    Parameters
    ----------
    dataset : Dataset
        The table; what was said while it was read (``dataset.warnings``) is not repeated.
    others : sequence of Dataset
        Other tables of the same story: rows that are in both are counted.
    facts : TableFacts, optional
        Of the same table, see `rai_dash.data.column_facts.facts_of`, where there are some already.

    Returns
    -------
    tuple of Notice
        Counts are of all rows; what needs single rows is of the sample of a portfolio, and says so.
        In the order of ``ORDER``; ``column`` is set where it is about one column, ``rows`` where it
        counts rows. No message holds the value of a cell of a personal column.
    """
    facts = facts or facts_of(dataset)
    personal = find_personal(facts, dataset.roles)
    found = [
        *_findings_rows.about_rows(dataset, facts.whole),
        *(said_of_sample(dataset, n) for n in _findings_rows.about_copies(dataset, facts, others)),
        *stand_in_notices(dataset),
        *_findings_columns.about_columns(dataset, facts, personal),
    ]
    said = {(n.code, n.column) for n in dataset.warnings}
    new = (n for n in found if n.column is None or (n.code, n.column) not in said)
    return tuple(sorted(new, key=lambda n: ORDER.index(n.code)))
