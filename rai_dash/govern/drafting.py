"""Make the draft of a policy from what was judged; the page and the command line both call it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.estimates import plain
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.types import Estimate, Notice, ReviewBand
from rai_dash.govern._policy_conditions import PolicyCondition
from rai_dash.govern._policy_monitoring import Monitoring
from rai_dash.govern._signed import figures_of
from rai_dash.govern.policy import Policy, checked_policy
from rai_dash.govern.program import Program
from rai_dash.review._routed import NO_LABELLED
from rai_dash.review.conditions import Condition
from rai_dash.review.evaluate import Evaluation
from rai_dash.review.figures import BandFigures
from rai_dash.review.gaps import NOT_BY_THESE_GROUPS, GapTable
from rai_dash.review.people import POST_SHARES
from rai_dash.review.promise import Guarantee

NO_WORKLOAD = "it was not said how many applications come in a day"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """What is known of the data that were judged; see `rai_dash.govern._policy_parts.PolicyData`."""

    name: str
    sha256: str
    rows: int
    columns: int
    role: str
    rows_judged: int
    favourable: tuple[str, ...]
    target: str | None
    target_kind: str
    sensitive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What is known of the model, or of the score column (``format`` ``"score_column"``, no ``sha256``)."""

    name: str
    format: str
    sha256: str | None = None
    favourable_class: str | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreFacts:
    """Where the score comes from and how it reads; a column's scale as in `rai_dash.core.types.ScoreScale`."""

    source: str = "model"
    column: str | None = None
    direction: str = "higher"
    low: float = 0.0
    high: float = 1.0
    unit: str = "probability"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuaranteeFacts:
    """What was promised or refused, on which rows, in which words; see `PolicyGuarantee`."""

    method: str
    holds: bool
    alpha: float | None
    delta: float | None
    k: int | None
    n: int | None
    looks: int
    data_role: str
    words: str

    @classmethod
    def of(cls, found: Guarantee, *, data_role: str, words: str, holds: bool | None = None) -> Self:
        """Take over a guarantee; ``holds`` where more was asked than whether it is certified."""
        names = ("method", "alpha", "delta", "k", "n", "looks")
        return cls(
            **{name: getattr(found, name) for name in names},
            holds=found.certified if holds is None else holds,
            data_role=data_role,
            words=words,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeFacts:
    """Another band that was considered."""

    name: str
    band: ReviewBand
    review_rate: Estimate
    auto_error_rate: Estimate
    cost: float | None = None

    @classmethod
    def of(cls, name: str, judged: Evaluation) -> Self:
        """Take over another band that was judged on the same rows."""
        routes, cost = judged.overall.routes, _cost(judged)
        return cls(
            name=name,
            band=judged.band,
            review_rate=routes.estimate("review_rate"),
            auto_error_rate=routes.estimate("auto_error_rate"),
            cost=None if cost is None else cost["per_application"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HarmFacts:
    """What a wrong decision does to a person, who answers for it; None or blank = not said yet."""

    wrong_approval: str | None = None
    wrong_refusal: str | None = None
    answerable: str | None = None


_NOTHING_SAID = HarmFacts()
_OF_A_MODEL = ScoreFacts()


def draft_policy(
    *,
    policy_id: str,
    title: str,
    environment: str,
    data: DataFacts,
    model: ModelFacts,
    score: ScoreFacts = _OF_A_MODEL,
    evaluation: Evaluation,
    conditions: Sequence[Condition] = (),
    limits: Sequence[str] = (),
    guarantee: GuaranteeFacts | None = None,
    alternatives: Sequence[AlternativeFacts] = (),
    warnings: Sequence[Notice] = (),
    ticked: Collection[str] = (),
    harm: HarmFacts = _NOTHING_SAID,
    people_before: str | None = None,
    valid_months: int | None = None,
    suspend_on_breach: bool = False,
    monitoring: Monitoring | None = None,
    now: datetime,
) -> Policy:
    """Put together the first version of a policy.

    Parameters
    ----------
    policy_id : str
        ``[a-z0-9-]{3,64}``; `rai_dash.govern.policy.policy_id_of` makes one of the name of the data.
    title : str
        Its name for people.
    environment : str
        One of the setting ``environments``.
    data, model, score
        What the figures rest on.
    evaluation : Evaluation
        The band judged. Figures, gaps, costs, what is expected after the person and the settings come from it.
    conditions : sequence of Condition
        Frozen ones.
    limits : sequence of str
        Limits on the numbers of the band, as they were typed.
    guarantee : GuaranteeFacts, optional
        None = none was asked for.
    alternatives : sequence of AlternativeFacts
        Other bands that were considered.
    warnings : sequence of Notice
        Every warning that was on the page.
    ticked : collection of str
        Codes of those that were ticked.
    harm : HarmFacts
        May be incomplete; `rai_dash.govern.policy.check_complete` says what is missing.
    people_before : str, optional
        What changes for the people who decided before.
    valid_months : int, optional
        From its activation; the setting of the same name when omitted.
    suspend_on_breach : bool
        Whether a broken limit of the monitor sends everything to a person.
    monitoring : Monitoring, optional
        What a later batch is held against, from `rai_dash.govern.monitor.reference.reference_of`.
    now : datetime
        With its time zone.

    Raises
    ------
    InvalidChoice
        When the environment is none, or a condition is not frozen.
    InvalidRecord
        In plain sentences, when a part is missing, too long or not a finite number.
    """
    settings = get_settings()
    if environment not in settings.environments:
        known = ", ".join(settings.environments)
        msg = tr(
            "There is no environment `{environment}`. Choose from: {known}.",
            environment=environment,
            known=known,
        )
        raise InvalidChoice(msg)
    return checked_policy(
        {
            "policy_id": policy_id,
            "title": title,
            "environment": environment,
            "created_at": now,
            "data": asdict(data),
            "model": asdict(model),
            "score": asdict(score),
            "code": Program.here(),
            "conditions": [_condition(condition) for condition in conditions],
            "guarantee": None if guarantee is None else asdict(guarantee),
            "alternatives": [asdict(alternative) for alternative in alternatives],
            "warnings_shown": [
                {"code": w.code, "message": w.message, "ticked": w.code in ticked} for w in warnings
            ],
            "harm": {name: _said(text) for name, text in asdict(harm).items()},
            "people_before": _said(people_before),
            "valid_months": settings.valid_months if valid_months is None else valid_months,
            "suspend_on_breach": suspend_on_breach,
            "monitoring": monitoring,
        }
        | _judged(evaluation, limits)
    )


def _judged(found: Evaluation, limits: Sequence[str]) -> dict[str, object]:
    """Take over all that follows from the counts."""
    groups = [
        {"column": column, "group": name} | _figures(figures, i)
        for column, figures in found.by_group.items()
        for i, name in enumerate(figures.routes.groups)
    ]
    return {
        "band": asdict(found.band),
        "settings": {**found.settings, "limits": list(limits)},
        "metrics": {"overall": _figures(found.overall, 0), "groups": groups},
        "gaps": {column: _gaps(table) for column, table in found.gaps.items()},
        "cost": _cost(found),
        "people_after": _people_after(found),
    }


def _said(text: str | None) -> str | None:
    """Take nothing but blanks for nothing."""
    return None if text is None or not text.strip() else text


def _condition(condition: Condition) -> PolicyCondition:
    # Raises where it is not frozen: without the data it could not be applied.
    condition.tests()
    return PolicyCondition.of(condition)


def _figures(figures: BandFigures, position: int) -> dict[str, Any]:
    """Take over the shares of the automatic part, with their intervals, and those expected after the person."""
    content = figures_of(figures.routes, position)
    for name, share in POST_SHARES.items():
        values = figures.values(name)
        value = None if values is None else plain(values[position])
        reason = NOT_BY_THESE_GROUPS if values is None else share.undefined
        content["rates"][name] = {"value": value, "reason": reason if value is None else None}
    return content


def _gaps(table: GapTable) -> dict[str, object]:
    values = {
        name: {
            "value": value,
            "reason": table.reasons.get(name),
            "left_out": table.undefined.get(name, ()),
        }
        for name, value in table.values.items()
    }
    return {"values": values, "compared": table.eligible, "excluded": table.excluded}


def _cost(found: Evaluation) -> dict[str, Any] | None:
    """Take over what is expected to be paid; None where nothing was said to cost anything."""
    sums, prices = found.overall.cost, found.settings["costs"]
    if sums is None or not isinstance(prices, Mapping) or not any(prices.values()):
        return None
    names = ("error_cost", "review_cost", "total", "per_application")
    values = {name: plain(getattr(sums, name)[0]) for name in names}
    return values | {
        "amount_missing": int(found.overall.amount_missing[0]),
        "reason": NO_LABELLED if values["per_application"] is None else None,
        "theory": {"reason": found.theory_reason} if found.theory is None else asdict(found.theory),
    }


def _people_after(found: Evaluation) -> dict[str, object] | None:
    after = found.overall.after
    if after is None:
        return None
    expected = {f"expected_{name}": plain(getattr(after, name)[0]) for name in ("tp", "fn", "fp", "tn")}
    if found.capacity is None:
        return expected | {"reason": NO_WORKLOAD}
    reason = found.overall.routes.estimate("review_rate").reason
    return expected | found.capacity.to_json() | {"reason": reason}
