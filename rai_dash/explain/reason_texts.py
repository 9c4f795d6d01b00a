"""The texts of reasons, each with who reviewed it and when."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.files import read_limited
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.texts import tr
from rai_dash.explain._players import JOINED_BY
from rai_dash.explain.reasons import own_values, shown

_PLACE: Final = "{value}"
_BRACES: Final = re.compile(r"[{}]")
LARGEST_MB: Final = 1
#: How a text that is nobody's begins.
DRAFT: Final = "Draft, not reviewed: "


class ReasonText(BaseModel):
    """How one factor is told to an applicant.

    Parameters
    ----------
    text : str
        With ``{value}`` where the applicant's own value goes.
    text_if_missing : str
        Said when the applicant's value is blank; empty = ``text`` with the word "missing".
    reviewer : str
        Who stands for this text; empty = nobody has reviewed it.
    reviewed_on : date or None
        When.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    text: str = Field(min_length=1, max_length=500)
    text_if_missing: str = Field("", max_length=500)
    reviewer: str = Field("", max_length=200)
    reviewed_on: date | None = None

    @field_validator("text", "text_if_missing")
    @classmethod
    def _only_value(cls, text: str) -> str:
        if _BRACES.search(text.replace(_PLACE, "")):
            msg = "only {value} may stand in braces"
            raise ValueError(msg)
        return text

    @model_validator(mode="after")
    def _reviewed_whole(self) -> Self:
        if bool(self.reviewer) != (self.reviewed_on is not None):
            msg = "a review has a reviewer and a date, or neither"
            raise ValueError(msg)
        if self.reviewer and _PLACE not in self.text:
            msg = "a reviewed text names the applicant's own {value}"
            raise ValueError(msg)
        return self

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody stands for it."""
        return self.reviewed_on is not None

    def filled(self, values: Iterable[object]) -> str:
        """Write the text with the applicant's own values."""
        texts = [shown(value) for value in values]
        is_missing = all(text == shown(None) for text in texts)
        chosen = self.text_if_missing if is_missing and self.text_if_missing else self.text
        return chosen.replace(_PLACE, ", ".join(texts))


def draft_text(name: str) -> ReasonText:
    """Make a text of a column's name, reviewed by nobody: a column name is no reason yet."""
    plain = name if JOINED_BY in name else name.replace("_", " ").replace("-", " ")
    safe = _BRACES.sub("", plain).strip()[:400] or "column"
    return ReasonText(text=f"{DRAFT}{safe} ({_PLACE})")


class ReasonTexts(BaseModel):
    """A dictionary of texts.

    Parameters
    ----------
    texts : mapping of str to ReasonText
        By column; a block of columns is named by its columns joined by " + ".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: dict[str, ReasonText] = Field(default_factory=dict)

    @classmethod
    def drafts(cls, names: Iterable[str]) -> Self:
        """Make drafts for columns or blocks, to be reviewed."""
        return cls(texts={name: draft_text(name) for name in names})

    @classmethod
    def load(cls, source: str | Path | bytes) -> Self:
        """Read texts from JSON.

        Raises
        ------
        InvalidChoice
            The file is no such dictionary, with the first place that is wrong.
        """
        content = read_limited(source, LARGEST_MB, error=InvalidChoice)
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            first = error.errors()[0]
            where = " > ".join(str(part) for part in first["loc"]) or "the whole file"
            msg = tr(
                "These texts of reasons cannot be read, at {where}: {msg}. Mend that and load them again.",
                where=where,
                msg=first["msg"],
            )
            raise InvalidChoice(msg) from None

    def to_json(self) -> str:
        """Write as JSON, ready for `load`."""
        return self.model_dump_json(indent=2)

    def save(self, path: str | Path) -> None:
        """Write as a JSON file."""
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @property
    def fingerprint(self) -> str:
        """sha256 of the content."""
        return fingerprint_value(self.model_dump(mode="json"))

    def with_text(self, name: str, text: ReasonText) -> Self:
        """Return the texts with one more, or another one."""
        return self.model_copy(update={"texts": {**self.texts, name: text}})

    def unreviewed(self, names: Collection[str]) -> tuple[str, ...]:
        """Return those of some columns or blocks whose text nobody has reviewed."""
        return tuple(n for n in names if n not in self.texts or not self.texts[n].is_reviewed)

    def reason(self, name: str, applicant: Mapping[str, object]) -> tuple[str, bool]:
        """Write the reason for one factor, and say whether its text is reviewed; a draft where there is none."""
        chosen = self.texts.get(name) or draft_text(name)
        return chosen.filled(own_values(name, applicant)), chosen.is_reviewed


def with_drafts(names: Iterable[str], texts: ReasonTexts | None = None) -> ReasonTexts:
    """Return texts with a draft for each column that has none, to be written, reviewed and loaded again."""
    given = {} if texts is None else texts.texts
    return ReasonTexts(texts={**ReasonTexts.drafts(names).texts, **given})
