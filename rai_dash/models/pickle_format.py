"""A pickle that the operator approved by its sha256; see `rai_dash.models.approval`. Never found by its content."""

from __future__ import annotations

from dataclasses import replace

from rai_dash.core.texts import tr
from rai_dash.core.types import Notice
from rai_dash.models import skops_format
from rai_dash.models._base import MODEL_FORMATS, ModelFormat
from rai_dash.models.approval import APPROVED
from rai_dash.models.unpickle import open_pickle


def _never(head: bytes) -> bool:
    """Recognise nothing: only the operator's list lets a pickle in."""
    del head
    return False


def _no_review(content: bytes) -> None:
    """Look at nothing: what a pickle does cannot be told from outside."""
    del content


def load(content: bytes) -> skops_format.SkopsModel:
    """Open an approved pickle; call it in the separate process only."""
    estimator, said = open_pickle(content)
    model = skops_format.wrap(estimator, content)
    notices = tuple(Notice("library_warning", text) for text in said)
    opened = Notice(
        "pickle",
        tr("This model was opened from a pickle that the operator approved; opening it ran its code."),
    )
    model.info = replace(
        model.info, format=APPROVED, warnings=(opened, *model.info.warnings, *notices), can_refit=False
    )
    return model


MODEL_FORMATS.add(
    APPROVED,
    ModelFormat(
        name=APPROVED,
        label="approved pickle",
        suffixes=(".pkl", ".joblib"),
        sniff=_never,
        review=_no_review,
        load=load,
    ),
    home=__name__,
)
