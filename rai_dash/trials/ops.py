"""Entry points of the separate process: what trains many models of one kind in a row."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rai_dash.core.errors import UnsupportedModel
from rai_dash.core.texts import tr
from rai_dash.models.refit import Answer, Progress, TrainingRows, fitted_again
from rai_dash.sandbox.arrow import frame_from_ipc

#: Constraint of fairlearn for each goal.
_MOMENTS: Final = {
    "equalized_odds": "EqualizedOdds",
    "demographic_parity": "DemographicParity",
    "equal_opportunity": "TruePositiveRateParity",
}


class _Learner:
    """Looks like an estimator to fairlearn: takes row numbers, trains the model's kind on those rows.

    The rows themselves never pass through fairlearn, which would turn categories into something else.
    """

    def __init__(self, shop: _Shop) -> None:
        self._shop = shop
        self._fitted: Any = None

    def __sklearn_clone__(self) -> _Learner:
        return _Learner(self._shop)

    def fit(self, X: NDArray[np.int64], y: Any, *, sample_weight: Any) -> _Learner:  # noqa: N803
        """Train on rows with outcome ``y`` (1 = favourable) and weights."""
        shop = self._shop
        label = np.asarray(y, dtype=np.int8)
        rows = TrainingRows(
            shop.frame.iloc[X[:, 0]],
            label if shop.favourable_index == 1 else (1 - label).astype(np.int8),
            np.asarray(sample_weight, dtype=np.float64),
        )
        self._fitted = fitted_again(None if shop.stand_in else shop.model, rows)
        shop.count()
        return self

    def predict(self, X: NDArray[np.int64]) -> NDArray[np.int64]:  # noqa: N803
        """Decide: favourable from a probability of one half on, as the weights of the errors ask for."""
        one = np.asarray(self._fitted.probability(self._shop.frame.iloc[X[:, 0]]))
        favourable = one if self._shop.favourable_index == 1 else 1.0 - one
        return (favourable >= 0.5).astype(np.int64)


class _Shop:
    """What all learners share: the rows, the kind of model, and how far it is."""

    def __init__(self, state: dict[str, Any], args: dict[str, Any], frame: Any, progress: Progress) -> None:
        self.frame, self.model = frame, state.get("model")
        self.favourable_index, self.stand_in = int(args["favourable_index"]), bool(args["stand_in"])
        self.fits, self._most, self._progress = 0, 4 * int(args["max_iter"]), progress

    def count(self) -> None:
        """Tell how many models are trained; how many there will be is not known."""
        self.fits += 1
        self._progress(min(self.fits, self._most - 1), self._most, f"{self.fits} models trained")


def exponentiated_gradient(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Train on rows under a constraint and decide on others under several seeds.

    Blobs: rows to train on and then to decide on (one Arrow stream), outcome int8 (1 = favourable) and group int32
    of the rows to train on. Arguments: ``goal``, ``slack``, ``max_iter``, ``seeds``, ``favourable_index``,
    ``stand_in``. The answer is int8 (seeds, rows to decide on).
    """
    from fairlearn import reductions

    frame = frame_from_ipc(blobs[0], check=False)
    label, group = np.frombuffer(blobs[1], dtype=np.int8), np.frombuffer(blobs[2], dtype="<i4")
    shop = _Shop(state, args, frame, progress)
    moment = getattr(reductions, _MOMENTS[args["goal"]])
    mitigator = reductions.ExponentiatedGradient(
        _Learner(shop),
        moment(difference_bound=args["slack"]),
        eps=args["slack"],
        max_iter=args["max_iter"],
    )
    place = np.arange(len(frame))[:, None]
    try:
        mitigator.fit(place[: label.size], label.astype(np.int64), sensitive_features=group)
    except (ValueError, TypeError, ArithmeticError, LookupError) as error:
        said = " ".join(str(error).split())[:200]
        msg = tr("This model could not be trained under the constraint. fairlearn says: {said}.", said=said)
        raise UnsupportedModel(msg, code="cannot_constrain") from error
    draws = np.stack(
        [mitigator.predict(place[label.size :], random_state=int(s)) for s in args["seeds"]]
    ).astype(np.int8)
    used = int((mitigator.weights_ > 0).sum())
    return {"fits": shop.fits, "mixed": used}, [draws.tobytes()]
