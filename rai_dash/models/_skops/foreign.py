"""What is said of a type that is not on the list: what it is, and the way out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from rai_dash.core.errors import RefusedModel
from rai_dash.models._skops.types import ELEMENT_WISE

_LIBRARIES: Final = frozenset(
    {"sklearn", "imblearn", "xgboost", "lightgbm", "numpy", "scipy", "pandas", "joblib", "_loss"}
)
_WAY_OUT: Final = "Replace it by a scikit-learn transformer, or export the whole model to ONNX."


def refuse_type(node: Mapping[str, Any], full: str) -> NoReturn:
    """Refuse a node whose type is not loaded here.

    Parameters
    ----------
    node : mapping
        The node of the schema.
    full : str
        Full name of its type.

    Raises
    ------
    RefusedModel
        Always, with the code ``foreign_type``.
    """
    said = _PLAIN_KINDS.get(str(node.get("__loader__")), _by_home)(node, full[:200])
    raise RefusedModel(said, code="foreign_type")


def _by_home(node: Mapping[str, Any], full: str) -> str:
    """Tell own code, Python's own functions and libraries apart."""
    del node
    home = full.split(".", maxsplit=1)[0]
    if full.startswith("sklearn.feature_extraction."):
        return (
            f"The model uses `{full}`, which can open files named in the data and is not loaded here. Turn the text "
            "into columns before the model, or export the whole model to ONNX."
        )
    if home in _LIBRARIES:
        return f"The model uses `{full}`, which is not on the list of types that are loaded here. {_WAY_OUT}"
    if home in sys.stdlib_module_names and home != "__main__":
        return f"The model uses `{full}`, a part of Python itself, which is not loaded. {_WAY_OUT}"
    return f"The model uses `{full}`, which is your own code and is not loaded here. {_WAY_OUT}"


def _partial(node: Mapping[str, Any], full: str) -> str:
    content = node.get("content")
    func = content.get("func") if isinstance(content, Mapping) else None
    inner = f"{func.get('__module__')}.{func.get('__class__')}" if isinstance(func, Mapping) else "a function"
    if ELEMENT_WISE.fullmatch(inner):
        return (
            f"The model uses `{full}` of `{inner[:200]}`, a function with settings of its own, which is not loaded "
            "here. Hand the settings over as `FunctionTransformer(func, kw_args={...})`."
        )
    return (
        f"The model uses `{full}` of `{inner[:200]}`, a function with settings of its own, which is not loaded here. "
        f"{_WAY_OUT}"
    )


def _method(node: Mapping[str, Any], full: str) -> str:
    content = node.get("content")
    name = content.get("func", "?") if isinstance(content, Mapping) else "?"
    return f"The model keeps the method `{str(name)[:80]}` of a `{full}` to call it, which is not loaded. {_WAY_OUT}"


def _operator(node: Mapping[str, Any], full: str) -> str:
    del node
    return f"The model uses `{full}`, which calls or picks by a name in the file and is not loaded here. {_WAY_OUT}"


_PLAIN_KINDS: Final = {"PartialNode": _partial, "MethodNode": _method, "OperatorFuncNode": _operator}
