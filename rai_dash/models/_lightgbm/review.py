"""The static review of a LightGBM file: read as plain values, every index checked, nothing executed."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr
from rai_dash.models._lightgbm.text import NUMBER, Parts, refuse_damaged, refuse_linear, split_parts
from rai_dash.models._lightgbm.trees import check_tree

MAX_FEATURES = 100_000
MAX_TREES = 50_000
CATEGORY, NUMERIC, UNSAID = "category", "number", ""
_WHOLE = re.compile(r"-?[0-9]{1,10}")
_SIZES = re.compile(r"[0-9]{1,12}(?: [0-9]{1,12})*+")
_VERSIONS = frozenset({"v2", "v3", "v4"})
_FLOAT = NUMBER.decode()
_BINARY = re.compile(f"binary sigmoid:({_FLOAT})", re.ASCII)
_CODES = re.compile(r"-?[0-9]{1,10}(?::-?[0-9]{1,10})*+")
_END = f"(?:{_FLOAT}|[+-]?(?:inf|nan))"
_RANGE = re.compile(rf"\[{_END}:{_END}\]", re.ASCII)
_MONOTONE = re.compile(r"-?[01](?: -?[01])*+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A file that passed the review.

    Parameters
    ----------
    parts : Parts
        What it holds.
    names, infos, kinds : tuple of str
        Per column: its name, what the file says of its values, and whether that is a number or a category.
    slope : float
        Log-odds a unit of the sum of the trees.
    averages : bool
        Whether the trees are averaged (a random forest) and not added up.
    """

    parts: Parts
    names: tuple[str, ...]
    infos: tuple[str, ...]
    kinds: tuple[str, ...]
    slope: float
    averages: bool


def _whole(header: Mapping[str, str], key: str, default: str | None = None) -> int:
    text = header.get(key, default)
    if text is None:
        refuse_damaged(f"its header lacks `{key}`")
    if not _WHOLE.fullmatch(text):
        refuse_damaged(f"`{key}` of its header is not a whole number")
    return int(text)


def _refuse_classes() -> NoReturn:
    msg = tr("This model has more than two classes. Train one for approved against not approved.")
    raise RefusedModel(msg, code="multiclass")


def _slope(header: Mapping[str, str]) -> float:
    """Check that the model answers with a probability of two classes; return log-odds a unit of output."""
    objective = header.get("objective", "")
    classes, per_round = _whole(header, "num_class"), _whole(header, "num_tree_per_iteration", "1")
    if classes > 1 or per_round > 1 or objective.startswith("multiclass"):
        _refuse_classes()
    if classes != 1 or per_round != 1:
        refuse_damaged(f"it declares {classes:,} classes and {per_round:,} trees a round")
    if objective == "cross_entropy":
        return 1.0
    found = _BINARY.fullmatch(objective)
    if found is None:
        given = f"with `{objective[:80]}`" if objective else "with a loss of its own"
        msg = tr(
            "This LightGBM model was trained {given} and gives no probabilities of two classes. Train it "
            "with objective binary, or upload a table with a score column.",
            given=given,
        )
        raise RefusedModel(msg, code="no_probabilities")
    slope = float(found[1])
    if not 0.0 < slope < math.inf:
        refuse_damaged("the slope of its probabilities is not a positive number")
    return slope


def _kind(info: str, place: int) -> str:
    """Tell numbers from categories; a column that never varied says neither."""
    if info == "none":
        return UNSAID
    if _CODES.fullmatch(info):
        return CATEGORY
    if not _RANGE.fullmatch(info):
        refuse_damaged(f"what it says of the values of column {place} cannot be read")
    return NUMERIC


