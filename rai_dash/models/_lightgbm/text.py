"""The grammar of a LightGBM text file: header, trees, and what follows them, as plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from rai_dash.core.errors import RefusedModel
from rai_dash.core.texts import tr

Category = str | int | float | bool
NUMBER = rb"[+-]?(?:\d++\.?+\d*+|\.\d++)(?:[eE][+-]?\d{1,4})?"
#: A tree is a line `Tree=0`, up to so many lines `name=value`, and blank lines.
MAX_TREE_LINES = 22
HEADER_KEYS = frozenset(
    {
        "version",
        "num_class",
        "num_tree_per_iteration",
        "label_index",
        "max_feature_idx",
        "objective",
        "average_output",
        "feature_names",
        "monotone_constraints",
        "feature_infos",
        "tree_sizes",
    }
)
_TEXT = rb'"(?:[^"\\\x00-\x1f]|\\.)*+"'
_SCALAR = rb"(?:" + _TEXT + rb"|-?\d{1,18}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?|true|false)"
_LIST = rb"\[(?:" + _SCALAR + rb"(?:, ?" + _SCALAR + rb")*+)?\]"
#: Exactly a list of lists of plain values: nothing deeper reaches the parser.
_CATEGORIES = re.compile(rb"\[(?:" + _LIST + rb"(?:, ?" + _LIST + rb")*+)?\]")
_TAIL_START = re.compile(
    rb"^(?:end of trees|feature[_ ]importances:|parameters:|pandas_categorical:)", re.MULTILINE
)
_TAIL = re.compile(
    rb"\n*+(?P<end>end of trees\n++)?"
    rb"(?:feature[_ ]importances:\n(?:[^\n]++\n)*+\n*+)?"
    rb"(?:parameters:\n(?P<parameters>(?:\[[^\n]*+\n)*+)\n*+end of parameters\n++)?"
    rb"(?:pandas_categorical:(?P<categories>[^\n]*+)\n++)?"
)
_PARAMETER = re.compile(r"\[(\w+): ?(.*)\]")


def refuse_damaged(what: str) -> NoReturn:
    """Refuse a damaged file."""
    msg = tr(
        "This LightGBM file is damaged: {what}. The app was not affected. Save the model again.", what=what
    )
    raise RefusedModel(msg, code="damaged_model")


def refuse_linear() -> NoReturn:
    """Refuse a model with a formula in each leaf."""
    msg = tr(
        "This LightGBM model has a linear formula in each leaf (linear_tree), which is not read here. "
        "Train it without, or upload a table with a score column."
    )
    raise RefusedModel(msg, code="unsupported_model")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a file.

    Parameters
    ----------
    header : mapping of str to str
        Lines before the first tree.
    blocks : tuple of bytes
        One a tree, as in the file.
    parameters : mapping of str to str
        How it was trained; empty where the file does not say.
    categories : tuple of tuples, or None
        The lists of categories, in the order of the columns that have one; None = not stored.
    """

    header: Mapping[str, str]
    blocks: tuple[bytes, ...]
    parameters: Mapping[str, str]
    categories: tuple[tuple[Category, ...], ...] | None


def normalised(content: bytes) -> bytes:
    """Undo what editors and file transfers do to a text file: byte-order mark and line ends."""
    return content.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")


def decoded(text: bytes, what: str) -> str:
    """Read text, or refuse it."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        refuse_damaged(f"{what} is not UTF-8 text")


def _header(text: bytes) -> dict[str, str]:
    """Read the lines before the first tree."""
    first, *lines = decoded(text, "its header").split("\n")
    if first != "tree":
        refuse_damaged("it does not begin with `tree`")
    found: dict[str, str] = {}
    for line in filter(None, lines):
        key, _, value = line.partition("=")
        if key not in HEADER_KEYS:
            refuse_damaged(f"its header has a line that is not known, `{key[:40]}`")
        if key in found:
            refuse_damaged(f"its header says `{key}` twice")
        found[key] = value
    return found


def _parameters(text: bytes | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, decoded(text or b"", "its list of parameters").split("\n")):
        match = _PARAMETER.fullmatch(line)
        if match is None:
            refuse_damaged("a line of its parameters is not of the form `[name: value]`")
        if match[1] in found:
            refuse_damaged(f"its parameters say `{match[1]}` twice")
        found[match[1]] = match[2]
    return found


def _categories(text: bytes | None) -> tuple[tuple[Category, ...], ...] | None:
    bare = (text or b"").strip()
    if bare in {b"", b"null"}:
        return None
    if not _CATEGORIES.fullmatch(bare):
        refuse_damaged("its table of categories is not a list of lists of text and numbers")
    try:
        found = tuple(tuple(values) for values in json.loads(bare))
        # Half of a surrogate pair is valid in JSON and no text.
        "".join(str(value) for values in found for value in values).encode("utf-8")
    except ValueError:
        refuse_damaged("its table of categories holds something that is no text")
    return found


def split_parts(content: bytes) -> Parts:
    """Split a file into its parts, strictly.

    Raises
    ------
    RefusedModel
        Damaged.
    """
    for sign, name in ((b"\0", "a NUL character"), (b"\r", "a line end that is not LightGBM's")):
        if sign in content:
            refuse_damaged(f"it holds {name} at byte {content.index(sign):,}")
    text = content if content.endswith(b"\n") else content + b"\n"
    start = text.find(b"\nTree=") + 1
    if not start:
        refuse_damaged("it holds no trees")
    found = _TAIL_START.search(text, start)
    end = found.start() if found else len(text)
    tail = _TAIL.fullmatch(text, end)
    if tail is None:
        refuse_damaged("what follows its trees is not complete")
    header = _header(text[: start - 1])
    if tail["end"] is None and header.get("version") == "v4":
        refuse_damaged("it ends in the middle of its trees")
    return Parts(
        header=header,
        blocks=tuple(re.split(rb"(?m)^(?=Tree=)", text[start:end])[1:]),
        parameters=_parameters(tail["parameters"]),
        categories=_categories(tail["categories"]),
    )
