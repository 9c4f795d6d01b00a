"""The one sentence of every stop, from the numbers of the case that is open, no louder than the page itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rai_dash.core.target_words import wording
from rai_dash.core.texts import mark, ntr, tr
from rai_dash.core.types import Estimate, TargetKind
from rai_dash.metrics.baseline import beside_one_answer
from rai_dash.metrics.table import metric_table
from rai_dash.ui import rests_on, shift
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.state import View
from rai_dash.ui.text import count, estimate_text, many, percent, points, safe
from rai_dash.ui.tour.cast import cast_of
from rai_dash.ui.tour.group_sentences import groups, imbalance, rebalance
from rai_dash.ui.tour.signed_sentences import sign, watch
from rai_dash.ui.tour.stops import Stop

_AGREES: Final = (
    mark(
        "At a threshold of {threshold} the model agrees with the label for **{ours}** applicants. Refusing everyone "
        "would agree for **{same}**."
    ),
    mark(
        "At a threshold of {threshold} the model agrees with the label for **{ours}** applicants. Approving everyone "
        "would agree for **{same}**."
    ),
)
#: Beside refusing and beside approving everyone.
_ACCURATE: Final = {
    TargetKind.OBSERVED: (
        mark(
            "At a threshold of {threshold} the model is right about **{ours}** applicants. Refusing everyone would be "
            "right about **{same}**."
        ),
        mark(
            "At a threshold of {threshold} the model is right about **{ours}** applicants. Approving everyone would be "
            "right about **{same}**."
        ),
    ),
    TargetKind.DECISION: (
        mark(
            "At a threshold of {threshold} the model decides as people did for **{ours}** applicants. Refusing "
            "everyone would do so for **{same}**."
        ),
        mark(
            "At a threshold of {threshold} the model decides as people did for **{ours}** applicants. Approving "
            "everyone would do so for **{same}**."
        ),
    ),
    TargetKind.STAND_IN: _AGREES,
    TargetKind.UNSTATED: _AGREES,
}
_FRESH_AGREES: Final = mark(
    "On “{data}” the same model agrees with the label for **{ours}** applicants. It approves **{recall}** {good}."
)
_FRESH: Final = {
    TargetKind.OBSERVED: mark(
        "On “{data}” the same model is right about **{ours}** applicants. It approves **{recall}** {good}."
    ),
    TargetKind.DECISION: mark(
        "On “{data}” the same model decides as people did for **{ours}** applicants. It approves **{recall}** {good}."
    ),
    TargetKind.STAND_IN: _FRESH_AGREES,
    TargetKind.UNSTATED: _FRESH_AGREES,
}
_UNDEFINED: Final = mark("This cannot be said of “{data}”: {reason}.")


def _rate(view: View, metric: str) -> Estimate:
    """Compute one rate of everyone at the threshold of a view."""
    counts = view.judgement.counts()
    return metric_table(counts, view.choices.threshold, bootstrap=0, metrics=(metric,)).estimate(metric, 0)


def _data(view: View) -> str:
    return safe(view.judgement.data.title)


def _undefined(view: View, estimate: Estimate) -> str:
    reason = safe(estimate.reason or tr("there is no row that says"), limit=200)
    return tr(_UNDEFINED, data=_data(view), reason=reason)


def short(estimate: Estimate) -> str:
    """Write a rate with its count, where its interval stands on the page below."""
    if estimate.numerator is None or estimate.denominator is None:
        return percent(estimate.value)
    return tr(
        "{share}, {some} of {all}",
        share=percent(estimate.value), some=count(estimate.numerator), all=count(estimate.denominator),
    )  # fmt: skip


def accuracy(view: View) -> str:
    """Put the accuracy beside that of the better of refusing and of approving everyone."""
    found = beside_one_answer(view.judgement.counts(), view.choices.threshold)
    if not found.model.is_defined:
        return _undefined(view, found.model)
    return tr(
        _ACCURATE[view.judgement.roles.target_kind][found.approves],
        threshold=percent(view.choices.threshold),
        ours=short(found.model),
        same=short(found.same),
    )


def production(view: View) -> str:
    """Say how often the same model is right on the newer data."""
    ours, recall = _rate(view, "accuracy"), _rate(view, "recall")
    if not ours.is_defined or not recall.is_defined:
        return _undefined(view, ours if not ours.is_defined else recall)
    kind = view.judgement.roles.target_kind
    return tr(
        _FRESH[kind],
        data=_data(view), ours=estimate_text(ours), recall=short(recall), good=wording(kind).good,
    )  # fmt: skip


def lower(view: View) -> str:
    """Say what a lower bar would let through."""
    recall, wrong = _rate(view, "recall"), _rate(view, "fpr")
    if not recall.is_defined or not wrong.is_defined:
        return _undefined(view, wrong if recall.is_defined else recall)
    words = wording(view.judgement.roles.target_kind)
    return tr(
        "Lower the bar, then? From {threshold} on it approves **{recall}** {good}, and **{wrong}** {bad}.",
        threshold=percent(view.choices.threshold), recall=estimate_text(recall), wrong=short(wrong),
        good=words.good, bad=words.bad,
    )  # fmt: skip


def moved(view: View) -> str:
    """Put the share of favourable outcomes then and now side by side."""
    cast = cast_of(view.case)
    if cast.fresh is None:
        return ""
    two = shift.Pair(cast.past, cast.fresh)
    prior = shift.drift_of(view.case, two).prior
    past, fresh = safe(two.then.title), safe(two.now.title)
    if prior is None:
        return tr(
            "Too few outcomes are known to compare the share of favourable ones in “{past}” and in “{fresh}”.",
            past=past, fresh=fresh,
        )  # fmt: skip
    if prior.is_shown:
        return tr(
            "**{then}** of the outcomes are favourable in “{past}”, **{now}** in “{fresh}”: more than chance would "
            "give.",
            then=short(prior.then), now=estimate_text(prior.now), past=past, fresh=fresh,
        )  # fmt: skip
    return tr(
        "**{then}** of the outcomes are favourable in “{past}”, **{now}** in “{fresh}”: no difference is shown; it "
        "may lie between {low} and {high}.",
        then=short(prior.then), now=short(prior.now), past=past, fresh=fresh,
        low=points(prior.low, signed=True), high=points(prior.high, signed=True),
    )  # fmt: skip


def drivers(view: View) -> str:
    """Say how many columns the model reads, and which of them are sensitive."""
    model = view.judgement.model
    if model is None:
        return ""
    features = model.model.info.features
    named = [c for c in view.judgement.roles.sensitive if c in {f.name for f in features}]
    columns = ntr("{n} column", "{n} columns", len(features), n=count(len(features)))
    if not named:
        return tr(
            "“{model}” reads **{columns}**, none of them named as sensitive. Others may stand in for what it does not "
            "see.",
            model=safe(model.title), columns=columns,
        )  # fmt: skip
    return ntr(
        "“{model}” reads **{columns}**, and one of them is sensitive: **{names}**.",
        "“{model}” reads **{columns}**, and {n} of them are sensitive: **{names}**.",
        len(named),
        model=safe(model.title), columns=columns, n=count(len(named)), names=", ".join(safe(c) for c in named),
    )  # fmt: skip


def band(view: View) -> str:
    """Say what becomes of the applications, and how often the machine is wrong alone."""
    from rai_dash.govern.policy_words import PER, of_thousand

    bench = bench_of(view)
    routes = bench.judged(by=(bench.by,)).overall.routes
    parts = [float(routes.sums[name][0]) for name in ("reject", "review", "approve")]
    if sum(parts) <= 0:
        return tr("There are no applications to route.")
    no, person, yes = of_thousand(parts)
    said = tr(
        "Of {all} applications the machine approves **{yes}** and declines **{no}** alone; **{person}** go to a "
        "person.",
        all=count(PER),
        yes=count(yes),
        no=count(no),
        person=count(person),
    )
    error = routes.estimate("auto_error_rate")
    if not error.is_defined:
        return said
    wrong = tr("Alone it is wrong for **{error}** whose outcome is known.", error=estimate_text(error))
    return f"{said} {wrong}"


#: Stops on rows in memory, whatever is counted elsewhere.
_ON_ROWS: Final = frozenset({"rebalance"})
SENTENCES: Final[Mapping[str, Callable[[View], str]]] = {
    "accuracy": accuracy,
    "production": production,
    "lower": lower,
    "shift": moved,
    "imbalance": imbalance,
    "rebalance": rebalance,
    "drivers": drivers,
    "groups": groups,
    "second": groups,
    "band": band,
    "sign": sign,
    "watch": watch,
}


def said(stop: Stop, view: View) -> str:
    """Say the sentence of a stop; one on a sample says so."""
    text = SENTENCES[stop.key](view)
    dataset = view.case.data_of(view.choices.data).dataset
    on_rows = stop.key in _ON_ROWS and rests_on.is_sampled(dataset)
    if on_rows or ("scores" in stop.needs and rests_on.is_of_sample(view.judgement)):
        return tr("{said} (In a sample of {n}.)", said=text, n=many(dataset.n_rows, "row", "rows"))
    return text
