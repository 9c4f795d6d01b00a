"""Tree ensembles, exact against every reference row: boosted trees in log-odds, forests in probability.

Blanks, native categories and one-hot blocks included: all prepared columns of an original column, or of a block
of columns, are one player, so that the values are those of the game in which they move together.
"""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.explain._base import (
    EXPLAINERS,
    INTERVENTIONAL,
    Attributor,
    ExplainRoute,
    Reference,
    Subject,
    rows_text,
)
from rai_dash.explain._ensemble import Ensemble, is_ensemble

#: Reference rows of forests so deep that one applicant against all rows would take many seconds.
DEEP_ROWS = 200


def build(subject: Subject, reference: Reference, space: str) -> Attributor:
    """Read the trees, prepare the reference rows and return the attributor (see ``ExplainRoute``)."""
    names = list(subject.names)
    frame = reference.sample(subject, space, len(reference.frame))[names]
    ensemble = Ensemble.read(subject, frame)
    kernel = ensemble.kernel(frame, INTERVENTIONAL)
    of = ""
    if kernel.is_laborious and len(frame) > DEEP_ROWS:
        of = tr(" drawn from {frame}, as its trees are too deep for all of them", frame=f"{len(frame):,}")
        frame = reference.sample(subject, space, DEEP_ROWS, most=DEEP_ROWS)[names]
        kernel = ensemble.kernel(frame, INTERVENTIONAL)
    method = tr("Exact tree kernel, interventional, against {rows}{of}", rows=rows_text(len(frame)), of=of)
    return ensemble.attributor(kernel, method, len(frame))


EXPLAINERS.add(
    "tree_kernel",
    ExplainRoute(
        name="tree_kernel",
        label="Trees, exact against reference rows",
        rank=20,
        supports=is_ensemble,
        build=build,
    ),
    home=__name__,
)
