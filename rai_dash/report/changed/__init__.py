"""What changed between two data sets, models, policies, batches or runs: a diff in words with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.report.changed._items import AREAS, SCHEMA, Change, ChangeItem

if TYPE_CHECKING:
    from rai_dash.data.dataset import Dataset

__all__ = ["AREAS", "SCHEMA", "Change", "ChangeItem", "changed", "kind_of"]


def kind_of(thing: object) -> str:
    """Say what kind of thing is compared: ``data``, ``model``, ``policy``, ``batch`` or ``run``.

    Raises
    ------
    InvalidChoice
        When it is none of these.
    """
    from rai_dash.data.dataset import Dataset
    from rai_dash.govern.policy import Policy
    from rai_dash.models.client import Model
    from rai_dash.report.changed.batches import is_batch
    from rai_dash.report.run_record import Run

    kinds = {Dataset: "data", Model: "model", Policy: "policy", Run: "run"}
    found = next((name for kind, name in kinds.items() if isinstance(thing, kind)), None)
    if found is None and is_batch(thing):
        found = "batch"
    if found is None:
        msg = tr(
            "A {name} cannot be compared. Give data, a model, a policy, a batch or a run.",
            name=type(thing).__name__,
        )
        raise InvalidChoice(msg)
    return found


def changed(
    first: Any,
    second: Any,
    *,
    data: Dataset | None = None,
    threshold: float = 0.5,
    names: tuple[str, str] | None = None,
) -> Change:
    """Say what changed from one thing to another of the same kind.

    Parameters
    ----------
    first, second : Dataset, Model, Policy, Run, or mapping
        Then and now; a mapping is what the monitor says about a batch.
    data : Dataset, optional
        For two models: rows that both score, so that scores and decisions are compared.
    threshold : float
        For two models: favourable from this score.
    names : tuple of str, optional
        To show, for models, batches and runs.

    Raises
    ------
    InvalidChoice
        When the two are not of one kind, or of none that can be compared.
    RaiError
        When a model cannot score the rows.
    """
    kinds = [kind_of(side) for side in (first, second)]
    if kinds[0] != kinds[1]:
        msg = tr(
            "The first is a {kinds} and the second a {labels_kinds}. Give two of one kind.",
            kinds=LABELS[kinds[0]],
            labels_kinds=LABELS[kinds[1]],
        )
        raise InvalidChoice(msg)
    label = LABELS[kinds[0]]
    called = names or (tr("the first {label}", label=label), tr("the second {label}", label=label))
    if kinds[0] == "data":
        from rai_dash.report.changed.datasets import changed_data

        return changed_data(first, second)
    if kinds[0] == "model":
        from rai_dash.report.changed.models import changed_models, score_both

        both = None if data is None else score_both(first, second, data, threshold=threshold)
        return changed_models(first, second, both, names=called)
    if kinds[0] == "policy":
        from rai_dash.report.changed.policies import changed_policies

        return changed_policies(first, second)
    if kinds[0] == "batch":
        from rai_dash.report.changed.batches import changed_batches

        return changed_batches(first, second, names=called)
    from rai_dash.report.changed.runs import changed_runs

    return changed_runs(first, second, names=called)


#: What the kinds are called.
LABELS = {"data": "data set", "model": "model", "policy": "policy", "batch": "batch", "run": "run"}
