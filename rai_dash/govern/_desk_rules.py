"""What the desk asks of a person and of what they typed, before anything is written.

The ledger's own steps know people by reference only. Here two references can be one person: by the
sign-in, or by the name that was typed.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from rai_dash.core.errors import InvalidChoice, InvalidRecord, NotAllowed
from rai_dash.core.texts import tr
from rai_dash.govern._bodies import AUTHOR, Stage
from rai_dash.govern._signed import seen_length
from rai_dash.govern._signing import one_role_only, own_approval, spoken_roles
from rai_dash.govern._told import Told
from rai_dash.govern.people import AppRole, Person, folded, require
from rai_dash.govern.workflow import VersionStatus

MIN_WORDS: Final = 20
#: The same in scripts that set no blanks between words.
MIN_CHARACTERS: Final = 40
MIN_REASON: Final = 10
MAX_TEXT: Final = 5_000
#: The role of somebody who revokes by what they may do in the app, and not by what they sign as.
OPERATOR: Final = "operator"
_WITHOUT_BLANKS: Final = (
    "CJK UNIFIED", "CJK COMPATIBILITY", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN",
)  # fmt: skip


def tidy_reason(text: str) -> str:
    """Take the blanks off a reason, and refuse one that is too short; see `tidy`."""
    return tidy(text, "reason", least=MIN_REASON)


def tidy(text: str, what: str, *, least: int = 1) -> str:
    """Take the blanks off what somebody typed, and refuse what is too short or too long.

    Parameters
    ----------
    text : str
    what : str
        What it is called: "reason".
    least : int
        Characters.

    Raises
    ------
    InvalidRecord
        With the length it should have.
    """
    text = text.strip()
    shown = seen_length(text)
    if shown < least:
        msg = tr(
            "The {what} has {shown} characters; at least {least} are needed. Say in your own words why.",
            what=what,
            shown=shown,
            least=least,
        )
        raise InvalidRecord(msg)
    if len(text) > MAX_TEXT:
        msg = tr(
            "The {what} has {text} characters; at most {max} are kept. Shorten it.",
            what=what,
            text=f"{len(text):,}",
            max=f"{MAX_TEXT:,}",
        )
        raise InvalidRecord(msg)
    return text


def check_rationale(text: str) -> None:
    """Refuse too few words: 20, or 40 characters of a script that sets no blanks between words.

    Raises
    ------
    InvalidRecord
        With how many there are and how many are needed.
    """
    # A dot, or a character without ink, is no word.
    words = sum(any(map(str.isalnum, word)) for word in text.split())
    if words >= MIN_WORDS or sum(_sets_no_blanks(c) for c in text) >= MIN_CHARACTERS:
        return
    told = f"{words} word{'' if words == 1 else 's'}"
    msg = tr(
        "The rationale has {told}; at least {min} are needed. Say in your own words why.",
        told=told,
        min=MIN_WORDS,
    )
    raise InvalidRecord(msg)


def _sets_no_blanks(character: str) -> bool:
    return unicodedata.name(character, "").startswith(_WITHOUT_BLANKS)


def role_named(typed: str, required: Sequence[str]) -> str:
    """Return a role as the policy spells it; another one with its blanks tidied.

    Raises
    ------
    InvalidRecord
        When it is blank.
    """
    role = " ".join(typed.split())
    if not role:
        msg = tr("The role is missing. Choose the role in which you sign.")
        raise InvalidRecord(msg)
    return next((known for known in required if folded(known) == folded(role)), role)


def check_signing(
    person: Person, status: VersionStatus, told: Told, *, role: str, decision: str, ticked: Collection[str]
) -> None:
    """Refuse a signature that the person may not give.

    Parameters
    ----------
    person : Person
    status : VersionStatus
        What is signed.
    told : Told
        Names of whoever wrote or signed it so far.
    role, decision : str
    ticked : collection of str
        Codes of the warnings that were ticked.

    Raises
    ------
    NotAllowed
        For a role that is not theirs, the author's own approval, a second required role.
    InvalidRecord
        For an approval with a warning that was not ticked.
    """
    if role == AUTHOR or not person.may_sign_as(role):
        own = "any but author" if person.signs_as is None else ", ".join(sorted(person.signs_as)) or "none"
        msg = tr(
            "You cannot sign as {role}; the roles you may sign as: {own}. Choose one of them, or ask your "
            "operator.",
            role=role,
            own=own,
        )
        raise NotAllowed(msg)
    if decision == "approve":
        _check_no_author(person, status, told)
    left = [code for code in status.warnings if code not in ticked]
    if decision == "approve" and left:
        msg = tr(
            "These warnings are not ticked: {left}. Read and tick each one, or do not approve.",
            left=", ".join(left),
        )
        raise InvalidRecord(msg)
    if role in status.required_roles and decision != "abstain":
        _check_persons(person, status, told, role=role, approves=decision == "approve")


def _check_no_author(person: Person, status: VersionStatus, told: Told) -> None:
    """Refuse an approval of what somebody wrote themselves, in whatever role."""
    authors = [told.person(ref) for ref in status.author_refs]
    if any(author is not None and author.could_be(person) for author in authors):
        raise own_approval(status)
    if None in authors:
        msg = tr(
            "The name of an author of version {version} was erased, so nobody can show that the author "
            "is not the one who approves. Draft it anew.",
            version=status.version,
        )
        raise NotAllowed(msg)


def _check_persons(person: Person, status: VersionStatus, told: Told, *, role: str, approves: bool) -> None:
    for other in spoken_roles(status):
        if other.role == role:
            continue
        signer = told.person(other.person_ref)
        if signer is not None and signer.could_be(person):
            raise one_role_only(other.role)
        if signer is None and approves:
            msg = tr(
                "The name of whoever signed as {role} was erased, so nobody can show that you are two "
                "people. Reject this round, so that a new one can start.",
                role=other.role,
            )
            raise NotAllowed(msg)


def require_stop(person: Person, status: VersionStatus, doing: str) -> None:
    """Refuse somebody who is neither an operator nor signs as a required role.

    Raises
    ------
    NotAllowed
        With who may.
    """
    require(person, AppRole.EXPERT, doing)
    if person.role < AppRole.OPERATOR and not any(map(person.may_sign_as, status.required_roles)):
        msg = tr(
            "{doing} needs an operator, or somebody who signs as {required_roles}. Ask your operator.",
            doing=doing,
            required_roles=" or ".join(status.required_roles),
        )
        raise NotAllowed(msg)


def stopping_role(person: Person, status: VersionStatus, role: str | None) -> str:
    """Return the role in which somebody revokes: the one they name, else operator, else their first.

    Raises
    ------
    NotAllowed
        When it is not theirs, or not one that may.
    """
    require_stop(person, status, "Revoking")
    own = [r for r in status.required_roles if person.may_sign_as(r)]
    if person.role >= AppRole.OPERATOR:
        own.insert(0, OPERATOR)
    if role is None:
        return own[0]
    named = role_named(role, own)
    if named not in own:
        msg = tr("You cannot revoke as {named}. Choose from: {own}.", named=named, own=", ".join(own))
        raise NotAllowed(msg)
    return named


def stage_named(name: str) -> Stage:
    """Return a stage by its name, or refuse another one.

    Raises
    ------
    InvalidChoice
        With those there are.
    """
    try:
        return Stage(name)
    except ValueError:
        msg = tr(
            "`{name}` is no stage of a roll-out. Choose from: {stage}.", name=name, stage=", ".join(Stage)
        )
        raise InvalidChoice(msg) from None
