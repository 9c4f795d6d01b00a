"""What a search for other decisions answers, and how it is said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rai_dash.core.texts import tr
from rai_dash.data.labels import label_text

APPROVAL, REFUSAL = "approval", "refusal"
#: Value before, value after; None = blank.
Changes = Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """The applicant with a few other values.

    Parameters
    ----------
    changes : mapping of str to (before, after)
        By column, in the order of the model's columns; plain ``int``, ``float`` or ``str``, None = blank.
    n_changes : int
        Linked columns that move together are one change.
    cost : float
        0.5 a change, and 1 for another category or ``|Δ| / (3 MAD)`` for a number.
    score : float
        Probability of the favourable outcome with these values, from the real model.
    """

    changes: Changes
    n_changes: int
    cost: float
    score: float

    @property
    def columns(self) -> frozenset[str]:
        """What is changed."""
        return frozenset(self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactuals:
    """What was found for one applicant.

    Parameters
    ----------
    before : float
        Score as it is.
    threshold : float
        Favourable from here on.
    towards : str
        ``"approval"`` or ``"refusal"``: the decision that was looked for.
    found : tuple of Counterfactual
        Cheapest first. No two change the same columns or more than another does, and none keeps its decision when one
        or more of its changes are left out. Empty where none was found.
    closest : Counterfactual
        The first one found; where none was, the nearest to the threshold of all that was tried, which may be the
        applicant without any change.
    most_changes : int
        The most changes that were tried at once.
    tried : int
        Rows the model was asked about.
    """

    before: float
    threshold: float
    towards: str
    found: tuple[Counterfactual, ...]
    closest: Counterfactual
    most_changes: int
    tried: int

    @property
    def feasible(self) -> bool:
        """Whether the other decision was reached. False means: not among what was tried."""
        return bool(self.found)


def _value_text(value: object) -> str:
    return label_text(value) or "blank"


def change_words(changes: Changes) -> tuple[str, ...]:
    """Write each change as plain text, ``"education is Masters"``."""
    return tuple(
        tr("{column} is {value}", column=column, value=_value_text(after))
        for column, (_, after) in changes.items()
    )


def sentence(changes: Changes) -> str:
    """Write changes as one clause of plain text.

    Examples
    --------
    >>> sentence({"education": ("HS-grad", "Masters"), "hours-per-week": (40, 45)})
    'education is Masters and hours-per-week is 45'
    """
    words = change_words(changes)
    if not words:
        return tr("nothing is changed")
    return (
        words[0]
        if len(words) == 1
        else tr("{words} and {words_2}", words=", ".join(words[:-1]), words_2=words[-1])
    )
