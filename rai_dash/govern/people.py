"""Who somebody is, what they may do in the app, and as what they may sign.

Two people are the same when `Person.key` is the same: by the sign-in where there is one, else by the name they typed.
Rights are asked for where something is done, never where a button is drawn.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

from rai_dash.core.errors import InvalidChoice, LedgerBroken, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.core.visible import visible_character
from rai_dash.govern.ledger import canonical, parse

Source = Literal["oidc", "local-unverified"]
#: Longest name and longest identifier of a sign-in that are written down.
_LONGEST = 500


class AppRole(IntEnum):
    """What a person may do, each including what those before may."""

    VIEWER = 0
    EXPERT = 1
    ANALYST = 2
    OPERATOR = 3

    @classmethod
    def named(cls, name: str) -> AppRole:
        """Return the role of a name as it is written in the settings.

        Raises
        ------
        InvalidChoice
            When there is none.
        """
        try:
            return cls[name.strip().upper()]
        except KeyError:
            known = ", ".join(role.label for role in cls)
            msg = tr("`{name}` is no role of the app. Choose from: {known}.", name=name, known=known)
            raise InvalidChoice(msg) from None

    @property
    def label(self) -> str:
        """The name as people and settings write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who uses the app.

    Parameters
    ----------
    name : str
        As shown and signed; blanks at the ends and doubled ones are taken out.
    subject : str
        Identifier at the sign-in; for somebody who typed a name, that name.
    issuer : str
        Address of the sign-in; empty without one.
    source : {"oidc", "local-unverified"}
        Whether a sign-in vouches for the person, or nobody does.
    role : AppRole
        What they may do.
    signs_as : frozenset of str or None
        Roles they may sign as, as in the settings; None = any.
    sees_rows : bool
        Whether they may see single rows and personal columns.

    Raises
    ------
    InvalidChoice
        When the name is blank or too long, holds what cannot be written down, or a sign-in lacks issuer or subject.
    """

    name: str
    subject: str
    issuer: str = ""
    source: Source = "local-unverified"
    role: AppRole = AppRole.VIEWER
    signs_as: frozenset[str] | None = frozenset()
    sees_rows: bool = False

    def __post_init__(self) -> None:
        """Tidy the name; refuse a person who could not be told from another."""
        object.__setattr__(self, "name", " ".join(self.name.split()))
        if not folded(self.name):
            msg = tr("The name of the person is missing. Type the name you want to be recorded with.")
            raise InvalidChoice(msg)
        # With the sign that parts the key in it, two people could share one key.
        if self.is_verified and not (self.issuer and self.subject and "|" not in self.issuer):
            msg = tr(
                "The sign-in did not say who the person is (issuer and subject are needed). Ask your "
                "operator."
            )
            raise InvalidChoice(msg)
        for text in (self.name, self.subject, self.issuer):
            _check_text(text)

    @property
    def is_verified(self) -> bool:
        """Whether a sign-in vouches for the person."""
        return self.source == "oidc"

    @property
    def key(self) -> str:
        """What makes two people the same one.

        A typed name is compared without its case, its doubled blanks, its characters that cannot be seen, and in one
        of the several ways in which Unicode can write it.
        """
        if self.is_verified:
            return f"oidc|{self.issuer}|{self.subject}"
        return f"local|{folded(self.name)}"

    def could_be(self, other: Person) -> bool:
        """Whether two people are the same, or nobody can show that they are not.

        A name that somebody typed may be that of anybody, so it is compared with the name at a sign-in too.
        """
        if self.is_verified and other.is_verified:
            return self.key == other.key
        return folded(self.name) == folded(other.name)

    @property
    def text(self) -> str:
        """The person as canonical JSON of issuer, name, source and subject: what is sealed beside the ledger."""
        parts = {"issuer": self.issuer, "name": self.name, "source": self.source, "subject": self.subject}
        return canonical(parts)

    @classmethod
    def of_text(cls, text: str) -> Person:
        """Read a person back from `text`, without any right.

        Raises
        ------
        LedgerBroken
            When it is no such text, which was never sealed here.
        """
        content = parse(text)
        keys = {"issuer", "name", "source", "subject"}
        if (
            not isinstance(content, dict)
            or content.keys() != keys
            or content["source"] not in get_args(Source)
        ):
            msg = tr("A person in the store cannot be read: the entry was changed. Verify the ledger.")
            raise LedgerBroken(msg)
        return cls(**{key: str(value) for key, value in content.items()})  # type: ignore[arg-type]

    def may_sign_as(self, role: str) -> bool:
        """Whether the person may sign as a role; case and blanks at the ends do not matter."""
        return self.signs_as is None or folded(role) in {folded(own) for own in self.signs_as}


def require(person: Person, role: AppRole, doing: str) -> None:
    """Refuse what a person may not do.

    Parameters
    ----------
    person : Person
        Who wants to.
    role : AppRole
        The least role that may.
    doing : str
        What is done, in a word or two: "Signing".

    Raises
    ------
    NotAllowed
        With the role that is needed and the one there is.
    """
    if person.role < role:
        msg = tr(
            "{doing} needs the role {role}; you are signed in as {role_label}. Ask your operator.",
            doing=doing,
            role=role.label,
            role_label=person.role.label,
        )
        raise NotAllowed(msg)


def require_rows(person: Person) -> None:
    """Refuse single rows to a person who may not see them.

    Raises
    ------
    NotAllowed
        With whom to ask.
    """
    if not person.sees_rows:
        msg = tr(
            "Single rows and personal columns are not shown to you: that is a right of its own. Ask your "
            "operator."
        )
        raise NotAllowed(msg)


def folded(text: str) -> str:
    """Write a name so that equal ones are equal texts."""
    # Folding the case can undo the normal form and the normal form can undo the folding: until both hold.
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).casefold()
    seen = "".join(c for c in plain if c.isspace() or visible_character(c) == c)
    return " ".join(seen.split())


def _check_text(text: str) -> None:
    if len(text) > _LONGEST:
        msg = tr(
            "A name has {text} characters; at most {longest} are kept. Shorten it.",
            text=f"{len(text):,}",
            longest=_LONGEST,
        )
        raise InvalidChoice(msg)
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        msg = tr("A name holds half a character, which cannot be written down. Type it again.")
        raise InvalidChoice(msg)
