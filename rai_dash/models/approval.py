"""Pickles that an operator approved: the only ones that are ever opened on a server."""

from __future__ import annotations

import hashlib
from typing import Final

from rai_dash.core import events
from rai_dash.core.errors import InvalidChoice, RefusedModel
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.sandbox.lock import Level
from rai_dash.sandbox.selftest import self_test

#: Name of the format of an approved pickle.
APPROVED: Final = "pickle"


def is_approved(content: bytes) -> bool:
    """Whether the operator lets this very file be opened, although it is a pickle.

    All of it has to hold: the setting is on, the file's sha256 is on the list, and the process is locked
    fully. Each file that is let through is recorded.

    Raises
    ------
    RefusedModel
        When pickles are let in and this one is not on the list, so that the operator learns its sha256.
    """
    settings = get_settings()
    if not settings.allow_pickle:
        return False
    digest = hashlib.sha256(content).hexdigest()
    if self_test().level is not Level.FULL:
        msg = tr(
            "Pickles are only opened where the process for files can be locked fully, which it cannot here."
        )
        raise RefusedModel(msg, code="pickle")
    if digest not in settings.approved_pickles:
        events.record("pickle_refused", sha256=digest, bytes=len(content))
        msg = tr(
            "This pickle is not on the operator's list of approved files (its sha256 is {digest}). Save "
            "the model as .skops, or ask the operator.",
            digest=digest,
        )
        raise RefusedModel(msg, code="pickle")
    events.record("pickle_opened", sha256=digest, bytes=len(content))
    return True


def check_policy() -> None:
    """Refuse to start where pickles are let in and the process that opens them is not locked fully.

    Raises
    ------
    InvalidChoice
        Saying which setting to take back.
    """
    if get_settings().allow_pickle and self_test().level is not Level.FULL:
        msg = tr(
            "RAI_DASH_ALLOW_PICKLE is set, but this system cannot lock the process that opens files "
            "fully (Landlock and seccomp need Linux 6.12). Take the setting back, or run the app on such "
            "a system."
        )
        raise InvalidChoice(msg)
