"""The two protocols: how rows are asked, and where the answer stands.

References
----------
Open Inference Protocol, version 2, REST: https://github.com/kserve/open-inference-protocol (MLServer 1.7 and Triton
speak it). MLflow scoring: https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally (``dataframe_split``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rai_dash.core.endpoints import Endpoint, EndpointInput
from rai_dash.core.texts import tr
from rai_dash.models._base import FloatArray
from rai_dash.models.endpoint.replies import probabilities, strange
from rai_dash.models.endpoint.values import Row

#: Type of a tensor by type of an input, where the server does not describe it.
_USUAL: Final = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "text": "BYTES"}
_TYPES: Final = {
    **dict.fromkeys(("FP16", "FP32", "FP64", "BF16"), "number"),
    **dict.fromkeys((f"{u}INT{bits}" for u in ("", "U") for bits in (8, 16, 32, 64)), "integer"),
    "BOOL": "boolean",
    "BYTES": "text",
}
_NUMBERS: Final = frozenset({"FP16", "FP32", "FP64", "BF16"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What a model takes: the columns, and for OIP the tensor types by name, and the name and type of a matrix."""

    inputs: tuple[EndpointInput, ...]
    datatypes: Mapping[str, str]
    tensor: str = ""
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """Probability of class 1, float64 (n,), and the version that the server says answered ("" = it does not say)."""

    scores: FloatArray
    version: str = ""


def metadata_path(endpoint: Endpoint) -> str | None:
    """Where an OIP server describes the model, on the same host; None = the protocol has no such place."""
    return endpoint.path.removesuffix("/infer") if endpoint.protocol == "oip" else None


def schema_of(endpoint: Endpoint, described: object) -> Schema:
    """Settle what is sent, from the operator's list and the server's own description.

    Parameters
    ----------
    endpoint : Endpoint
        What the operator wrote counts first.
    described : object
        JSON of the server; None where there is none.

    Raises
    ------
    ModelUnreachable
        When the description is needed and cannot be read.
    """
    if endpoint.protocol == "mlflow":
        return Schema(inputs=_typed(endpoint.inputs, {}), datatypes={})
    tensors = _tensors(endpoint, described)
    versions = _texts(described.get("versions")) if isinstance(described, dict) else ()
    if endpoint.send == "matrix":
        return _matrix(endpoint, tensors, versions)
    listed = endpoint.inputs or tuple(EndpointInput(name=name) for name in tensors)
    if not listed or (not endpoint.inputs and not set(tensors.values()) <= set(_TYPES)):
        raise strange(endpoint, tr("its description has no usable inputs; the operator has to list them"))
    inputs = _typed(listed, tensors)
    types = {i.name: tensors.get(i.name, _USUAL[i.type]) for i in inputs}
    for place, column in enumerate(inputs, start=1):
        if not _goes_into(column, types[column.name]):
            raise strange(
                endpoint, tr("input {place} has another type there than in the operator's list", place=place)
            )
    return Schema(inputs=inputs, datatypes=types, versions=versions)


def _typed(inputs: Sequence[EndpointInput], tensors: Mapping[str, str]) -> tuple[EndpointInput, ...]:
    """Give the inputs that no type was listed for the server's own, else a number."""
    return tuple(
        i if i.type else i.model_copy(update={"type": _TYPES.get(tensors.get(i.name, ""), "number")})
        for i in inputs
    )


def _goes_into(column: EndpointInput, datatype: str) -> bool:
    """Whether values of an input can be sent as a type; whole numbers go into one of numbers, which loses nothing."""
    own = _TYPES.get(datatype)
    return own == column.type or (column.type in {"integer", "boolean"} and own == "number")


def _tensors(endpoint: Endpoint, described: object) -> dict[str, str]:
    """Read name and type of each input of a description."""
    if described is None:
        return {}
    listed = described.get("inputs", []) if isinstance(described, dict) else None
    if not isinstance(listed, list) or not all(isinstance(t, dict) for t in listed):
        raise strange(endpoint, tr("its description of itself is damaged"))
    found = {t.get("name"): t.get("datatype") for t in listed}
    if not all(isinstance(k, str) and isinstance(v, str) for k, v in found.items()):
        raise strange(endpoint, tr("its description of itself is damaged"))
    return {str(k): str(v) for k, v in found.items()}


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(v)[:100] for v in values) if isinstance(values, list) else ()


