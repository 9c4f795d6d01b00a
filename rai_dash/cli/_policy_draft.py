"""The draft of a policy from a band that was judged on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rai_dash.cli.band_options import Judged

if TYPE_CHECKING:
    from rai_dash.case import Judgement
    from rai_dash.govern._policy_monitoring import Monitoring
    from rai_dash.govern.drafting import DataFacts, GuaranteeFacts, HarmFacts, ModelFacts, ScoreFacts
    from rai_dash.govern.policy import Policy
    from rai_dash.review.promise import Guarantee

#: What the command line does not know of the data.
NOT_STATED = "not stated"


def drafted(
    found: Judged,
    *,
    title: str | None,
    environment: str,
    harm: HarmFacts,
    people_before: str | None,
    policy_id: str | None,
    data_role: str,
    ticked: Sequence[str],
    tolerances: Sequence[str] = (),
    suspend_on_breach: bool = False,
) -> Policy:
    """Judge the band and put the policy together.

    Parameters
    ----------
    found : Judged
        Rows and choices.
    title, policy_id : str or None
        None = the name of the data.
    ticked : sequence of str
        Codes of the warnings that were read.
    tolerances : sequence of str
        Limits of a later batch, ``NAME=VALUE`` each.
    suspend_on_breach : bool
        Whether a breach of a later batch sends everything to a person.

    Raises
    ------
    RaiError
        When a choice does not fit the rows, or a text is too long.
    """
    from rai_dash.core.review_cube import edges_of
    from rai_dash.core.types import Notice
    from rai_dash.govern.drafting import draft_policy
    from rai_dash.govern.policy import policy_id_of
    from rai_dash.report.band_head import head_of
    from rai_dash.report.sample_notice import sample_notice
    from rai_dash.review.evaluate import evaluate

    rows, choices = found
    data, model, score = _facts(found, data_role)
    notices = [Notice(n["code"], n["message"]) for n in head_of("evaluate", rows, choices)["notices"]]
    told = sample_notice(_counted(found), plain=rows.judgement)
    if told is not None:
        notices = [told, *(n for n in notices if n.code != "of_the_sample")]
    return draft_policy(
        policy_id=policy_id or policy_id_of(data.name),
        title=title or data.name,
        environment=environment,
        data=data,
        model=model,
        score=score,
        evaluation=evaluate(
            rows.cubes(edges_of(choices.band)), choices.band,
            reviewer=choices.reviewer, costs=choices.costs, workload=choices.workload, min_n=choices.min_n,
        ),
        conditions=rows.held.conditions,
        limits=choices.limits,
        guarantee=_promised(found, data_role),
        warnings=notices,
        ticked=ticked,
        harm=harm,
        people_before=people_before,
        suspend_on_breach=suspend_on_breach,
        monitoring=_monitoring(found, tolerances),
        now=datetime.now(UTC),
    )  # fmt: skip


def _counted(found: Judged) -> Judgement:
    """Return the judgement on the rows that counts are made of: the sample where conditions need single rows."""
    judgement = found.rows.judgement
    return judgement.of_sample if found.rows.whole is None else judgement


def _monitoring(found: Judged, tolerances: Sequence[str]) -> Monitoring:
    """Describe the judged rows for the monitor."""
    from rai_dash.govern.monitor.limits import read_limits
    from rai_dash.govern.monitor.reference import reference_of

    judgement = found.rows.judgement
    dataset, model = judgement.data.dataset, judgement.model
    return reference_of(
        dataset, judgement.score, judged=judgement.judged, threshold=found.choices.band.threshold,
        features=dataset.features if model is None else model.model.info.feature_names,
        limits=read_limits(tolerances), whole=judgement.whole,
    )  # fmt: skip


def _facts(found: Judged, data_role: str) -> tuple[DataFacts, ModelFacts, ScoreFacts]:
    """Say what the figures rest on."""
    from rai_dash.govern.drafting import DataFacts, ModelFacts, ScoreFacts

    judgement = found.rows.judgement
    data, model = judgement.data.dataset, judgement.model
    roles = data.roles
    facts = DataFacts(
        name=data.name, sha256=data.fingerprint, rows=data.n_all, columns=len(data.columns), role=data_role,
        rows_judged=_counted(found).n_counted, favourable=roles.favourable, target=roles.target,
        target_kind=roles.target_kind.value, sensitive=roles.sensitive,
    )  # fmt: skip
    if model is not None:
        info = model.model.info
        return facts, ModelFacts(
            name=info.family, format=info.format, sha256=info.fingerprint,
            favourable_class=model.model.model_class, features=info.feature_names,
        ), ScoreFacts()  # fmt: skip
    scale, column = roles.scale, str(roles.score)
    return (
        facts,
        ModelFacts(name=column, format="score_column"),
        ScoreFacts(
            source="column", column=column, direction=scale.direction.value, low=scale.low, high=scale.high,
            unit=scale.unit,
        ),
    )  # fmt: skip


def _promised(found: Judged, data_role: str) -> GuaranteeFacts | None:
    """Say what may be promised; None where nothing was asked for."""
    from rai_dash.govern.drafting import GuaranteeFacts
    from rai_dash.report.band_promise import promise_of

    if found.choices.promise is None:
        return None
    promise = promise_of(found.rows, found.choices)
    return GuaranteeFacts.of(promise, data_role=data_role, words=_promise_words(promise))


def _promise_words(promise: Guarantee) -> str:
    from rai_dash.core.words import percent

    if promise.reason is not None:
        return promise.reason
    return (
        f"At most {percent(promise.bound, digits=1)} of the automatic decisions are wrong; the chance that this does "
        f"not hold is at most {percent(promise.delta)}. What it rests on: {promise.honest_when}"
    )


def stored(policy: Policy, name: str, store: str) -> Policy:
    """Put a policy into a store as a draft, under a name that nobody vouches for; returns it as it is there.

    Raises
    ------
    NotAllowed
        When people without a sign-in may not draft here.
    """
    from rai_dash.core.settings import get_settings
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.people import AppRole, Person
    from rai_dash.govern.store import Store

    person = Person(name=name, subject=name, role=AppRole.named(get_settings().local_role))
    with Store(store or None) as opened:
        desk = Desk(opened, person)
        status = desk.draft(policy)
        return desk.policy(status.policy_id, status.version)
