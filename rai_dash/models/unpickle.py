"""The one place where a pickle is opened, and only ever in the locked process.

Opening a pickle runs whatever its writer put in. It happens when an analyst converts a file of their own on
their own machine, and for files that an operator approved by their sha256 (see `rai_dash.models.approval`).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature
from rai_dash.models import skops_format
from rai_dash.models._skops.review import review
from rai_dash.sandbox.arrow import frame_from_ipc

Progress = Callable[[int, int, str], None]
Answer = tuple[dict[str, Any], list[bytes]]

MADE_UP_ROWS = 1_000


def open_pickle(content: bytes) -> tuple[Any, list[str]]:
    """Open a pickle or joblib file; call it in the locked process only.

    Returns
    -------
    model : object
        The estimator in it.
    warnings : list of str
        What the libraries said, for example that it was written by another version.

    Raises
    ------
    RefusedModel
        When it cannot be opened, or holds no classifier.
    """
    import joblib

    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = joblib.load(io.BytesIO(content))  # noqa: TID251 - see the top of this file
    except ModuleNotFoundError as error:
        msg = tr(
            "The model uses `{error}`, which is not installed here. Run rai-dash convert in the "
            "environment in which the model was trained; your own code has to be replaced by "
            "scikit-learn's.",
            error=error.name,
        )
        raise RefusedModel(msg, code="foreign_type") from None
    except Exception:  # noqa: BLE001 - unpickling can fail in any way of any library
        msg = tr(
            "The pickle cannot be opened: it is damaged, tries what is not allowed, or was written by "
            "other versions of its libraries. Save it again with the versions installed here."
        )
        raise RefusedModel(msg, code="damaged_model") from None
    return _estimator(found), [" ".join(str(w.message).split())[:300] for w in caught][:5]


def _estimator(found: Any) -> Any:
    """Take the classifier itself, or the only one in a dictionary."""
    if hasattr(found, "predict_proba"):
        return found
    inside = [v for v in found.values() if hasattr(v, "predict_proba")] if isinstance(found, dict) else []
    if len(inside) == 1:
        return inside[0]
    room = type(found).__module__.split(".")[0]
    kind = f"{'a Python' if room == 'builtins' else room} {type(found).__name__}"
    how = (
        "Save it with `booster.save_model('model.ubj')` or `booster.save_model('model.txt')`."
        if type(found).__name__ == "Booster"
        else "Pickle the classifier or the whole pipeline itself."
    )
    msg = tr("The pickle holds no classifier with predict_proba but: {kind}. {how}", kind=kind, how=how)
    raise RefusedModel(msg, code="no_probabilities")


def made_up_rows(features: tuple[Feature, ...], n: int = MADE_UP_ROWS) -> pd.DataFrame:
    """Draw rows to compare two copies of a model on: any value of a category, numbers of all sizes."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for feature in features:
        if feature.categories:
            columns[feature.name] = pd.Series(rng.choice(list(feature.categories), n), dtype="str")
        elif feature.kind == "category":
            columns[feature.name] = pd.Series(["?"] * n, dtype="str")
        else:
            columns[feature.name] = np.round(rng.normal(0, 10.0 ** rng.uniform(0, 5, n)), 2)
    return pd.DataFrame(columns)


def convert(
    state: dict[str, Any], args: dict[str, Any], blobs: list[memoryview], progress: Progress
) -> Answer:
    """Turn a pickle (blob 0) into a skops file, and compare both on rows (blob 1) or on made-up ones.

    Returns
    -------
    data : dict
        ``info`` (see `ModelInfo`), ``rows``, ``largest_difference``, ``warnings``.
    blobs : list of bytes
        The skops file.
    """
    del state, args
    import skops.io

    progress(0, 4, "opening the pickle")
    model, said = open_pickle(bytes(blobs[0]))
    progress(1, 4, "writing the skops file")
    try:
        content = bytes(skops.io.dumps(model))
    except Exception:  # noqa: BLE001 - a type that skops does not know fails in many ways
        msg = tr(
            "The model cannot be written as .skops: it holds something that is not scikit-learn's. "
            "Replace it, or export the model to ONNX."
        )
        raise RefusedModel(msg, code="foreign_type") from None
    progress(2, 4, "reading it back")
    review(content)
    loaded = skops_format.load(content)
    frame = frame_from_ipc(blobs[1]) if len(blobs) > 1 else made_up_rows(loaded.info.features)
    progress(3, 4, "comparing")
    matrix = loaded.matrix(frame)
    before = np.asarray(model.predict_proba(matrix), dtype=np.float64)[:, 1]
    largest = float(np.abs(before - loaded.probability(frame)).max(initial=0.0))
    report = {
        "info": asdict(loaded.info),
        "rows": len(frame),
        "largest_difference": largest,
        "warnings": said,
    }
    return report, [content]
