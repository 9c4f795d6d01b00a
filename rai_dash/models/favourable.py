"""Which class of a model is good for the applicant."""

from __future__ import annotations

from collections.abc import Sequence

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo
from rai_dash.data.labels import label_text


def favourable_class(info: ModelInfo, model_class: str | None, favourable: Sequence[str] | None) -> str:
    """Find the class of a model that is good for the applicant.

    Parameters
    ----------
    info : ModelInfo
        The model's two classes.
    model_class : str or None
        What the user said.
    favourable : sequence of str or None
        Favourable labels of the data; they count where the file carries class labels.

    Returns
    -------
    str
        One of ``info.classes``.

    Raises
    ------
    InvalidChoice
        When the class is not one of the model's, or cannot be told.
    """
    if model_class is not None:
        if label_text(model_class) in info.classes:
            return label_text(model_class)
        raise _unclear(info, tr("`{model_class}` is not one of the model's classes", model_class=model_class))
    wanted = {label_text(f) for f in favourable or ()}
    hits = [c for c in info.classes if c in wanted]
    if info.has_class_labels and len(hits) == 1:
        return hits[0]
    if info.classes == ("0", "1") and not (info.has_class_labels and hits):
        return "1"
    raise _unclear(info, tr("It is not clear which class of the model is favourable"))


def _unclear(info: ModelInfo, what: str) -> InvalidChoice:
    first, second = info.classes
    return InvalidChoice(
        f"{what}. Its classes are `{first}` and `{second}`: say which one is good for the applicant, "
        "on the page or with --model-class.",
        code="unclear_class",
    )
