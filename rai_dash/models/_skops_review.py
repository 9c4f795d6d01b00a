"""The static review of a skops file: an archive whose schema may name types of our list only."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, NoReturn

from rai_dash.core.errors import RefusedModel
from rai_dash.core.settings import get_settings

MAX_DEPTH = 400
SCHEMA = "schema.json"
#: Public rooms of scikit-learn whose fitted objects hold numbers and run no code of the file's own.
_ROOMS = (
    "calibration",
    "compose",
    "discriminant_analysis",
    "dummy",
    "ensemble",
    "feature_selection",
    "gaussian_process",
    "impute",
    "isotonic",
    "linear_model",
    "naive_bayes",
    "neighbors",
    "neural_network",
    "pipeline",
    "preprocessing",
    "svm",
    "tree",
    "utils",
    "_loss",
    "metrics",
)
_SKLEARN = re.compile(rf"sklearn\.({'|'.join(_ROOMS)})(\.\w+)*")
_CARRIERS = re.compile(
    r"numpy|numpy\.(dtypes|random|random\._\w+|random\.mtrand|core\.\w+|_core\.\w+|ma|ma\.core)"
    r"|scipy\.sparse(\._\w+)*|scipy\.interpolate(\._\w+)*|collections|builtins|xgboost\.(sklearn|core)"
)
#: Plain types of Python; no function that does anything is among them.
_BUILTINS = frozenset(
    [
        "bool",
        "bytearray",
        "bytes",
        "complex",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "NoneType",
        "object",
        "range",
        "set",
        "slice",
        "str",
        "tuple",
        "type",
    ]
)
#: Element-wise functions that a FunctionTransformer may carry.
_FUNCTIONS = frozenset(
    [
        "abs",
        "absolute",
        "add",
        "cbrt",
        "ceil",
        "clip",
        "exp",
        "exp2",
        "expit",
        "expm1",
        "fabs",
        "float_power",
        "floor",
        "identity",
        "log",
        "log10",
        "log1p",
        "log2",
        "logit",
        "maximum",
        "minimum",
        "negative",
        "nan_to_num",
        "power",
        "reciprocal",
        "rint",
        "sign",
        "sqrt",
        "square",
        "tanh",
    ]
)
_UFUNC_HOMES = frozenset({"numpy", "scipy.special", "scipy.special._ufuncs", "numpy.ma.core"})
#: Nodes that would run a method, an operator or a partial call of the file's choosing.
_ACTIVE_NODES = frozenset({"MethodNode", "PartialNode", "OperatorFuncNode", "ObjectDtypeNode"})
#: They open files named in the data, or run a function of the user's.
_READS_FILES = re.compile(r"sklearn\.feature_extraction.*|sklearn\.datasets.*")


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a damaged archive."""
    msg = f"This skops file is damaged: {what}. Save the model again with `skops.io.dump(model, 'model.skops')`."
    raise RefusedModel(
        msg,
        code="damaged_model",
    )


def _checked_members(archive: zipfile.ZipFile) -> None:
    """Check names, links, encryption and the real expanded size."""
    limit = get_settings().max_expanded_mb * 1024 * 1024
    names = [m.filename for m in archive.infolist()]
    if len(set(names)) != len(names):
        refuse_damaged("a part is in it twice")
    total = 0
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename or member.flag_bits & 1:
            refuse_damaged("a part has a name that leads outside, or is encrypted")
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 20):
                total += len(chunk)
                if total > limit:
                    msg = f"The model is more than {get_settings().max_expanded_mb:,} MB when unpacked, the limit here."
                    raise RefusedModel(msg, code="too_large")


def _nodes(schema: object) -> Iterator[dict[str, Any]]:
    """Walk all typed nodes without recursion."""
    waiting: list[tuple[object, int]] = [(schema, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, dict):
            if "__class__" in value:
                yield value
            waiting += [(v, depth + 1) for v in value.values()]
        elif isinstance(value, list):
            waiting += [(v, depth + 1) for v in value]


def _check_node(node: dict[str, Any]) -> str:
    """Return the full name of a node's type, or refuse it."""
    module, name, loader = (str(node.get(k, "")) for k in ("__module__", "__class__", "__loader__"))
    full = f"{module}.{name}"
    if loader in _ACTIVE_NODES or _READS_FILES.fullmatch(module):
        _refuse_foreign(full)
    if loader == "FunctionNode":
        function = node.get("content")
        parts = function if isinstance(function, dict) else {}
        home = str(parts.get("module_path", module))
        called = str(parts.get("function", name))
        if home not in _UFUNC_HOMES or called not in _FUNCTIONS:
            _refuse_foreign(f"{home}.{called}")
        return f"{home}.{called}"
    if module == "builtins" and name not in _BUILTINS:
        _refuse_foreign(full)
    if not (_SKLEARN.fullmatch(module) or _CARRIERS.fullmatch(module)):
        _refuse_foreign(full)
    return full


def _refuse_foreign(full: str) -> NoReturn:
    msg = (
        f"The model uses `{full[:200]}`, which is not on the list of types that are loaded here. Replace it by a "
        "scikit-learn transformer, or upload a table with a score column."
    )
    raise RefusedModel(
        msg,
        code="foreign_type",
    )


def allowed_types(content: bytes) -> list[str]:
    """Review a file and return the full names of every type in it, all of them on our list.

    Raises
    ------
    RefusedModel
        When the archive is damaged, too large, or names another type.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _checked_members(archive)
            schema = json.loads(archive.read(SCHEMA))
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        NotImplementedError,
        EOFError,
        OSError,
        RecursionError,
    ):
        refuse_damaged("it is not a complete archive with a schema")
    return sorted({_check_node(node) for node in _nodes(schema)})


def review(content: bytes) -> None:
    """Check a file without loading anything of it; see `allowed_types`."""
    allowed_types(content)
