"""Tree ensembles without reference rows: path-dependent values, as the libraries' own contributions.

An unknown column takes both branches of its splits, weighted by the cover of the nodes: what counts there differs
between libraries (XGBoost: sums of the hessian), so it is named. These are the exact Shapley values of that game,
which is another one than "against these people".
"""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.explain._base import (
    EXPLAINERS,
    PATH_DEPENDENT,
    Attributor,
    ExplainRoute,
    Reference,
    Subject,
)
from rai_dash.explain._ensemble import Ensemble, is_ensemble


def build(subject: Subject, reference: Reference, _space: str) -> Attributor:
    """Read the trees and return the attributor (see ``ExplainRoute``); the reference rows only check the reading."""
    frame = reference.frame[list(subject.names)]
    ensemble = Ensemble.read(subject, frame)
    kernel = ensemble.kernel(frame, PATH_DEPENDENT)
    cover = ensemble.trees.cover_name
    method = tr(
        "Exact tree kernel, path-dependent (branches weighted by {cover}, no reference rows)", cover=cover
    )
    return ensemble.attributor(kernel, method, None)


EXPLAINERS.add(
    "tree_paths",
    ExplainRoute(
        name="tree_paths",
        label="Trees, by the weights of their branches",
        rank=20,
        supports=is_ensemble,
        build=build,
        perturbation=PATH_DEPENDENT,
    ),
    home=__name__,
)
