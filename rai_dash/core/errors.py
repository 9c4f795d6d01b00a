"""The mistakes a user can make, one class a kind.

Every message says what was found, where, and what to do next. The page, the command line and the
JSON print the same text.
"""

from __future__ import annotations


class RaiError(Exception):
    """Base of every error that is shown to a user.

    Parameters
    ----------
    message : str
        One or two plain sentences: what was found, where, what to do.
    code : str, optional
        Stable machine-readable name; the class default when omitted.
    """

    default_code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code


class UnreadableFile(RaiError):
    """A data file that could not be read as a table."""

    default_code = "unreadable_file"


class RefusedModel(RaiError):
    """A model file that is not accepted."""

    default_code = "refused_model"


class MissingColumn(RaiError):
    """A column that a role or a model names and the table does not have."""

    default_code = "missing_column"


class InvalidRoles(RaiError):
    """Roles that do not fit the table."""

    default_code = "invalid_roles"


class InvalidBand(RaiError, ValueError):
    """A review band whose ends are out of order or out of range."""

    default_code = "invalid_band"


class InvalidChoice(RaiError):
    """An option outside what is allowed."""

    default_code = "invalid_choice"


class UnsupportedModel(RaiError):
    """A model that is readable but cannot do what was asked (no refit, no such attribution route)."""

    default_code = "unsupported_model"


class WorkerFailed(RaiError):
    """The separate process crashed, ran out of time or memory, or answered nonsense."""

    default_code = "worker_failed"


class ModelUnreachable(RaiError):
    """A model behind an address that does not answer, answers nonsense, or may not be asked any more."""

    default_code = "model_unreachable"


class Cancelled(RaiError):
    """The user stopped a job."""

    default_code = "cancelled"


class LedgerBroken(RaiError):
    """A sign-off record that no longer matches its hash or its place in the chain."""

    default_code = "ledger_broken"


class InvalidRecord(RaiError):
    """Something to be signed that lacks a part, or holds a value that cannot be written down exactly."""

    default_code = "invalid_record"


class StoreUnavailable(RaiError):
    """The store of sign-offs could not be opened, read or written."""

    default_code = "store_unavailable"


class NotAllowed(RaiError):
    """Something that this person may not do."""

    default_code = "not_allowed"