def _matrix(endpoint: Endpoint, tensors: Mapping[str, str], versions: tuple[str, ...]) -> Schema:
    name = endpoint.tensor or (next(iter(tensors)) if len(tensors) == 1 else "")
    kind = endpoint.datatype or tensors.get(name, "")
    if not name or kind not in {"FP32", "FP64"}:
        raise strange(
            endpoint, tr("its description names no single tensor of FP32 or FP64; list tensor and datatype")
        )
    return Schema(inputs=_typed(endpoint.inputs, {}), datatypes={name: kind}, tensor=name, versions=versions)


def question(endpoint: Endpoint, schema: Schema, rows: Sequence[Row]) -> dict[str, Any]:
    """Write the question for some rows, ready for JSON."""
    if endpoint.protocol == "mlflow":
        names = [i.name for i in schema.inputs]
        return {"dataframe_split": {"columns": names, "data": [list(row) for row in rows]}}
    wanted = {"outputs": [{"name": endpoint.output}]} if endpoint.output else {}
    if schema.tensor:
        kind, width = schema.datatypes[schema.tensor], len(schema.inputs)
        flat = [value for row in rows for value in row]
        tensor = {"name": schema.tensor, "shape": [len(rows), width], "datatype": kind, "data": flat}
        return {"inputs": [tensor], **wanted}
    tensors = [
        {
            "name": column.name,
            "shape": [len(rows), 1],
            "datatype": schema.datatypes[column.name],
            "data": list(values),
            **({"parameters": {"content_type": "str"}} if column.type == "text" else {}),
        }
        for column, values in zip(schema.inputs, zip(*rows, strict=True), strict=True)
    ]
    return {"inputs": tensors, "parameters": {"content_type": "pd"}, **wanted}


def answer(endpoint: Endpoint, reply: object, n: int) -> Answered:
    """Read the answer for ``n`` rows.

    Raises
    ------
    ModelUnreachable, RefusedModel
        When it is not what the protocol says, or no probabilities.
    """
    if not isinstance(reply, dict):
        raise strange(endpoint, tr("it is no JSON object"))
    if endpoint.protocol == "mlflow":
        return Answered(_predictions(endpoint, reply.get("predictions"), n))
    tensor = _output(endpoint, reply.get("outputs"))
    shape, data = tensor.get("shape"), tensor.get("data")
    if not isinstance(shape, list) or not isinstance(data, list) or tensor.get("datatype") not in _NUMBERS:
        raise strange(
            endpoint,
            tr("its output is no list of floating-point numbers; the operator has to name the right output"),
        )
    if shape not in ([n], [n, 1], [n, 2]):
        raise strange(
            endpoint,
            tr("its output has another shape than one or two numbers for each of {n} rows", n=f"{n:,}"),
        )
    version = reply.get("model_version") or ""
    width = 2 if shape == [n, 2] else 1
    return Answered(probabilities(endpoint, _flat(data), n, width), str(version)[:100])


def _flat(data: list[Any]) -> list[Any]:
    """Return the numbers of a tensor in row order; the protocol lets a server nest them by rows."""
    if data and all(isinstance(row, list) for row in data):
        return [value for row in data for value in row]
    return data


def _output(endpoint: Endpoint, outputs: object) -> dict[str, Any]:
    if not isinstance(outputs, list) or not all(isinstance(o, dict) for o in outputs):
        raise strange(endpoint, tr("it has no outputs"))
    named = [o for o in outputs if not endpoint.output or o.get("name") == endpoint.output]
    if len(named) != 1:
        what = (
            "no output of the listed name"
            if endpoint.output
            else f"{len(named):,} outputs; one has to be named"
        )
        raise strange(endpoint, tr("it has {what}", what=what))
    found: dict[str, Any] = named[0]
    return found


def _predictions(endpoint: Endpoint, found: object, n: int) -> FloatArray:
    """Read MLflow's list: numbers, pairs of numbers, or records by name of column."""
    if not isinstance(found, list):
        raise strange(endpoint, tr("it has no list of predictions"))
    if len(found) != n:
        raise strange(endpoint, tr("{found} predictions for {n} rows", found=f"{len(found):,}", n=f"{n:,}"))
    if found and all(isinstance(p, dict) for p in found):
        names = [endpoint.output] if endpoint.output else list(endpoint.labels)
        if not all(name in record for record in found for name in names):
            raise strange(endpoint, tr("its records lack the listed output, or the two classes"))
        return probabilities(endpoint, [r[name] for r in found for name in names], n, len(names))
    if found and all(isinstance(p, list) for p in found):
        widths = {len(p) for p in found}
        if widths not in ({1}, {2}):
            raise strange(endpoint, tr("its predictions have another number of columns than one or two"))
        return probabilities(endpoint, _flat(found), n, widths.pop())
    return probabilities(endpoint, found, n, 1)
