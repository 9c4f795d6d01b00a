"""What ``band_handles`` adds up in the browser while a handle moves: the routes and the errors of the machine."""

from __future__ import annotations

from rai_dash.charts._base import Spec
from rai_dash.core.texts import mark

#: The three routes as fields and in words.
NAMES = {"declined": mark("declined"), "person": mark("to a person"), "approved": mark("approved")}
#: What Streamlit calls the page's table.
SOURCE = "source"
#: Bins of the histogram; divides 1,000.
BINS = 50


def _formula(name: str, expr: str) -> Spec:
    return {"type": "formula", "as": name, "expr": expr}


def _filter(expr: str) -> Spec:
    return {"type": "filter", "expr": expr}


def _sum(fields: list[str], **more: object) -> Spec:
    return {"type": "aggregate", "fields": fields, "ops": ["sum"] * len(fields), "as": fields} | more


def _of_thousand() -> str:
    """Write a route out of 1,000 as the sentence beside the chart does: `rai_dash.govern.policy_words.of_thousand`."""
    exact = [f"(1000 * datum.{name} / datum.all)" for name in NAMES]
    own, left = "(1000 * datum.value / datum.all)", f"(1000 - {' - '.join(f'floor{x}' for x in exact)})"
    before = [
        f"({x} % 1 > {own} % 1 || ({x} % 1 === {own} % 1 && {i} < indexof({list(NAMES)}, datum.key)) ? 1 : 0)"
        for i, x in enumerate(exact)
    ]
    return f"floor{own} + ({' + '.join(before)} < {left} ? 1 : 0)"


def tables() -> list[Spec]:
    """Return the tables made of the page's one; ``now`` is one row of all that is no count.

    With the ends among the edges of the cells, which start at ``k`` thousandths, the sums are exact.
    """
    is_cell, n = "datum.part === 'cell'", "(datum.good + datum.bad + datum.unknown)"
    low, high = f"{is_cell} && datum.k < lo", f"{is_cell} && datum.k >= hi"
    added = ["declined", "approved", "all", "wrong", "judged"]
    return [
        {
            "name": "now",
            "source": SOURCE,
            "transform": [
                _filter(f"!({is_cell}) && datum.part !== 'no_score'"),
                {"type": "pivot", "field": "part", "value": "k"},
            ],
        },
        {
            "name": "bins",
            "source": SOURCE,
            "transform": [
                _filter(is_cell),
                _formula("bin", f"min(floor(datum.k * {BINS} / 1000), {BINS - 1})"),
                _sum(["good", "bad", "unknown"], groupby=["bin"]),
                _formula("top", "datum.good + datum.unknown"),
            ],
        },
        {
            "name": "tallest",
            "source": "bins",
            "transform": [
                {"type": "aggregate", "fields": ["top", "bad"], "ops": ["max"] * 2, "as": ["top", "bad"]}
            ],
        },
        {
            "name": "sums",
            "source": SOURCE,
            "transform": [
                _formula("declined", f"{low} ? {n} : 0"),
                _formula("approved", f"{high} ? {n} : 0"),
                _formula("wrong", f"{low} ? datum.good : {high} ? datum.bad : 0"),
                _formula("judged", f"({low}) || ({high}) ? datum.good + datum.bad : 0"),
                _formula("all", n),
                _sum(added),
                _formula("person", "datum.all - datum.declined - datum.approved"),
            ],
        },
        {
            "name": "routes",
            "source": "sums",
            "transform": [
                {"type": "fold", "fields": list(NAMES)},
                _formula("share", "datum.all > 0 ? datum.value / datum.all : 0"),
                _formula("per_1000", f"datum.all > 0 ? {_of_thousand()} : 0"),
            ],
        },
    ]