def _columns(header: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read the names of columns and what is said of their values."""
    n = _whole(header, "max_feature_idx") + 1
    if not 0 < n <= MAX_FEATURES:
        refuse_damaged(f"it declares {n:,} columns")
    names, infos = (tuple(header.get(key, "").split(" ")) for key in ("feature_names", "feature_infos"))
    if len(names) != n or len(infos) != n:
        refuse_damaged(f"it declares {n:,} columns and describes {len(names):,} and {len(infos):,}")
    if "" in names:
        refuse_damaged("a column has no name")
    if len(set(names)) != n:
        refuse_damaged("two of its columns have the same name")
    constraints = header.get("monotone_constraints", "")
    if constraints and (not _MONOTONE.fullmatch(constraints) or constraints.count(" ") != n - 1):
        refuse_damaged("its list of monotone columns does not fit its columns")
    return names, infos


def _check_sizes(header: Mapping[str, str], blocks: tuple[bytes, ...]) -> None:
    """Check that the trees are as long as declared; files of version 2 may end without a mark."""
    if len(blocks) > MAX_TREES:
        refuse_damaged(f"it holds {len(blocks):,} trees")
    declared = header.get("tree_sizes")
    if declared is None:
        refuse_damaged("its header lacks `tree_sizes`")
    if not _SIZES.fullmatch(declared):
        refuse_damaged("`tree_sizes` of its header is not a list of whole numbers")
    sizes, real = [int(text) for text in declared.split(" ")], [len(block) for block in blocks]
    if len(sizes) != len(real):
        refuse_damaged(f"it declares {len(sizes):,} trees and holds {len(real):,}")
    # One blank line stands between the last tree and what follows where no `end of trees` does.
    if sizes[:-1] != real[:-1] or real[-1] - sizes[-1] not in {0, 1}:
        place = next((i for i, (a, b) in enumerate(zip(sizes, real, strict=True)) if a != b), 0)
        refuse_damaged(f"tree {place} declares {sizes[place]:,} bytes and has {real[place]:,}")


def reviewed(content: bytes) -> Reviewed:
    """Check a file as it stands and return what it holds; see `review_text`."""
    parts = split_parts(content)
    header = parts.header
    if header.get("version") not in _VERSIONS:
        msg = tr(
            "This LightGBM file is of the version `{header}`, which is not known here. Save the model "
            "with LightGBM 2.2 to 4.",
            header=header.get("version", "?")[:20],
        )
        raise RefusedModel(msg, code="unsupported_model")
    slope = _slope(header)
    # The one parameter that LightGBM heeds when it reads a model.
    if parts.parameters.get("linear_tree", "0") != "0":
        refuse_linear()
    _whole(header, "label_index")
    if header.get("average_output", "") not in {"", "1"}:
        refuse_damaged("its header says `average_output` in an unknown way")
    names, infos = _columns(header)
    kinds = tuple(_kind(info, place) for place, info in enumerate(infos))
    _check_sizes(header, parts.blocks)
    largest = sum(check_tree(block, place, kinds) for place, block in enumerate(parts.blocks))
    if not math.isfinite(slope * largest):
        refuse_damaged("its leaves add up to no finite number")
    averages = "average_output" in header
    return Reviewed(parts=parts, names=names, infos=infos, kinds=kinds, slope=slope, averages=averages)


def review_text(content: bytes) -> None:
    """Check the text of a model, as LightGBM itself will read it, without running anything of it.

    Parameters
    ----------
    content : bytes
        Model text, as in a file or as a booster keeps it inside another file.

    Raises
    ------
    RefusedModel
        Damaged, of another kind, or not a model for two classes.
    """
    reviewed(content)


def plain_text(found: Reviewed) -> str:
    """Write the trees of a reviewed file under a header of our own.

    Names of columns, parameters of training (among them paths and addresses) and everything else that
    a score does not need is left out, so that LightGBM only ever reads what was checked.
    """
    header = found.parts.header
    objective = header["objective"]
    lines = [
        "tree",
        f"version={header['version']}",
        "num_class=1",
        "num_tree_per_iteration=1",
        "label_index=0",
        f"max_feature_idx={len(found.names) - 1}",
        f"objective={objective}",
        *(["average_output"] if found.averages else []),
        "feature_names=" + " ".join(f"f{i}" for i in range(len(found.names))),
        "feature_infos=" + " ".join(found.infos),
        "tree_sizes=" + " ".join(str(len(block)) for block in found.parts.blocks),
    ]
    trees = b"".join(found.parts.blocks).decode("ascii")
    return "\n".join(lines) + "\n\n" + trees + "end of trees\n"
