"""What each mitigation method is, in the words that stand beside its figures."""

from __future__ import annotations

from typing import Final

from rai_dash.core.texts import mark
from rai_dash.trials.mitigating.results import Method

STUDY_CUTS: Final = "for study only: different thresholds by protected group may be disparate treatment"
STUDY_GROUP: Final = (
    "for study only: it uses the protected group in the decision, which may be disparate treatment"
)

REWEIGHING: Final = Method(
    key="reweighing",
    title="Reweighing",
    what=mark(
        "Training rows are weighed so that group and outcome look independent (Kamiran and Calders); the "
        "same kind of model is trained with these weights."
    ),
    needs_group=False,
    is_random=False,
    has_score=True,
)
CORRELATION: Final = Method(
    key="correlation_remover",
    title="CorrelationRemover",
    what=mark(
        "What the group explains linearly is taken out of the numeric columns (fairlearn, alpha 1), and the "
        "same kind of model is trained on what is left. Columns of categories stay as they are."
    ),
    needs_group=True,
    is_random=False,
    has_score=True,
    study=STUDY_GROUP,
)
CUTS: Final = Method(
    key="group_thresholds",
    title="Thresholds by group",
    what=mark(
        "The model as it is, with another threshold for every group, so that one rate comes out alike. "
        "Nothing is trained."
    ),
    needs_group=True,
    is_random=False,
    has_score=False,
    study=STUDY_CUTS,
)
OPTIMISER: Final = Method(
    key="threshold_optimizer",
    title="ThresholdOptimizer",
    what=mark(
        "The model as it is, with fairlearn's rule on top: by group, it draws between two thresholds by a "
        "coin. It seeks the most accurate such rule; the threshold chosen here plays no part. Nothing is "
        "trained."
    ),
    needs_group=True,
    is_random=True,
    has_score=False,
    study=STUDY_CUTS,
)
GRADIENT: Final = Method(
    key="exponentiated_gradient",
    title="ExponentiatedGradient",
    what=mark(
        "Many models of the same kind are trained under the constraint (fairlearn), and for each decision "
        "one of them is drawn. It decides by itself; the threshold chosen here plays no part."
    ),
    needs_group=False,
    is_random=True,
    has_score=False,
)
