"""From the bytes of a model file to a model: reviewed first, always. Called where the model is to run."""

from __future__ import annotations

from collections.abc import Sequence

from rai_dash.models._base import MODEL_FORMATS, NativeModel
from rai_dash.models.sniff import accepted_format


def load_reviewed(
    content: bytes, *, model_format: str | None = None, feature_names: Sequence[str] | None = None
) -> NativeModel:
    """Review a model file and load it in this process.

    Parameters
    ----------
    content : bytes
        The file.
    model_format : str, optional
        As it was told before; from the content when omitted.
    feature_names : sequence of str, optional
        For a file that has none, or others than the table.

    Raises
    ------
    RefusedModel
        When the file is not accepted.
    """
    entry = MODEL_FORMATS[model_format or accepted_format(content)]
    entry.review(content)
    model = entry.load(content)
    if feature_names is not None:
        model.rename(feature_names)
    return model
