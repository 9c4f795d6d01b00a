"""The words by which columns and their values are recognised."""

from __future__ import annotations

import re
from typing import Final

#: Names of outcomes, most telling first; matched against the joined words of a name.
TARGETS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(is_?)?approved?|approval|loan_?approv\w*|loan_?status|credit_?decision|decision|granted|accepted",
        r"loan|kredit|credit_?risk|creditability|good_?bad|repaid|paid_?back|fully_?paid",
        r"defaulted|(is_?|loan_?|bad_?)?default(_.*)?|charged_?off|delinquent|bad|bad_?loan|high_?priced",
        r"action(_taken)?|reject(ed)?|denied|declined|refused",
        r"target|label|outcome|class|y|result|status|risk|income",
    )
)
_DECISION_NAMES: Final = re.compile(
    r"approv|decision|grant|accept|reject|denied|declin|refus|action|high_?priced"
)
_OUTCOME_NAMES: Final = re.compile(r"default|repaid|paid|credit_?risk|creditab|delinq|charged|kredit|bad")
_DECISION_LABELS: Final = re.compile(
    r"approved?|granted|accepted|rejected|denied|declined|refused", re.IGNORECASE
)
_EARNINGS: Final = re.compile(r"(<=?|>=?|under|over)? ?\$?50(k|,?000)[+.]*", re.IGNORECASE)
_BAD_NAMES: Final = re.compile(
    r"default|charged|delinq|reject|refus|denied|declin|high_?priced|fraud|arrears|(^|_)(bad|late)(_|$)"
)
_GOOD: Final = re.compile(
    r"approved?|accept(ed)?|granted|good|(fully )?(re)?paid( off| back)?|no default|non-?default"
    r"|current|low risk|[>+] ?\$?50k\.?|50,?000\+\.?",
    re.IGNORECASE,
)
_POSITIVE: Final = re.compile(r"yes|y|true|t|1", re.IGNORECASE)
_NEGATIVE: Final = re.compile(r"no|n|false|f|0", re.IGNORECASE)
_SENSITIVE: Final = re.compile(
    r"gender\w*|sex|races?|ethnic\w*|age|ages|age(gte|lte?|gt|ge|le)\d+|alter|old|elderly|marital|marriage|married"
    r"|black|white|asian|hispanic\w*|hispan|hipac|amind|latin[oax]|male|female|women|men|foreign\w*|gastarb"
    r"|nationality|religion|disab\w*|famges|minority|pregnan\w*"
)
_AGE: Final = re.compile(r"ages?|alter")
_AMOUNT: Final = re.compile(
    r"(loan|credit|funded|requested|mortgage)?_?(amount|amnt|amt|sum)|limit_bal|hoehe|principal|exposure"
)
_ID: Final = re.compile(r"id|uuid|guid|(.+_)?id|(application|customer|case|loan|account)_?(no|nr|number|key)")
_SPLIT: Final = re.compile(
    r"split|fold|(sub_?|data_?)?set|partition|(is_|in_)?train(ing)?|train_?test|sample"
)
_TRAIN: Final = re.compile(r"train(ing)?|fit|learn(ing)?|dev(elopment)?", re.IGNORECASE)
_SCORE: Final = re.compile(
    r"(.+_)?(score|scores|prob|proba|probability|pd|prediction|predicted)|(score|prob|proba|probability)_.+|p_.+"
)
_RISK_SCORE: Final = re.compile(r"(^|_)(pd|default|bad|risk|reject\w*|refus\w*|denied)(_|$)")


def joined(name: str) -> str:
    """Write a name in lower case with its words joined by ``_``: ``"Default Payment"`` → ``"default_payment"``."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", apart.casefold()).strip("_")


def is_sensitive(name: str) -> bool:
    """Whether a word of a name says who a person is."""
    return any(_SENSITIVE.fullmatch(word) for word in joined(name).split("_"))


def is_age(name: str) -> bool:
    """Whether a name speaks of age."""
    return any(_AGE.fullmatch(word) for word in joined(name).split("_"))


def is_id(name: str) -> bool:
    """Whether a name is that of an identifier."""
    return _ID.fullmatch(joined(name)) is not None


def is_amount(name: str) -> bool:
    """Whether a name is that of the amount of a loan."""
    return _AMOUNT.fullmatch(joined(name)) is not None


def is_split(name: str) -> bool:
    """Whether a name is that of a column that divides rows into training and test."""
    return _SPLIT.fullmatch(joined(name)) is not None


def train_labels(name: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of a split column that mean training."""
    by_word = tuple(v for v in values if _TRAIN.fullmatch(v))
    if by_word or "train" not in joined(name):
        return by_word
    return tuple(v for v in values if _POSITIVE.fullmatch(v))


def is_score(name: str) -> bool:
    """Whether a name is that of a model's score."""
    return _SCORE.fullmatch(joined(name)) is not None


def is_risk_score(name: str) -> bool:
    """Whether the name of a score says that lower is better."""
    return _RISK_SCORE.search(joined(name)) is not None


def is_bad_name(name: str) -> bool:
    """Whether the name of an outcome names something bad for the applicant."""
    return _BAD_NAMES.search(joined(name)) is not None


def good_value(name: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """Tell which of two values of an outcome is good for the applicant, and why; None where unknown."""
    good = [v for v in values if _GOOD.fullmatch(v)]
    if len(good) == 1:
        return good[0], f"'{good[0]}' reads as the good outcome"
    yes = [v for v in values if _POSITIVE.fullmatch(v)]
    no = [v for v in values if _NEGATIVE.fullmatch(v)]
    if len(yes) == len(no) == 1:
        if is_bad_name(name):
            return no[0], f"`{name}` names something bad, so '{no[0]}' is good for the applicant"
        return yes[0], f"'{yes[0]}' usually marks the good outcome; check it"
    if set(values) == {"1", "2"}:
        return "1", "of the codes 1 and 2 the first is usually the good one; check it"
    return None


def kind_words(name: str, values: tuple[str, ...]) -> tuple[str, str] | None:
    """Tell what an outcome is (a value of ``TargetKind``), and why; None where unknown."""
    if values and all(_EARNINGS.fullmatch(v) for v in values):
        return "stand_in", f"the values of `{name}` are ranges of income, which stand in for a decision"
    if any(_DECISION_LABELS.fullmatch(v) for v in values) or _DECISION_NAMES.search(joined(name)):
        return "past_decision", f"`{name}` reads as what somebody decided"
    if _OUTCOME_NAMES.search(joined(name)):
        return "observed_outcome", f"`{name}` reads as what happened"
    return None
