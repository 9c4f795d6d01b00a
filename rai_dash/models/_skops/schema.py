"""The schema of a skops file, reviewed as data and cleared of what the model does not need."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NoReturn

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._nesting import nesting
from rai_dash.models._skops.archive import MAX_DEPTH, SCHEMA, Counter, Part, refuse_damaged
from rai_dash.models._skops.foreign import refuse_type
from rai_dash.models._skops.types import ALLOWED, CHECK_ARRAY, LIGHTGBM, PIPELINES, WRAPPERS, XGBOOST

Node = dict[str, Any]
Parts = Mapping[str, Part]
#: Older forms keep functions in another place; nothing wrote them since 2023.
_OLDEST_PROTOCOL: Final = 1
_ENDINGS: Final = {
    "NdArrayNode": ".npy",
    "SparseMatrixNode": ".npz",
    "BytesNode": ".bin",
    "BytearrayNode": ".bin",
}
_NOTHING: Final = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "null"}


def parsed(content: bytes) -> Node:
    """Read the schema; nesting is counted before it is parsed."""
    if nesting(content) > MAX_DEPTH:
        refuse_damaged(f"it is nested deeper than {MAX_DEPTH} levels")
    schema = json.loads(content)
    if not isinstance(schema, dict) or "__class__" not in schema:
        refuse_damaged("its schema holds no model")
    return schema


def full_name(node: Mapping[str, Any]) -> str:
    """Return the full name of a node's type."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def fields(node: Mapping[str, Any]) -> Node:
    """Return the attributes of an object's node by name; empty where it has none."""
    held = node.get("content")
    if not isinstance(held, dict) or held.get("__loader__") != "DictNode":
        return {}
    named = held["content"]
    kinds = [full_name(kind) for kind in held["key_types"]["content"]]
    if not isinstance(named, dict) or kinds != ["builtins.str"] * len(named):
        refuse_damaged("the attributes of a part have no names")
    return named


def walk(schema: Node) -> Iterator[Node]:
    """Walk all typed nodes without recursion."""
    waiting: list[object] = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "__class__" in value:
                yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def unwrapped(schema: Node) -> tuple[Node, bool]:
    """Leave off a finished search and a threshold around the model.

    Returns
    -------
    schema : dict
        The model's own node, with the version of the file.
    has_threshold : bool
        Whether it brought a threshold of its own.
    """
    top, has_threshold = _model_of(schema)
    at = top
    while full_name(at) in PIPELINES and (steps := fields(at).get("steps", {}).get("content")):
        last = steps[-1]["content"]
        last[1], found = _model_of(last[1])
        at, has_threshold = last[1], has_threshold or found
    return top | {key: schema[key] for key in ("protocol", "_skops_version") if key in schema}, has_threshold


def _model_of(node: Node) -> tuple[Node, bool]:
    has_threshold = False
    while (kept := WRAPPERS.get(full_name(node))) is not None:
        inner = fields(node).get(kept)
        if inner is None:
            msg = tr(
                "This search or threshold holds no trained model. Fit it with refit=True and save it again."
            )
            raise RefusedModel(msg, code="not_fitted")
        has_threshold = has_threshold or kept == "estimator_"
        node = inner
    return node, has_threshold


def clear(schema: Node) -> None:
    """Make every part stand for itself: what is reviewed in a place is then what is loaded there.

    Names by which one part stands for another are taken out (so there are no circles, and no small file that unfolds
    to a large one), searches inside are replaced by their best model, and folders for caching are forgotten.
    """
    waiting: list[Any] = [schema]
    while waiting:
        holder = waiting.pop()
        if isinstance(holder, dict):
            if "__class__" in holder:
                holder.pop("__id__", None)
                if holder.get("__loader__") == "ObjectNode" and "memory" in fields(holder):
                    fields(holder)["memory"] = dict(_NOTHING)
            for key, value in holder.items():
                holder[key] = _without_search(value)
            waiting += holder.values()
        elif isinstance(holder, list):
            holder[:] = [_without_search(value) for value in holder]
            waiting += holder


def _without_search(node: Any) -> Any:
    while isinstance(node, dict) and WRAPPERS.get(full_name(node)) == "best_estimator_":
        held = fields(node)
        node = held.get("best_estimator_", held.get("estimator"))
    return node


