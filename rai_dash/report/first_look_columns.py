"""Findings about single columns: blanks and odd codes in those that people are compared by, and outliers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import ntr, tr
from rai_dash.core.words import count, percent
from rai_dash.data.column_facts import ColumnFacts, TableFacts
from rai_dash.data.dataset import Dataset
from rai_dash.data.profile import FENCE, FEW_VALUES

BLANK, CODES = "sensitive_blank", "rare_codes"
#: Share of blanks from which they are told.
_BLANK: Final = 0.05
#: Numbers with so many values are taken for codes, unless edges are stated for them.
_CODES: Final = (3, 15)
_RARE: Final = 0.01
_LISTED: Final = 6
#: Share of outliers from which they are told.
_FAR: Final = 0.001


def blank_groups(dataset: Dataset, facts: TableFacts) -> str | None:
    """Say of which sensitive columns many cells are blank, the emptiest first; None where there is none."""
    shares = {c: 1 - facts[c].known / facts.n for c in dataset.roles.sensitive if facts.n}
    found = sorted((c for c, share in shares.items() if share >= _BLANK), key=lambda c: -shares[c])
    if not found:
        return None
    blank = facts.n - facts[found[0]].known
    others = ", ".join(f"`{c}` ({percent(shares[c])})" for c in found[1 : _LISTED + 1])
    more = tr(" and {found} more", found=count(len(found) - 1 - _LISTED)) if len(found) - 1 > _LISTED else ""
    also = tr(" Also blank: {others}{more}.", others=others, more=more) if others else ""
    return tr(
        "`{found}` is not known for {blank} of {facts} rows ({shares}). They are a group of their own, "
        "`(missing)`; what is said of the other groups is of the rest, who may be other people.{also}",
        found=found[0],
        blank=count(blank),
        facts=count(facts.n),
        shares=percent(shares[found[0]]),
        also=also,
    )


def rare_codes(dataset: Dataset, facts: TableFacts) -> Iterator[tuple[str, str]]:
    """Name the codes of sensitive columns that fewer than 1 % of the rows have: (column, what is said)."""
    for name in dataset.roles.sensitive:
        column = facts[name]
        if name in dataset.roles.bins or not _are_codes(column):
            continue
        rare = [(v, int(n)) for v, n in zip(*column.few_numbers, strict=True) if n < _RARE * facts.n]
        if rare:
            listed = ", ".join(
                ntr("{v} ({n} row)", "{v} ({n} rows)", n, v=f"{v:.0f}", n=count(n)) for v, n in rare
            )
            text = tr(
                "`{name}` holds codes that under {rare} of the rows have: {listed}. Check that its "
                "documentation explains each; have a code that stands for nothing read as missing.",
                name=name,
                rare=percent(_RARE, digits=0),
                listed=listed,
            )
            yield name, text


def _are_codes(column: ColumnFacts) -> bool:
    low, high = _CODES
    return column.is_whole and column.has_few(high) and column.distinct >= low


def far_out(dataset: Dataset, facts: TableFacts) -> tuple[str, str] | None:
    """Tell the column with the most outliers, where they are not a rarity: (column, what is said)."""
    roles = dataset.roles
    quiet = (roles.id, roles.target, roles.split, roles.score, roles.weight, roles.time, *roles.ignored)
    best = (0.0, "", 0, 0)
    wide = [c for c in facts.without(quiet) if c.is_number and not c.has_few(FEW_VALUES) and c.known]
    # Those that may have most are counted first, which spares the others a count.
    for column in sorted(wide, key=lambda c: -c.outliers_at_most / c.known):
        if column.outliers_at_most < max(best[0], _FAR) * column.known:
            continue
        if (out := column.outliers) is not None:
            best = max(best, (out / column.known, column.name, out, column.known))
    share, name, out, known = best
    if share < _FAR:
        return None
    text = tr(
        "`{name}`: {out} of {known} values ({share}) lie further from the quartiles than {fence} times "
        "the distance between them. They stay in every figure; check that they are no codes.",
        name=name,
        out=count(out),
        known=count(known),
        share=percent(share),
        fence=f"{FENCE:.0f}",
    )
    return name, text
