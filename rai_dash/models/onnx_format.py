"""ONNX models in one file, as converters write them for tables and small networks."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.texts import tr
from rai_dash.core.types import ModelInfo, Notice
from rai_dash.data.labels import label_text
from rai_dash.models._base import (
    MODEL_FORMATS,
    NO_NAMES,
    ModelFormat,
    check_names,
    model_columns,
)
from rai_dash.models._onnx.columns import (
    Input,
    KnownColumns,
    column_names,
    features_of,
    inputs_of,
    known_columns,
)
from rai_dash.models._onnx.feed import feed, trial_rows
from rai_dash.models._onnx.notices import notices_of
from rai_dash.models._onnx.outputs import agrees, class_labels, is_probability, without_maps
from rai_dash.models._onnx.review import parse, review
from rai_dash.models._onnx.sniff import sniff
from rai_dash.models._onnx.values import refuse_damaged
from rai_dash.models.unseen import find_unseen

FloatArray = NDArray[np.float64]
#: Rows at a time: it bounds what a graph that compares rows with each other can ask for.
CHUNK_ROWS: Final = 10_000
_FATAL_ONLY: Final = 4
_WAY_OUT: Final = (
    "Export a classifier with its probabilities (for scikit-learn `options={'zipmap': False}`), "
    "or upload a table with a score column."
)


@dataclass(slots=True)
class OnnxModel:
    """A loaded graph; see `rai_dash.models._base.NativeModel`.

    ``inputs`` are the graph's own, ``known`` what it shows of its columns, ``output`` the name of the
    probabilities, (n, 2).
    """

    info: ModelInfo
    native: Any
    inputs: tuple[Input, ...]
    known: KnownColumns
    output: str = ""

    def rename(self, names: Sequence[str]) -> None:
        """Take names by position: converters change the ones that the training table had."""
        check_names(self.info, names)
        features = tuple(replace(f, name=n) for f, n in zip(self.info.features, names, strict=True))
        to = dict(zip(self.info.feature_names, names, strict=True))
        warnings = tuple(
            replace(n, column=to.get(n.column, n.column) if n.column else None)
            for n in self.info.warnings
            if n.code != NO_NAMES
        )
        self.info = replace(self.info, features=features, warnings=warnings)

    def matrix(self, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """Return the arrays of the graph's inputs, by name."""
        chosen = model_columns(frame, self.info.features)
        return feed(chosen, self.inputs, self.info.features, self.known)

    def _both(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probabilities of both classes, float64 (n, 2); float32 of the library, widened once."""
        parts = [self._part(frame.iloc[at : at + CHUNK_ROWS]) for at in range(0, len(frame), CHUNK_ROWS)]
        return np.concatenate(parts) if parts else np.empty((0, 2))

    def _part(self, frame: pd.DataFrame) -> FloatArray:
        rows = self.matrix(frame)
        try:
            found = self.native.run([self.output], rows)[0]
        except Exception as error:
            raise _cannot_score(frame, self.info) from error
        values = np.asarray(found, dtype=np.float64)
        if values.shape != (len(frame), 2):
            msg = tr(
                "The ONNX model did not return two class probabilities for each row. {way_out}",
                way_out=_WAY_OUT,
            )
            raise RefusedModel(msg, code="no_probabilities")
        is_open = ~np.isfinite(values).all(axis=1)
        values[is_open] = np.nan
        if not (is_open.all() or is_probability(values)):
            msg = tr(
                "The ONNX model's answers are no class probabilities: they do not add up to 1. {way_out}",
                way_out=_WAY_OUT,
            )
            raise RefusedModel(msg, code="no_probabilities")
        return np.clip(values, 0.0, 1.0)

    def probability(self, frame: pd.DataFrame) -> FloatArray:
        """Return the probability of class 1."""
        return self._both(frame)[:, 1]

    def margin(self, frame: pd.DataFrame) -> FloatArray | None:
        """Return the log-odds of class 1, worked out from both probabilities; infinite where one is 0."""
        both = self._both(frame)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(both[:, 1]) - np.log(both[:, 0]), dtype=np.float64)


def _cannot_score(frame: pd.DataFrame, info: ModelInfo) -> InvalidChoice:
    """Say why the graph stopped: most often a category it was told to stop at."""
    unseen = [f"`{n.column}`" for n in find_unseen(frame, info.features).notices]
    why = (
        f"The table has values it has never seen in {', '.join(unseen)}, and it was made to stop at such values"
        if unseen
        else "One of its steps stopped at these rows, perhaps at a blank or an unknown text, or for want of memory"
    )
    msg = f"The ONNX model cannot score this table. {why}. Repair the columns, or let the model handle such values."
    return InvalidChoice(msg, code="cannot_score")


def _session(content: bytes) -> Any:
    """Open a graph: one thread, one processor, nothing rewritten, nothing logged, nothing sent."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL_ONLY
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.enable_cpu_mem_arena = False  # the arena reserves address space, which is what is limited
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(
            content, options, providers=["CPUExecutionProvider"], enable_fallback=0
        )
    except Exception as error:
        msg = tr(
            "ONNX Runtime cannot open this file: its steps do not fit together, work on 64-bit numbers "
            "where it only takes 32-bit ones, or are newer than it. Export the model again with 32-bit "
            "inputs (`FloatTensorType([None, 1])`) and an older target opset."
        )
        raise RefusedModel(msg, code="damaged_model") from error


def _bare(model: Any) -> bytes:
    """Write the graph without what the calculation does not need: notes, settings, claimed shapes."""
    import onnx

    out = onnx.ModelProto(ir_version=model.ir_version, opset_import=model.opset_import, graph=model.graph)
    for field in ("doc_string", "metadata_props", "quantization_annotation", "value_info"):
        out.graph.ClearField(field)
    out.graph.name = "model"
    for node in out.graph.node:
        for field in ("doc_string", "metadata_props", "device_configurations"):
            node.ClearField(field)
    return bytes(out.SerializeToString())


def _answers(session: Any, rows: dict[str, NDArray[Any]]) -> dict[str, Any]:
    """Run the trial rows through every output."""
    names = [output.name for output in session.get_outputs()]
    try:
        return dict(zip(names, session.run(names, rows), strict=True))
    except Exception as error:
        msg = tr(
            "The ONNX file cannot score even one ordinary row: one of its steps stops there, or needs "
            "more memory than a model may take. Export the model again and try it in ONNX Runtime."
        )
        raise RefusedModel(msg, code="damaged_model") from error


def _probability_output(answers: dict[str, Any]) -> str:
    """Find the one output that holds the probabilities of two classes."""
    found = {name: np.shape(values)[1] for name, values in answers.items() if is_probability(values)}
    if any(
        np.isnan(v).all() for v in answers.values() if getattr(v, "dtype", None) in (np.float32, np.float64)
    ):
        refuse_damaged("it returns no number for any ordinary row")
    if len(found) == 1 and (width := next(iter(found.values()))) > 2:
        msg = tr(
            "This ONNX model has {width} classes. Train one for approved against not approved.",
            width=f"{width:,}",
        )
        raise RefusedModel(msg, code="multiclass")
    if list(found.values()).count(2) == 1:
        return next(name for name, width in found.items() if width == 2)
    what = (
        "several outputs that look like class probabilities"
        if found
        else "no class probabilities: none of its outputs has a column for each class whose values add up to 1"
    )
    msg = tr("The ONNX file gives {what} (it may be a regressor). {way_out}", what=what, way_out=_WAY_OUT)
    raise RefusedModel(msg, code="no_probabilities")


def _check_alone(session: Any, rows: dict[str, NDArray[Any]], output: str, together: NDArray[Any]) -> None:
    """Refuse a graph in which the score of a row depends on the rows scored beside it."""
    try:
        alone = [
            session.run([output], {name: values[i : i + 1] for name, values in rows.items()})[0]
            for i in range(len(together))
        ]
    except Exception as error:
        msg = tr("The ONNX file cannot score a row alone. Export it with the number of rows left open.")
        raise RefusedModel(msg, code="fixed_rows") from error
    apart = np.concatenate(alone)
    if apart.shape != together.shape or not np.allclose(apart, together, rtol=0, atol=1e-5, equal_nan=True):
        msg = tr(
            "The ONNX file scores a row differently when other rows are scored beside it, so its scores "
            "cannot be audited. Export the model so that each row is scored by itself."
        )
        raise RefusedModel(msg, code="rows_mixed")


def _classes(labels: tuple[Any, ...], answers: dict[str, Any], output: str) -> tuple[str, str] | None:
    """Return the two class labels; None where the file has none that can be relied on."""
    named = tuple(label_text(v) for v in labels)
    if len(named) != 2 or len(set(named)) != 2 or "" in named:
        return None
    pair = (named[0], named[1])
    for name, values in answers.items():
        if name == output or getattr(values, "dtype", np.dtype("f4")).kind not in "OUiu":
            continue
        said = [label_text(v) for v in np.asarray(values, dtype=object).ravel()]
        if len(said) == len(answers[output]) and not agrees(pair, said, answers[output]):
            return None
    return pair


def load(content: bytes) -> OnnxModel:
    """Load a reviewed file; call it in the separate process only.

    Raises
    ------
    RefusedModel
        When its inputs are no plain columns, it cannot score ordinary rows one by one, or gives no probabilities
        of two classes.
    """
    model = parse(content)
    inputs = inputs_of(model)
    labels = without_maps(model) or class_labels(model)
    known = known_columns(model, inputs)
    given = column_names(inputs)
    names = given or [f"f{i}" for i in range(sum(i.width for i in inputs))]
    features = features_of(inputs, names, known)
    session = _session(_bare(model))
    rows = feed(trial_rows(features, inputs), inputs, features, known)
    answers = _answers(session, rows)
    output = _probability_output(answers)
    _check_alone(session, rows, output, answers[output])
    classes = _classes(labels, answers, output)
    info = ModelInfo(
        format="onnx",
        family=_family(model),
        fingerprint=fingerprint_bytes(content),
        features=features,
        classes=classes or ("0", "1"),
        has_class_labels=classes is not None,
        warnings=(
            *([] if given else [_no_names()]),
            *notices_of(model, features, known, is_float32=answers[output].dtype == np.float32),
        ),
    )
    return OnnxModel(info, session, inputs, known, output)


def _no_names() -> Notice:
    text = "The file has no column names; the columns are expected to be called f0, f1, … in order."
    return Notice(NO_NAMES, text)


def _family(model: Any) -> str:
    """Name what the graph is made of, in plain words."""
    steps = {node.op_type for node in model.graph.node}
    if steps & {"TreeEnsembleClassifier", "TreeEnsembleRegressor"}:
        return "ONNX, decision trees"
    if steps & {"LinearClassifier", "LinearRegressor"}:
        return "ONNX, linear model"
    is_network = steps & {"Gemm", "MatMul"} and steps & {
        "Relu",
        "Sigmoid",
        "Tanh",
        "Softmax",
        "LeakyRelu",
        "Elu",
    }
    return "ONNX, neural network" if is_network else "ONNX model"


MODEL_FORMATS.add(
    "onnx",
    ModelFormat(
        name="onnx",
        label="ONNX",
        suffixes=(".onnx",),
        sniff=sniff,
        review=review,
        load=load,
        alters_names=True,
    ),
    home=__name__,
)
