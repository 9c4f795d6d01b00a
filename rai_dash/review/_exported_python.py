"""The routing as a Python file: what every router is made of, its policy, and the vectors it checks itself with."""

from __future__ import annotations

import inspect
import pprint
from collections.abc import Sequence
from types import ModuleType

from rai_dash.core.types import ReviewBand, ScoreScale
from rai_dash.review import _portable, _portable_terms
from rai_dash.review._exported_vectors import routing_vectors
from rai_dash.review.conditions import Condition
from rai_dash.review.row_routes import policy_of
from rai_dash.review.terms import Terms

_ROUTED = """Written by RAI Dash. It needs nothing but Python 3.8. Run as a program it checks itself with its vectors.

score  the probability of the favourable outcome, 0 to 1, as any number; where POLICY has a scale, a score in its own
       units. None = no score.
row    the columns that the conditions ask for, by name; see COLUMNS.
"""
_ROUTES = "route  reject (score < lo), approve (score >= hi), else review: a person decides.\n"
_HEAD = f'''"""Route applications by a review band: ``route(score, row)`` -> (route, reason).

{_ROUTED}{_ROUTES}"""
'''
_HEAD_OF_TERMS = f'''"""Route applications by a signed policy: ``route(score, row, at, key)`` -> (route, reason).

{_ROUTED}at     the moment: a datetime (without a zone it is UTC) or a text like 2026-11-29T14:05:06Z; None = now. From
       EXPIRES_AT on everything goes to a person. A suspension or revocation after this file was written is not known
       here: export the policy again.
key    the name of the application, a text or a whole number. It is asked for only while the policy decides about a
       share of them. Who is not among those goes to a person, with the reason not_in_rollout; where a policy from
       before is still in force for the rest, route those by its file instead.
{_ROUTES}       In the stage shadow that is everybody; ``computed(score, row)`` says what the band would do.
"""
'''
_TAIL = '''
POLICY = {policy}
{terms}
COLUMNS = {columns}

{functions}

#: {told}, route, reason.
VECTORS = {vectors}


def check():
    """Return the test vectors that come out differently; empty = all agree."""
    found = [(v, route(None if v[0] is None else float(v[0]), *v[1:-2])) for v in VECTORS]
    return [(vector, answer) for vector, answer in found if answer != vector[-2:]]


if __name__ == "__main__":
    wrong = check()
    print("%d of %d test vectors agree." % (len(VECTORS) - len(wrong), len(VECTORS)))
    raise SystemExit(1 if wrong else 0)
'''
_FUNCTIONS = '''
def route(score, row=None):
    """Return (route, reason) of one application."""
    return decide(POLICY, score, row)
'''
_FUNCTIONS_OF_TERMS = '''
def route(score, row=None, at=None, key=None):
    """Return (route, reason) of one application."""
    return decide_under(POLICY, TERMS, score, row, at=at, key=key)


def takes_part(key):
    """Return whether an application is one that the policy decides about, as far as the stage of its roll-out goes."""
    if TERMS["stage"] == "share":
        return is_drawn(TERMS["policy_id"], key, TERMS["share"])
    return TERMS["stage"] == "all"


def computed(score, row=None):
    """Return what the band and its conditions say, whatever the terms: for comparison, never to be applied."""
    return decide(POLICY, score, row)
'''


def python_source(
    band: ReviewBand,
    conditions: Sequence[Condition] = (),
    *,
    terms: Terms | None = None,
    scale: ScoreScale | None = None,
) -> str:
    """Write a Python file with ``route(score, row)`` that needs nothing of this app.

    Parameters
    ----------
    band : ReviewBand
        Its ends are written with all their digits.
    conditions : sequence of Condition
        Frozen ones. A row that lacks a column they ask for goes to a person.
    terms : Terms, optional
        Of a signed policy: the function becomes ``route(score, row, at, key)``, and ``EXPIRES_AT``,
        ``takes_part(key)`` and ``computed(score, row)`` stand beside it.
    scale : ScoreScale, optional
        How the score reads, where it is not itself the probability of the favourable outcome.

    Returns
    -------
    str
        ASCII only; texts from data stand in it as quoted strings.

    Raises
    ------
    InvalidChoice
        When a condition is not frozen.
    """
    policy = policy_of(band, conditions, scale)
    vectors = routing_vectors(band, conditions, terms=terms, scale=scale)
    tail = _TAIL.format(
        policy=_literal(policy),
        terms=""
        if terms is None
        else f"\nTERMS = {_literal(terms.to_json())}\n\nEXPIRES_AT = TERMS['expires_at']\n",
        columns=_literal(sorted({test["column"] for test in policy["tests"]})),
        functions=(_FUNCTIONS if terms is None else _FUNCTIONS_OF_TERMS).strip("\n") + "\n",
        told="Score as text (None = no score), row" + ("" if terms is None else ", at, key"),
        vectors=_literal([tuple(vector.values()) for vector in vectors]),
    )
    modules = [_portable] if terms is None else [_portable, _portable_terms]
    return f"{_HEAD if terms is None else _HEAD_OF_TERMS}\n{_joined(modules)}\n{tail}"


def _joined(modules: Sequence[ModuleType]) -> str:
    """Write modules as one: their imports first, each once, but for those of this app."""
    imports: dict[str, None] = {}
    bodies = []
    for module in modules:
        lines = inspect.getsource(module).splitlines()
        first = lines.index("from __future__ import annotations")
        last = max(i for i, line in enumerate(lines) if line.startswith(("import ", "from ")))
        imports |= dict.fromkeys(line for line in lines[first : last + 1] if "rai_dash" not in line)
        bodies.append("\n".join(lines[last + 1 :]).strip("\n"))
    future, *others = (line for line in imports if line)
    return "\n".join([future, "", *sorted(others), "", *bodies]) + "\n"


def _literal(value: object) -> str:
    """Write plain values as Python; outside of quotes there is nothing but ASCII anyway."""
    text = pprint.pformat(value, width=110, sort_dicts=False)
    return text.encode("ascii", "backslashreplace").decode("ascii")
