"""One term of a slice: what it asks of a row, checked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.asked import BLANK_TEXTS, COMPARISONS
from rai_dash.data.labels import label_text

COLUMN, SCORE, OUTCOME, DECISION = "column", "score", "outcome", "decision"
#: What a term may be about beside a column.
SPECIAL: Final = (SCORE, OUTCOME, DECISION)
COMPARE, BETWEEN, IS, IS_NOT, BLANK, NOT_BLANK = "compare", "between", "is", "is_not", "blank", "not_blank"
KINDS: Final = (COMPARE, BETWEEN, IS, IS_NOT, BLANK, NOT_BLANK)
SIDES: Final = ("unfavourable", "favourable", "unknown")
_ALLOWED: Final = {
    COLUMN: KINDS,
    SCORE: (COMPARE, BETWEEN, BLANK, NOT_BLANK),
    OUTCOME: (IS, IS_NOT),
    DECISION: (IS, IS_NOT),
}
_SIDES: Final = {OUTCOME: SIDES, DECISION: SIDES[:2]}
MAX_VALUES: Final = 1_000
HOW: Final = (
    'Write for example: age < 25 and gender is Female and score >= 0.4. There are <, <=, >, >=, "between 25 and 35", '
    '"is A", "is not A", "is one of A, B", "is blank", "is not blank"; outcome and decision are favourable or '
    "unfavourable."
)
_BIN = re.compile(r"\[\s*(?P<low>[^\s,]+)\s*,\s*(?P<high>[^\s,]+)\s*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One thing that is asked of a row. A row that has no value there only answers to "is blank".

    Parameters
    ----------
    about : str
        ``column``, ``score``, ``outcome`` or ``decision``.
    column : str
        Name, where it is about a column.
    kind : str
        ``compare`` (``sign`` and ``low``), ``between`` (``low <= x < high``), ``is`` and ``is_not`` (one of
        ``values``), ``blank``, ``not_blank``.
    sign : str
        ``<``, ``<=``, ``>`` or ``>=``.
    low, high : float or None
        Numbers to compare with, in float64.
    values : tuple of str
        Labels (see `rai_dash.data.labels`); on a column of numbers also the names of bins, ``[25, 35)``; for
        outcome and decision the sides.

    Raises
    ------
    InvalidChoice
        When the parts do not fit together.
    """

    about: str = COLUMN
    column: str = ""
    kind: str
    sign: str = ""
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that the parts fit together, and write labels in one way."""
        if self.about not in _ALLOWED or self.kind not in _ALLOWED[self.about]:
            msg = tr(
                "A slice cannot ask `{about}` for `{kind}`. {how}", about=self.about, kind=self.kind, how=HOW
            )
            raise InvalidChoice(msg)
        if (self.about == COLUMN) != bool(self.column):
            msg = tr(
                "A term of a slice is about one column, or about the score, the outcome or the decision. "
                "{how}",
                how=HOW,
            )
            raise InvalidChoice(msg)
        self._check_numbers()
        self._check_values()

    @property
    def name(self) -> str:
        """What it is about, for messages."""
        return self.column or self.about

    def _check_numbers(self) -> None:
        given = (bool(self.sign), self.low is not None, self.high is not None)
        needed = {COMPARE: (True, True, False), BETWEEN: (False, True, True)}.get(self.kind, (False,) * 3)
        fits = given == needed and (not self.sign or self.sign in COMPARISONS)
        if not fits or not all(math.isfinite(x) for x in (self.low, self.high) if x is not None):
            msg = tr(
                "`{self_}` is compared by >, >=, < or <= with a number, or lies between two. {how}",
                self_=self.name,
                how=HOW,
            )
            raise InvalidChoice(msg)
        for end, value in (("low", self.low), ("high", self.high)):
            # -0.0 is written as 0, and whole numbers may come in as such.
            object.__setattr__(self, end, None if value is None else float(value) + 0.0)
        if self.low is not None and self.high is not None and self.low >= self.high:
            msg = tr(
                "`{self_}` is to lie between {label} and {label_text_high}, which is empty. Write the "
                "smaller number first.",
                self_=self.name,
                label=label_text(self.low),
                label_text_high=label_text(self.high),
            )
            raise InvalidChoice(msg)

    def _check_values(self) -> None:
        texts = tuple(dict.fromkeys(label_text(v) for v in self.values))
        object.__setattr__(self, "values", texts)
        if (self.kind in {IS, IS_NOT}) != bool(texts) or len(texts) > MAX_VALUES:
            msg = tr(
                "`{self_}` is one of 1 to {max_values} values, got {texts}. {how}",
                self_=self.name,
                max_values=f"{MAX_VALUES:,}",
                texts=f"{len(texts):,}",
                how=HOW,
            )
            raise InvalidChoice(msg)
        if any(t.lower() in BLANK_TEXTS for t in texts):
            msg = tr(
                "A value that `{self_}` is compared with is blank. Write: {self_} is blank.", self_=self.name
            )
            raise InvalidChoice(msg)
        sides = _SIDES.get(self.about)
        wrong = next((t for t in texts if sides is not None and t not in sides), None)
        if sides is not None and wrong is not None:
            msg = tr(
                "The {about} is {sides}, got `{wrong}`. Write a column in `backticks`.",
                about=self.about,
                sides=" or ".join(sides),
                wrong=wrong,
            )
            raise InvalidChoice(msg)


def ends_of_bin(label: str) -> tuple[float, float] | None:
    """Return the ends of a bin ``[25, 35)``, infinite where open; None where the label names no bin."""
    found = _BIN.fullmatch(label)
    if found is None:
        return None
    try:
        low, high = float(found["low"]), float(found["high"])
    except ValueError:
        return None
    return (low, high) if low < high else None
