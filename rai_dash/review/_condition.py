"""One condition as plain data: its parts, its sentence, and the questions about single columns that it stands for."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.columns import closest_names
from rai_dash.data.labels import label_text
from rai_dash.review._portable import BLANKS, COMPARE

NUMBER, CATEGORY, UNSEEN, OUT_OF_RANGE, BLANK, FRAGILE = (
    "number", "category", "unseen", "out_of_range", "blank", "fragile",
)  # fmt: skip
KINDS: Final = (NUMBER, CATEGORY, UNSEEN, OUT_OF_RANGE, BLANK, FRAGILE)
#: One column is compared, so that a blank there leaves the question open.
COMPARED: Final = (NUMBER, CATEGORY)
UNLESS: Final = "unless blank"
PHRASES: Final = {
    UNSEEN: "unseen category",
    OUT_OF_RANGE: "out of range",
    BLANK: "blank input",
    FRAGILE: "fragile",
}
#: What else may be said for them.
_ALSO: Final = {
    "a category never seen in training": UNSEEN,
    "category never seen in training": UNSEEN,
    "unseen": UNSEEN,
    "a value out of range": OUT_OF_RANGE,
    "value out of range": OUT_OF_RANGE,
    "blank": BLANK,
    "blank inputs": BLANK,
    "imputed": BLANK,
    "imputed input": BLANK,
    "imputed inputs": BLANK,
    "fragile under noise": FRAGILE,
}
#: Everything that may be said about the inputs of a model, and the kind it means.
KIND_OF: Final = {phrase: kind for kind, phrase in PHRASES.items()} | _ALSO
_PLAIN = re.compile(r"[^\W_](?:[\w .\-]*\w)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """What the training rows were like, as far as conditions ask.

    Parameters
    ----------
    inputs : tuple of str
        Inputs of the model.
    categories : mapping of str to tuple of str
        Labels the model knows, by input that holds categories.
    ranges : mapping of str to (float, float)
        Smallest and largest value, by input that holds numbers.
    """

    inputs: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    ranges: Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    columns : tuple of str
        One column for ``number`` and ``category``; for ``fragile`` the column that holds the flag, where there is
        one. Empty for the others = every input of the model.
    operator : str
        Of ``number``: ``>``, ``>=``, ``<`` or ``<=``.
    value : float or None
        Of ``number``; compared in float64.
    values : tuple of str
        Labels of ``category`` (see `rai_dash.data.labels`).
    blank_too : bool
        Of ``number`` and ``category``: a blank cannot be compared, so that it goes to a person as well. False = it is
        left to the score.
    categories, ranges : mapping or None
        Of ``unseen`` and ``out_of_range``: what the training rows held, by column; None = not frozen yet.

    Raises
    ------
    InvalidChoice
        When the parts do not fit together.
    """

    kind: str
    columns: tuple[str, ...] = ()
    operator: str = ""
    value: float | None = None
    values: tuple[str, ...] = ()
    blank_too: bool = True
    categories: Mapping[str, tuple[str, ...]] | None = None
    ranges: Mapping[str, tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        """Check the parts."""
        if self.kind not in KINDS:
            msg = tr(
                "There is no condition of the kind `{kind}`. Choose from: {kinds}.",
                kind=self.kind,
                kinds=", ".join(KINDS),
            )
            raise InvalidChoice(msg)
        if self.kind in COMPARED and len(self.columns) != 1:
            msg = tr(
                "A condition on a {kind} names one column, got {columns}. Write one for each.",
                kind=self.kind,
                columns=len(self.columns),
            )
            raise InvalidChoice(msg)
        if not self.blank_too and self.kind not in COMPARED:
            msg = tr(
                "`unless blank` says nothing about the condition `{kind}`. Leave it out.", kind=self.kind
            )
            raise InvalidChoice(msg)
        if self.kind == NUMBER:
            self._check_number()
        if self.kind == CATEGORY:
            self._check_values()

    def _check_number(self) -> None:
        if self.operator not in COMPARE:
            msg = tr(
                "`{columns}` is compared by >, >=, < or <=, got `{operator}`.",
                columns=self.columns[0],
                operator=self.operator,
            )
            raise InvalidChoice(msg)
        if self.value is None or not math.isfinite(self.value):
            msg = tr(
                "`{columns}` is compared with {self_}, which is no number. Give one, like 50000.",
                columns=self.columns[0],
                self_=self.value,
            )
            raise InvalidChoice(msg)

    def _check_values(self) -> None:
        texts = [label_text(v) for v in self.values]
        wrong = next((t for t in texts if t.lower() in BLANKS), None)
        if not texts or wrong is not None:
            msg = tr(
                "The list of categories of `{columns}` is empty or holds a blank. Name at least one "
                "value; for blanks write: blank in {columns}.",
                columns=self.columns[0],
            )
            raise InvalidChoice(msg)
        object.__setattr__(self, "values", tuple(dict.fromkeys(texts)))

    @property
    def is_frozen(self) -> bool:
        """Whether it can be applied without the training rows."""
        if self.kind == BLANK:
            return bool(self.columns)
        facts = {UNSEEN: self.categories, OUT_OF_RANGE: self.ranges}
        return self.kind not in facts or facts[self.kind] is not None

    def frozen(self, facts: TrainingFacts) -> Condition:
        """Return the same condition with what it has to know of the training rows.

        Raises
        ------
        InvalidChoice
            When it names a column of which the training rows say nothing.
        """
        if self.kind == BLANK:
            return replace(self, columns=self.columns or facts.inputs)
        if self.kind == UNSEEN:
            return replace(self, categories=_chosen(self, facts.categories, "categories"))
        if self.kind == OUT_OF_RANGE:
            return replace(self, ranges=_chosen(self, facts.ranges, "numbers"))
        return self

    def tests(self) -> list[dict[str, Any]]:
        """Return the condition as questions about one column each, in order, with the reason each gives.

        Returns
        -------
        list of dict
            ``kind`` (blank, number, category, unseen, range, flag), ``column``, what it is compared with, ``reason``.

        Raises
        ------
        InvalidChoice
            When the condition is not frozen.
        """
        if not self.is_frozen:
            msg = tr(
                "The condition `{words}` does not know the training rows yet. Freeze it with what they "
                "were like (`training_facts`).",
                words=self.words(),
            )
            raise InvalidChoice(msg)
        return _tests(self)

    def words(self) -> str:
        """Write the condition as a sentence that `rai_dash.review.condition_text.parse_condition` reads back."""
        return _words(self)

    def to_json(self) -> dict[str, object]:
        """Return the parts that are set, and the sentence, as plain values; `condition_from_json` reads it back."""
        parts: dict[str, object] = {"kind": self.kind, "columns": list(self.columns)}
        if self.kind == NUMBER:
            parts |= {"operator": self.operator, "value": self.value}
        if self.kind == CATEGORY:
            parts["values"] = list(self.values)
        if self.kind in COMPARED:
            parts["blank_too"] = self.blank_too
        if self.categories is not None:
            parts["categories"] = {name: list(values) for name, values in self.categories.items()}
        if self.ranges is not None:
            parts["ranges"] = {name: list(ends) for name, ends in self.ranges.items()}
        return parts | {"words": self.words()}


def _chosen(condition: Condition, known: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Take what is known of the columns of a condition."""
    missing = [c for c in condition.columns if c not in known]
    if missing:
        close = closest_names(missing[0], known)
        hint = f"Did you mean `{close[0]}`?" if close else f"Such inputs are: {', '.join(known) or 'none'}."
        msg = tr(
            "`{missing}` is no input of the model that holds {what}. {hint}",
            missing=missing[0],
            what=what,
            hint=hint,
        )
        raise InvalidChoice(msg)
    return {name: known[name] for name in condition.columns or known}


def condition_from_json(content: Mapping[str, Any]) -> Condition:
    """Read a condition back from what `Condition.to_json` wrote.

    Raises
    ------
    InvalidChoice
        When a part is missing, unknown or of the wrong kind.
    """
    parts = {key: value for key, value in content.items() if key != "words"}
    try:
        for key in ("columns", "values"):
            parts[key] = tuple(str(v) for v in parts.get(key, ()))
        if parts.get("value") is not None:
            parts["value"] = float(parts["value"])
        for key, kind in (("categories", str), ("ranges", float)):
            if parts.get(key) is not None:
                parts[key] = {str(k): tuple(kind(v) for v in values) for k, values in parts[key].items()}
        return Condition(**parts)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InvalidChoice):
            raise
        msg = f"A condition cannot be read: {error}. Its parts are kind, columns and those of its kind."
        raise InvalidChoice(msg) from error


def _words(condition: Condition) -> str:
    """Write a condition as a sentence that `rai_dash.review.condition_text.parse_condition` reads back."""
    names = ", ".join(map(_written, condition.columns))
    if condition.kind not in COMPARED:
        phrase = PHRASES[condition.kind]
        return f"{phrase} in {names}" if names else phrase
    if condition.kind == NUMBER:
        text = f"{names} {condition.operator} {label_text(condition.value)}"
    else:
        text = f"{names} in {', '.join(map(_written, condition.values))}"
    return text if condition.blank_too else f"{text} {UNLESS}"


def _written(name: str) -> str:
    """Write a name or value; in quotes where it could be taken for something else."""
    small = name.casefold()
    is_plain = _PLAIN.fullmatch(name) is not None and UNLESS not in small and small not in KIND_OF
    return name if is_plain else json.dumps(name, ensure_ascii=False)


def _tests(condition: Condition) -> list[dict[str, Any]]:
    """Write a frozen condition as questions about one column each; see `Condition.tests`."""
    if condition.kind == BLANK:
        return [_blank(column) for column in condition.columns]
    if condition.kind == UNSEEN:
        says = "holds a category never seen in training"
        known = condition.categories or {}
        return [
            {"kind": "unseen", "column": c, "values": list(v), "reason": f"{c} {says}"}
            for c, v in known.items()
        ]
    if condition.kind == OUT_OF_RANGE:
        return [
            {"kind": "range", "column": c, "low": low, "high": high, "reason": _outside(c, low, high)}
            for c, (low, high) in (condition.ranges or {}).items()
        ]
    column = condition.columns[0] if condition.columns else FRAGILE
    if condition.kind == FRAGILE:
        reason = "small changes of the inputs turn the decision over"
        return [_blank(column), {"kind": "flag", "column": column, "reason": reason}]
    test: dict[str, Any] = {"kind": condition.kind, "column": column}
    if condition.kind == NUMBER:
        test |= {"operator": condition.operator, "value": condition.value}
    else:
        test["values"] = list(condition.values)
    # The reason speaks of this row, of which nothing is left to be blank.
    reason = _words(condition).removesuffix(f" {UNLESS}")
    return [*([_blank(column)] if condition.blank_too else []), test | {"reason": reason}]


def _blank(column: str) -> dict[str, Any]:
    return {"kind": "blank", "column": column, "reason": f"{column} is blank"}


def _outside(column: str, low: float, high: float) -> str:
    return f"{column} is outside {label_text(low)} to {label_text(high)}, the values seen in training"
