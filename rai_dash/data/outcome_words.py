"""The words by which the values of an outcome are recognised: good, bad, or not known yet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from rai_dash.core.texts import tr
from rai_dash.data.role_words import joined

_DECISION_NAMES: Final = re.compile(
    r"approv|decision|grant|accept|reject|denied|declin|refus|action|high_?priced"
)
_OUTCOME_NAMES: Final = re.compile(
    r"default|repaid|paid|credit_?risk|creditab|delinq|dlq|charged|kredit|bad|loan_?status"
)
_DECISION_LABELS: Final = re.compile(
    r"approved?|granted|accepted|rejected|denied|declined|refused|genehmigt|abgelehnt", re.IGNORECASE
)
_EARNINGS: Final = re.compile(r"(<=?|>=?|[-+]|under|over)? ?\$?50(k|,?000)[+.]*", re.IGNORECASE)
_BAD_NAMES: Final = re.compile(
    r"default|charged|delinq|dlq|reject|refus|denied|declin|high_?priced|fraud|arrears|(^|_)(bad|late)(_|$)"
)
_GOOD: Final = re.compile(
    r"(loan |application |pre-?)?approved?( but not accepted)?|accept(ed)?|granted|genehmigt|(loan )?originated"
    r"|good|gut|(.*status: ?)?(fully )?(re)?paid( off| back| in full)?|no default|non-?default(ed)?|not defaulted"
    r"|low risk|[>+] ?\$?50k\.?|50,?000\+\.?",
    re.IGNORECASE,
)
#: Good where there are two values, not known yet beside others: a loan that runs may still fail.
_GOOD_OF_TWO: Final = re.compile(r"current|performing", re.IGNORECASE)
_BAD: Final = re.compile(
    r"(application |preapproval request )?(reject|deny|denied|declin|refus)(e?d)?( by .*)?|abgelehnt|not approved"
    r"|bad|schlecht|(.*status: ?)?charged[ -]?off|(in )?default(ed)?|written[ -]?off|not paid|unpaid|high risk",
    re.IGNORECASE,
)
_OPEN: Final = re.compile(
    r"(application )?(withdrawn|cancell?ed|expired|incomplete|pending)( by .*)?|.*incomplete(ness)?|current|performing"
    r"|(in )?review|open|active|running|in process|issued|in grace period|late( \(.*\))?|unknown|undecided|missing"
    r"|n/?a|\?|none|(loan )?purchased( by .*)?|other",
    re.IGNORECASE,
)
_POSITIVE: Final = re.compile(r"yes|y|true|t|1|ja|oui|s[ií]", re.IGNORECASE)
_NEGATIVE: Final = re.compile(r"no|n|false|f|0|nein|non", re.IGNORECASE)
#: What was done with an application, in the codes of the US mortgage register (HMDA).
_ACTION_NAME: Final = re.compile(r"action(_taken)?(_type)?")
_ACTION_CODES: Final = frozenset("12345678")
_ACTION_GOOD: Final = ("1", "2", "8")
_ACTION_BAD: Final = ("3", "7")


@dataclass(frozen=True, slots=True)
class Sides:
    """Which values of an outcome are good and bad for the applicant; the rest is not known.

    Parameters
    ----------
    favourable, unfavourable : tuple of str
        ``unfavourable`` is empty where every other value is.
    reason : str
        Plain words.
    """

    favourable: tuple[str, ...]
    unfavourable: tuple[str, ...]
    reason: str


def is_bad_name(name: str) -> bool:
    """Whether the name of an outcome names something bad for the applicant."""
    return _BAD_NAMES.search(joined(name)) is not None


def _good_of_two(name: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """Tell which of two values is good, and why."""
    good = [v for v in values if _GOOD.fullmatch(v)] or [v for v in values if _GOOD_OF_TWO.fullmatch(v)]
    if len(good) == 1:
        return good[0], tr("'{good}' reads as the good outcome", good=good[0])
    yes = [v for v in values if _POSITIVE.fullmatch(v)]
    no = [v for v in values if _NEGATIVE.fullmatch(v)]
    if len(yes) == len(no) == 1:
        if is_bad_name(name):
            return no[0], tr(
                "`{name}` names something bad, so '{no}' is good for the applicant", name=name, no=no[0]
            )
        return yes[0], tr("'{yes}' usually marks the good outcome; check it", yes=yes[0])
    bad = [v for v in values if _BAD.fullmatch(v)]
    rest = [v for v in values if v not in bad and not _OPEN.fullmatch(v)]
    if len(bad) == len(rest) == 1:
        return rest[0], tr(
            "'{bad}' reads as the bad outcome, so '{rest}' is the good one; check it",
            bad=bad[0],
            rest=rest[0],
        )
    if set(values) == {"1", "2"}:
        return "1", tr("of the codes 1 and 2 the first is usually the good one; check it")
    return None


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{v}'" for v in values[:4]) + (", …" if len(values) > 4 else "")


def _by_action_code(name: str, values: tuple[str, ...]) -> Sides | None:
    if _ACTION_NAME.fullmatch(joined(name)) is None or not {"1", "3"} <= set(values) <= _ACTION_CODES:
        return None
    good = tuple(v for v in values if v in _ACTION_GOOD)
    bad = tuple(v for v in values if v in _ACTION_BAD)
    reason = (
        "the values are the action codes of the US mortgage register: "
        f"{_quoted(good)} approved, {_quoted(bad)} denied, the others decided nothing"
    )
    return Sides(good, bad, reason)


def _by_words(values: tuple[str, ...]) -> Sides | None:
    """Divide three and more values, only where every one of them is clear."""
    good = tuple(v for v in values if _GOOD.fullmatch(v))
    bad = tuple(v for v in values if _BAD.fullmatch(v))
    rest = tuple(v for v in values if v not in {*good, *bad})
    if not good or not bad or {*good} & {*bad} or not all(_OPEN.fullmatch(v) for v in rest):
        return None
    verb = "reads" if len(good) == 1 else "read"
    reason = tr(
        "{quoted} {verb} as good and {quoted_bad} as bad",
        quoted=_quoted(good),
        verb=verb,
        quoted_bad=_quoted(bad),
    )
    if not rest:
        return Sides(good, (), tr("{reason}; check it", reason=reason))
    return Sides(
        good,
        bad,
        tr(
            "{reason}, {quoted} as still open, on neither side; check it", reason=reason, quoted=_quoted(rest)
        ),
    )


def sides(name: str, values: tuple[str, ...]) -> Sides | None:
    """Tell which values of an outcome are good and bad for the applicant; None where it is not clear.

    Parameters
    ----------
    name : str
        Of the column.
    values : tuple of str
        Its labels, two or more.
    """
    by_code = _by_action_code(name, values)
    if by_code is not None:
        return by_code
    if len(values) == 2:
        found = _good_of_two(name, values)
        return Sides((found[0],), (), found[1]) if found else None
    return _by_words(values)


def kind_words(name: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """Tell what an outcome is (a value of ``TargetKind``), and why; None where unknown."""
    if values and all(_EARNINGS.fullmatch(v) for v in values):
        return "stand_in", tr(
            "the values of `{name}` are ranges of income, which stand in for a decision", name=name
        )
    if any(_DECISION_LABELS.fullmatch(v) for v in values) or _DECISION_NAMES.search(joined(name)):
        return "past_decision", tr("`{name}` reads as what somebody decided", name=name)
    if _OUTCOME_NAMES.search(joined(name)):
        return "observed_outcome", tr("`{name}` reads as what happened", name=name)
    return None
