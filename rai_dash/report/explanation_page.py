"""One explanation as a page to print: a single HTML file that loads nothing, every string escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rai_dash.core.words import number as number_words
from rai_dash.core.words import points

_STYLE = """
body { font: 14px/1.45 system-ui, sans-serif; max-width: 46em; margin: 2em auto; padding: 0 1em; color: #1c2430 }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-bottom: .2em } p { margin: .4em 0 }
table { border-collapse: collapse; width: 100%; margin: .5em 0 }
td, th { text-align: left; padding: .15em .5em; border-bottom: 1px solid #d5dae1; overflow-wrap: anywhere }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td.side { width: 22%; padding: .15em 0 } td.side div { height: .8em; print-color-adjust: exact }
td.against div { background: #b3541e; margin-left: auto } td.for { border-left: 1px solid #6b7480 }
td.for div { background: #1f6feb }
.warn { border-left: 4px solid #b3541e; padding-left: .6em } .small { color: #55606e; font-size: .85em }
.print { overflow-wrap: anywhere } @media print { body { margin: 0; max-width: none } tr { break-inside: avoid } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """One list of contributions.

    Parameters
    ----------
    title, under : str
        Heading and the line under it.
    values : mapping of str to float
        Contribution a column, towards approval above 0.
    is_share : bool
        Whether they are in probability, to be written as points.
    """

    title: str
    under: str
    values: Mapping[str, float]
    is_share: bool


def _amount(value: float, *, is_share: bool) -> str:
    return points(value, signed=True) if is_share else f"{'+' if value > 0 else ''}{number_words(value)}"


def _bar(value: float, most: float) -> str:
    width = 100 * abs(value) / most if most else 0.0
    bar = f'<div style="width:{width:.1f}%"></div>'
    left, right = (bar, "") if value < 0 else ("", bar)
    return f'<td class="side against">{left}</td><td class="side for">{right}</td>'


def _table(one: Contributions, own: Mapping[str, str], order: Sequence[str]) -> str:
    most = max((abs(v) for v in one.values.values()), default=0.0)
    lines = [
        f"<tr><td>{escape(name)}</td><td>{escape(own.get(name, ''))}</td>{_bar(one.values[name], most)}"
        f'<td class="n">{escape(_amount(one.values[name], is_share=one.is_share))}</td></tr>'
        for name in order
        if name in one.values
    ]
    head = "<tr><th>Column</th><th>Value</th><th>Towards refusal</th><th>Towards approval</th><th></th></tr>"
    return (
        f"<h2>{escape(one.title)}</h2><p class='small'>{escape(one.under)}</p>"
        f"<table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"
    )


def explanation_page(
    *,
    title: str,
    decision: str,
    cautions: Sequence[str],
    lists: Sequence[Contributions],
    order: Sequence[str],
    own: Mapping[str, str],
    facts: Mapping[str, str],
) -> str:
    """Write one explanation as HTML.

    Parameters
    ----------
    title, decision : str
        Heading, and what was decided; plain text.
    cautions : sequence of str
        What the reader must know, plain text.
    lists : sequence of Contributions
        Tables with bars, in this order.
    order : sequence of str
        Columns from top to bottom, the same in all tables.
    own : mapping of str to str
        The applicant's values.
    facts : mapping of str to str
        Method, rows, errors, fingerprints.

    Returns
    -------
    str
        A whole document; it loads nothing and holds no script.
    """
    tables = "".join(_table(one, own, order) for one in lists)
    warned = "".join(f'<p class="warn">{escape(text)}</p>' for text in cautions)
    told = "".join(f"<tr><td>{escape(k)}</td><td>{escape(v)}</td></tr>" for k, v in facts.items())
    # The rule against loading stands in the file itself, whatever a viewer would do.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
        f"<p><strong>{escape(decision)}</strong></p>{warned}{tables}"
        f'<h2>What this rests on</h2><table class="print"><tbody>{told}</tbody></table></body></html>'
    )
