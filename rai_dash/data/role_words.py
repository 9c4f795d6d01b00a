"""The words by which columns are recognised."""

from __future__ import annotations

import re
from typing import Final

#: Names of outcomes, most telling first; matched against the joined words of a name.
TARGETS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(is_?)?approved?|approval|loan_?approv\w*|loan_?status|credit_?decision|decision|granted|accepted",
        r"loan|kredit|credit_?risk|creditability|good_?bad|repaid|paid_?back|fully_?paid",
        r"defaulted|(is_?|loan_?|bad_?)?default(_.*)?|charged_?off|delinquent|bad|bad_?loan|high_?priced|.*dlqin.*",
        r"action(_taken)?(_type|_name)?|reject(ed)?|denied|declined|refused",
        r"target|label|outcome|class|y|result|status|risk|income",
    )
)
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
_YES: Final = re.compile(r"yes|y|true|t|1", re.IGNORECASE)
_SCORE: Final = re.compile(
    r"(.+_)?(score|scores|prob|proba|probability|pd|prediction|predicted)|(score|prob|proba|probability)_.+|p_.+"
)
_RISK_SCORE: Final = re.compile(r"(^|_)(pd|default|bad|risk|reject\w*|refus\w*|denied)(_|$)")
_WEIGHT: Final = re.compile(
    r"fnlwgt|wgt|(sample_|sampling_|survey_|instance_|case_|row_|observation_|person_|household_)?weights?|perwt|hhwt"
)
_TIME: Final = re.compile(
    r"(.+_)?(date|day|datum|timestamp|month|year_?month|yyyymm|quarter|period|vintage|year)(_.+)?|.+_d|.+_at"
)
#: Moments at which a decision is made, and not something before or after it.
_DECIDED: Final = re.compile(
    r"(.*_)?(application|applied|decision|decided|issued?|origination|approval|as_of|snapshot|observation|report\w*)_"
    r"(date|day|month|year|d|at)|date|month|year_?month|yyyymm|period|vintage"
)
_BIRTH: Final = re.compile(
    r"(^|_)(dob|birth(day|date)?|geburts(datum|tag)|geb_?datum|naissance|nacimiento|nascita)(_|$)"
)
#: What is only known once the decision has been made, or the loan has run.
_LATE: Final = re.compile(
    r"(.+_)?recover(y|ies|ed)(_.+)?|collection_recovery_fee|in_collections?|collections?_(status|amount|amt|date|fee)"
    r"|charged?_?off(_(date|amount|amt|status))?|writ(e|ten)_?off(_.+)?"
    r"|total_(re)?(pymnt|payment|paid|rec)(_.+)?|(last|next|final)_(pymnt|payment|credit_pull)(_.+)?|out_prncp(_.+)?"
    r"|last_fico_.+|days_(late|past_due|in_arrears)|(debt_)?settlement(_.+)?|hardship(_.+)?|pymnt_plan"
    r"|(final_|loan_|credit_)?decision(_.+)?|(.+_)?(denial|reject(ion)?|refusal|decline)_(reason|date|code)(_.+)?"
    r"|(loan_)?(approved|disbursed|funded)_(amount|amnt|amt|date|sum)|(loan_)?(approval|disbursement|payoff)_(amount|date)"
    r"|(loan_|is_)?(approved|rejected|denied|declined|granted|repaid|defaulted|default|delinquent)"
    r"|(default|closing|closed|payoff|foreclosure|bankruptcy)_date|loan_status|action_taken(_.+)?|purchaser_type"
)
_COUNTED: Final = re.compile(
    r"num|number|no|nr|n|count|counts|anzahl|years?|yrs?|months?|mths?|days?|hours?|term|duration|since|rate|percent\w*"
    r"|pct|share|ratio|amount|amnt|amt|dependents?|dep|children|kids|persons?|people|members|size|age|ages|length"
    r"|inq|inquiries|delinq|accounts?|acc|lines|rooms|cars|loans|credits|cards|times|score|level|rank"
)


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
    return tuple(v for v in values if _YES.fullmatch(v))


def is_score(name: str) -> bool:
    """Whether a name is that of a model's score."""
    return _SCORE.fullmatch(joined(name)) is not None


def is_risk_score(name: str) -> bool:
    """Whether the name of a score says that lower is better."""
    return _RISK_SCORE.search(joined(name)) is not None


def is_weight(name: str) -> bool:
    """Whether a name is that of the weight of a row."""
    return _WEIGHT.fullmatch(joined(name)) is not None


def is_time(name: str) -> bool:
    """Whether a name speaks of a date or a month that is neither a birth nor known only later."""
    text = joined(name)
    return _TIME.fullmatch(text) is not None and not is_birth(name) and not is_late(name)


def is_birth(name: str) -> bool:
    """Whether a name is that of a date of birth."""
    return _BIRTH.search(joined(name)) is not None


def is_decision_time(name: str) -> bool:
    """Whether a name is that of the date of an application or a decision."""
    return _DECIDED.fullmatch(joined(name)) is not None


def is_late(name: str) -> bool:
    """Whether a name speaks of what is known only after the decision; its date is known with it."""
    return _LATE.fullmatch(joined(name)) is not None and not is_decision_time(name)


def is_counted(name: str) -> bool:
    """Whether a word of a name says that its numbers are a quantity."""
    return any(_COUNTED.fullmatch(word) for word in joined(name).split("_"))
