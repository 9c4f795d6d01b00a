"""What is on the pages now, as a policy: the same that the command line drafts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final, Self

from rai_dash.core.settings import get_settings
from rai_dash.core.texts import KEPT, mark, spoken, tr
from rai_dash.core.types import Notice, ReviewBand
from rai_dash.core.words import percent
from rai_dash.govern._policy_monitoring import Monitoring, MonitorLimits
from rai_dash.govern.drafting import (
    AlternativeFacts,
    DataFacts,
    GuaranteeFacts,
    HarmFacts,
    ModelFacts,
    ScoreFacts,
    draft_policy,
)
from rai_dash.govern.monitor.reference import reference_of
from rai_dash.govern.policy import Policy, policy_id_of
from rai_dash.govern.policy_changes import Change, compare
from rai_dash.report.sample_notice import sample_notice
from rai_dash.ui.reviewing import limits, warnings
from rai_dash.ui.reviewing.bench import Bench
from rai_dash.ui.reviewing.promise import Promise, promise_of
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.signing import desk

#: Longest start of a title that a policy is called by.
_LONGEST_NAME: Final = 50
_SEEN: Final = mark(
    "The rows may have been used to train the model, so nothing can be promised about new applications."
)
_PICKED: Final = mark(
    "The band was picked on the rows that judge it, so nothing can be promised about new applications."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What people write about a policy; blank = not said yet."""

    title: str
    environment: str
    harm: HarmFacts = field(default_factory=HarmFacts)
    people_before: str | None = None
    valid_months: int = 12
    suspend_on_breach: bool = False
    limits: MonitorLimits = field(default_factory=MonitorLimits)

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Take over what was written about a version."""
        harm = policy.harm
        return cls(
            title=policy.title,
            environment=policy.environment,
            harm=HarmFacts(
                wrong_approval=harm.wrong_approval,
                wrong_refusal=harm.wrong_refusal,
                answerable=harm.answerable,
            ),
            people_before=policy.people_before,
            valid_months=policy.valid_months,
            suspend_on_breach=policy.suspend_on_breach,
            limits=MonitorLimits() if policy.monitoring is None else policy.monitoring.limits,
        )

    @classmethod
    def first(cls, title: str) -> Self:
        """Return what stands in the form of a new policy."""
        settings = get_settings()
        return cls(title=title, environment=settings.environments[0], valid_months=settings.valid_months)


def new_policy_id(title: str) -> str:
    """Make the short name of a new policy: of its title, with an end that nobody guesses.

    Examples
    --------
    >>> new_policy_id("Consumer loans")[:-6]
    'consumer-loans-'
    """
    return f"{policy_id_of(title)[:_LONGEST_NAME].strip('-')}-{token_hex(3)}"


@spoken(KEPT)
def policy_on_page(bench: Bench, said: Said, policy_id: str, *, like: Policy | None = None) -> Policy:
    """Put what is on the pages into a policy.

    Parameters
    ----------
    bench : Bench
        The band, and everything it is judged by.
    said : Said
        What people wrote about it.
    policy_id : str
        The short name.
    like : Policy, optional
        A version to compare with: warnings that were ticked for it count as ticked, and where the case holds no bands
        to choose from the alternatives are those of the version. Neither is on the page of another reader.

    Raises
    ------
    RaiError
        When a part is missing, too long or not finite.
    """
    notices = list(warned(bench))
    ticked = {n.code for n, is_ticked in notices if is_ticked}
    if like is not None:
        before = {w.message for w in like.warnings_shown if w.ticked}
        ticked = {n.code for n, _ in notices if n.message in before}
    return draft_policy(
        policy_id=policy_id,
        title=said.title,
        environment=said.environment,
        data=_data(bench),
        model=_model(bench),
        score=_score(bench),
        evaluation=bench.judged(),
        conditions=bench.view.case.always,
        limits=[limit.words() for limit in limits.chosen(bench)],
        guarantee=promised(promise_of(bench), bench.judgement.data.role.value),
        alternatives=_alternatives(bench, like),
        warnings=[notice for notice, _ in notices],
        ticked=ticked,
        harm=said.harm,
        people_before=said.people_before,
        valid_months=said.valid_months,
        suspend_on_breach=said.suspend_on_breach,
        monitoring=_monitoring(bench, said.limits),
        now=desk.now(),
    )


def _monitoring(bench: Bench, limits: MonitorLimits) -> Monitoring:
    """Describe the judged rows for the monitor, by the scores as the model gave them."""
    plain, threshold = bench.view.judgement, bench.band.threshold

    def make() -> Monitoring:
        dataset = plain.data.dataset
        features = dataset.features if plain.model is None else plain.model.model.info.feature_names
        return reference_of(
            dataset,
            plain.score,
            judged=plain.judged,
            features=features,
            threshold=threshold,
            whole=plain.whole,
        )

    return recent(plain, "monitoring", threshold, make).model_copy(update={"limits": limits})


def changed_since(bench: Bench, policy: Policy) -> list[Change]:
    """Say what on the pages is not as it was in a version, other data among it."""
    key = (
        policy.policy_id,
        policy.version,
        bench.band,
        bench.view.choices,
        bench.view.case.bands,
        policy.title,
    )

    def make() -> list[Change]:
        return compare(policy, policy_on_page(bench, Said.of(policy), policy.policy_id, like=policy))

    return recent(bench.judgement, "policy_changes", key, make)


def warned(bench: Bench) -> Iterable[tuple[Notice, bool]]:
    """List every warning that is on the pages, each under a code of its own, and whether it was ticked."""
    judgement = bench.judgement
    told = sample_notice(judgement, plain=bench.view.judgement)
    found = [
        (n, False) for n in (*([told] if told else []), *judgement.data.dataset.warnings, *judgement.notices)
    ]
    if judgement.model is not None:
        found += [(n, False) for n in judgement.model.model.info.warnings]
    for name, text in warnings.warnings_of(bench).items():
        found.append((Notice(f"band_{name.split(':')[0]}", text), warnings.is_ticked(bench, text)))
    times: Counter[str] = Counter()
    for notice, is_ticked in dict.fromkeys(found):
        times[notice.code] += 1
        code = notice.code if times[notice.code] == 1 else f"{notice.code}-{times[notice.code]}"
        yield Notice(code, notice.message), is_ticked


def promised(found: Promise, data_role: str) -> GuaranteeFacts:
    """Say what may be promised about the band, or why nothing may, with the counts of this very band."""
    at = found.position
    goal = tr(
        "At most {alpha} of what the machine decides alone is wrong, {delta} sure",
        alpha=percent(found.alpha),
        delta=percent(1 - found.delta),
    )
    text = tr("{goal}: one of a list of bands fixed beforehand, tested from the safest on.", goal=goal)
    return GuaranteeFacts(
        method=found.found.method,
        holds=found.holds,
        alpha=found.alpha,
        delta=found.delta,
        k=None if at is None else int(found.counts.k[at]),
        n=None if at is None else int(found.counts.n[at]),
        looks=found.found.looks,
        data_role=data_role,
        words=text if found.holds else tr(_SEEN) if found.is_seen else tr(_PICKED),
    )


def _data(bench: Bench) -> DataFacts:
    judgement = bench.judgement
    dataset, roles = judgement.data.dataset, judgement.roles
    return DataFacts(
        name=judgement.data.title,
        sha256=dataset.fingerprint,
        rows=dataset.n_all,
        columns=len(dataset.columns),
        role=judgement.data.role.value,
        rows_judged=judgement.n_counted,
        favourable=roles.favourable,
        target=roles.target,
        target_kind=roles.target_kind.value,
        sensitive=roles.sensitive,
    )


def _model(bench: Bench) -> ModelFacts:
    model = bench.judgement.model
    if model is None:
        return ModelFacts(name=str(bench.judgement.roles.score), format="score_column")
    info = model.model.info
    return ModelFacts(
        name=model.title,
        format=info.format,
        sha256=info.fingerprint,
        favourable_class=model.model.model_class,
        features=tuple(info.feature_names),
    )


def _score(bench: Bench) -> ScoreFacts:
    if bench.judgement.model is not None:
        return ScoreFacts()
    roles = bench.judgement.roles
    scale = roles.scale
    return ScoreFacts(
        source="column",
        column=str(roles.score),
        direction=scale.direction.value,
        low=scale.low,
        high=scale.high,
        unit=scale.unit,
    )


def _alternatives(bench: Bench, like: Policy | None) -> Sequence[AlternativeFacts]:
    kept = bench.view.case.bands
    if kept or like is None:
        return [AlternativeFacts.of(c.name, bench.judged(c.band)) for c in kept if c.band != bench.band]
    return [
        AlternativeFacts(
            name=a.name,
            band=ReviewBand(a.band.lo, a.band.threshold, a.band.hi),
            review_rate=a.review_rate.estimate(),
            auto_error_rate=a.auto_error_rate.estimate(),
            cost=a.cost,
        )
        for a in like.alternatives
    ]
