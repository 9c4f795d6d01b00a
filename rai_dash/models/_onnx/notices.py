"""What a user has to know about an ONNX model: precision, categories, blanks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from rai_dash.core.types import Feature, Notice
from rai_dash.models._onnx.columns import KnownColumns
from rai_dash.models._onnx.values import shown

SHOWN: Final = 8
_TREES: Final = frozenset({"TreeEnsembleClassifier", "TreeEnsembleRegressor"})
#: Steps that compute new numbers, and so round them, before trees compare them.
_ROUNDS: Final = frozenset({"Add", "Div", "Log", "MatMul", "Mul", "Normalizer", "Pow", "Scaler", "Sub"})


def _listed(names: Sequence[str]) -> str:
    rest = len(names) - SHOWN
    text = ", ".join(f"`{shown(n)}`" for n in names[:SHOWN])
    return f"{text} and {rest:,} more" if rest > 0 else text


def _scales_before_trees(model: Any) -> bool:
    """Whether a step that rounds runs before some tree."""
    is_rounded = False
    for node in model.graph.node:
        if is_rounded and node.op_type in _TREES:
            return True
        is_rounded = is_rounded or node.op_type in _ROUNDS
    return False


def notices_of(
    model: Any, features: Sequence[Feature], known: KnownColumns, *, is_float32: bool
) -> list[Notice]:
    """Collect the warnings of a loaded model.

    Parameters
    ----------
    model : ModelProto
        Reviewed.
    features, known
        Its columns.
    is_float32 : bool
        Whether its probabilities have 32 bits.
    """
    out = []
    if is_float32:
        text = (
            "Scores of this model come in 32-bit precision: a stored 0.35 may count as just below 0.35. "
            "Its numbers are compared in 32 bits too."
        )
        out.append(Notice("float32", text))
    if _scales_before_trees(model):
        text = (
            "This model scales numbers in 32-bit precision before its trees compare them, so rows fall on the other "
            "side of a split than in the original model and scores can be far off. Compare it with a column of the "
            "original scores, or export the trees without the scaling, which they do not need."
        )
        out.append(Notice("rounded_splits", text))
    texts = [i for i, f in enumerate(features) if f.kind == "category"]
    if open_lists := [features[i].name for i in texts if not features[i].categories]:
        text = (
            f"The file does not show which values of {_listed(open_lists)} the model knows, so values it has never "
            "seen cannot be counted."
        )
        out.append(Notice("unknown_categories", text))
    if unsure := [features[i].name for i in known.texts if i not in known.blanks]:
        text = (
            f"A blank in {_listed(unsure)} reaches the model as an empty text, and the file does not show whether "
            "training wrote blanks that way. Check the scores of rows with blanks there."
        )
        out.append(Notice("blank_text", text))
    return out