def check_references(schema: Node, parts: Parts) -> None:
    """Check that every part of the archive belongs to the model."""
    named = {str(node["file"]) for node in walk(schema) if "file" in node}
    if set(parts) - named - {SCHEMA}:
        refuse_damaged("it holds parts that do not belong to the model")


def check_nodes(schema: Node, parts: Parts) -> list[str]:
    """Check every node against the list, and return the full names of their types.

    Raises
    ------
    RefusedModel
        When a type is not on the list, or a node contradicts itself.
    """
    found, counter = set(), Counter()
    for node in walk(schema):
        loader, full = str(node.get("__loader__")), full_name(node)
        known = ALLOWED.get(loader)
        if loader == "PartialNode":
            _check_partial(node, full)
        elif known is None or not known.fullmatch(full):
            refuse_type(node, full)
        if "file" in node:
            counter.take(_size(node, loader, parts))
        _FORMS.get(loader, _any_form)(node, parts)
        found.add(full)
    protocol = schema.get("protocol")
    if isinstance(protocol, bool) or not isinstance(protocol, int) or protocol < _OLDEST_PROTOCOL:
        refuse_damaged("its schema is of no known version")
    return sorted(found)


def _size(node: Node, loader: str, parts: Parts) -> int:
    name = str(node["file"])
    if not name.endswith(_ENDINGS.get(loader, "/")):
        refuse_damaged("a part of it is of another kind than it says")
    return parts[name].size


def _check_partial(node: Node, full: str) -> None:
    func = node["content"]["func"] if isinstance(node.get("content"), dict) else {}
    if full_name(func) != CHECK_ARRAY or func.get("__loader__") != "FunctionNode":
        refuse_type(node, full)


def _any_form(node: Node, parts: Parts) -> None:
    del node, parts


def _check_dict(node: Node, parts: Parts) -> None:
    del parts
    kinds = node["key_types"]
    if kinds["__loader__"] != "ListNode" or any(k["__loader__"] != "TypeNode" for k in kinds["content"]):
        refuse_damaged("the keys of a part are of no known kind")


def _check_array(node: Node, parts: Parts) -> None:
    del parts
    if (node.get("type") == "numpy") != ("file" in node):
        refuse_damaged("an array has no numbers")


def _check_object(node: Node, parts: Parts) -> None:
    del parts
    held, full = fields(node), full_name(node)
    if full == XGBOOST and held.get("handle", {}).get("__loader__") != "BytearrayNode":
        refuse_damaged("its XGBoost model is missing")
    if full == LIGHTGBM:
        lightgbm_text(node)


def lightgbm_text(node: Node) -> bytes:
    """Return the text of a LightGBM model inside the file."""
    held = fields(node).get("_handle", {})
    text = json.loads(held["content"]) if held.get("__loader__") == "JsonNode" else None
    if not isinstance(text, str):
        refuse_damaged("its LightGBM model is missing")
    return text.encode()


def _check_tree(node: Node, parts: Parts) -> None:
    """Check the sizes a tree declares: its library allocates by them before it looks at the arrays."""
    features, classes, outputs = node["__reduce__"]["args"]["content"]
    held = fields(node)
    count = _whole(held["node_count"])
    rows = {parts[str(held[name]["file"])].shape[:1] for name in ("nodes", "values")}
    if _whole(features) < 1 or _whole(outputs) != 1 or parts[str(classes["file"])].shape != (1,):
        _refuse_tree()
    if count < 1 or rows != {(count,)} or not 0 <= _whole(held["max_depth"]) <= count:
        _refuse_tree()


def _whole(node: Node) -> int:
    value = json.loads(node["content"]) if node["__loader__"] == "JsonNode" else None
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse_tree()
    return value


def _refuse_tree() -> NoReturn:
    refuse_damaged("one of its trees declares another size than it has")


_FORMS: Final[dict[str, Callable[[Node, Parts], None]]] = {
    "DictNode": _check_dict,
    "NdArrayNode": _check_array,
    "ObjectNode": _check_object,
    "TreeNode": _check_tree,
}
