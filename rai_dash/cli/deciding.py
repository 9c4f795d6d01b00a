"""The options of ``rai-dash explain`` about single decisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rai_dash.cli.reading import read_bytes
from rai_dash.cli.shared import written
from rai_dash.core.errors import InvalidChoice

if TYPE_CHECKING:
    from rai_dash.report.decision_json import DecisionOptions

Threshold = Annotated[float, typer.Option(min=0.0, max=1.0, help="Favourable from this score.")]
Ways = Annotated[
    bool, typer.Option("--counterfactuals", help="The smallest changes after which it is decided otherwise.")
]
Fixed = Annotated[
    list[str] | None,
    typer.Option(
        help="Column that stays as it is; else the sensitive ones and what goes together with them. Repeat it; "
        "none = every column may change."
    ),
]
OnlyUp = Annotated[list[str] | None, typer.Option(help="Column of numbers that may only rise. Repeat it.")]
OnlyDown = Annotated[list[str] | None, typer.Option(help="Column of numbers that may only fall. Repeat it.")]
Rule = Annotated[bool, typer.Option("--rule", help="The rule that keeps the decision.")]
Neighbours = Annotated[
    bool, typer.Option("--neighbours", help="The applicants most alike with the other decision.")
]
Distance = Annotated[
    str, typer.Option(help="Of numbers, between neighbours: over the range, or the spread (middle 90 %).")
]
Reasons = Annotated[bool, typer.Option("--reasons", help="Draft reasons for a refusal.")]
Baseline = Annotated[
    str | None,
    typer.Option(
        help="Whom a refused applicant is compared with: just_approved, approved, near_threshold or population; else "
        "those just approved, or all approved ones where these are too few."
    ),
]
Steady = Annotated[
    bool,
    typer.Option("--steady", help="How steady the explanation is: under noise, and against other people."),
]
Texts = Annotated[Path | None, typer.Option(help="JSON with the reviewed texts of reasons.")]
DraftTexts = Annotated[
    Path | None, typer.Option(help="Write the texts of all the model's columns here, to be reviewed.")
]
WhatIfs = Annotated[
    list[str] | None, typer.Option("--what-if", metavar="COLUMN=VALUE", help="Another value. Repeat it.")
]
Start = Annotated[
    str, typer.Option("--what-if-from", help="What the values are changed from: own or typical.")
]
Alone = Annotated[
    bool, typer.Option("--alone", help="Columns of which a changed one says the value do not move along.")
]
Curves = Annotated[
    list[str] | None, typer.Option("--curve", help="The score along the values of a column. Repeat it.")
]

Fragile = Annotated[
    int | None,
    typer.Option(min=1, help="List so many applicants whose decisions flip most often under 5 % noise."),
]
Disagreeing = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Compare SHAP with LIME for so many applicants nearest to the threshold; the least agreement first.",
    ),
]
TwoWays = Annotated[
    int | None,
    typer.Option(
        min=1, help="Of trees: list so many on whom interventional and path-dependent SHAP agree least."
    ),
]

#: Options that may be given again and again.
_MANY = frozenset({"only_up", "only_down", "curves"})


def decision_options(
    *,
    what_if: Sequence[str] | None,
    fixed: Sequence[str] | None,
    texts: Path | None,
    **plain: Any,
) -> DecisionOptions:
    """Build the options from what was typed.

    Raises
    ------
    InvalidChoice
        When a text is no ``COLUMN=VALUE``, a file of texts cannot be read, or a value makes no sense.
    """
    from rai_dash.explain.reason_texts import ReasonTexts
    from rai_dash.report.decision_json import DecisionOptions

    stays = None if not fixed else tuple(name for name in fixed if name != "none")
    kept: dict[str, Any] = {k: tuple(v or ()) if k in _MANY else v for k, v in plain.items()}
    return DecisionOptions(
        changes=_changes(what_if or ()),
        fixed=stays,
        texts=None if texts is None else ReasonTexts.load(read_bytes(texts)),
        **kept,
    )


def _changes(items: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items:
        column, sign, value = item.partition("=")
        if not sign or not column:
            msg = (
                f"--what-if {item} is not COLUMN=VALUE. Write for example --what-if age=45; nothing behind = "
                "is a blank."
            )
            raise InvalidChoice(msg)
        found[column] = value
    return found


def write_texts(names: Sequence[str], texts: Any, out: Path) -> None:
    """Write the texts of all columns, drafts where nobody has written one.

    Raises
    ------
    InvalidChoice
        When the file cannot be written.
    """
    from rai_dash.explain.reason_texts import with_drafts

    with written(out):
        with_drafts(names, texts).save(out)
