"""The records that the page on candidates reads and writes: living test sets and choices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rai_dash.govern.database import store_is_there
from rai_dash.ui import identity
from rai_dash.ui.signing import desk

if TYPE_CHECKING:
    from rai_dash.govern.chosen_model import ChosenModels, ModelChoice
    from rai_dash.govern.living import LivingSet, LivingSets, LivingVersion
    from rai_dash.report.models_found import ModelComparison


def living_set(data: str) -> LivingSet | None:
    """Return the living test set that has a version with this sha256; None = there is none.

    Raises
    ------
    RaiError
        When the store cannot be read.
    """
    return _sets(acting=False).find([data]) if store_is_there() else None


def waits(version: LivingVersion) -> bool:
    """Whether the store holds the rows of a version for whoever uses the app now."""
    return _sets(acting=False).waits(version)


def texts_of(found: LivingSet) -> dict[str, str | None]:
    """Return the names and notes of a set, by reference."""
    return _sets(acting=False).texts(found)


def acting_sets() -> LivingSets:
    """Return the living test sets, to write under the name of whoever uses the app now.

    Raises
    ------
    InvalidChoice, NotAllowed
        When nobody knows who that is.
    """
    return _sets(acting=True)


def _sets(*, acting: bool) -> LivingSets:
    from rai_dash.govern.living import LivingSets

    person = identity.who() if acting else identity.visitor()
    return LivingSets(desk.room().store(), person, clock=desk.now)


def choices_about(found: ModelComparison, living: LivingSet | None) -> list[ModelChoice]:
    """Return what was chosen on this test set or its other versions, the newest first."""
    if not store_is_there():
        return []
    subjects = [found.data.dataset.fingerprint] + ([living.id] if living else [])
    return _chosen(acting=False).choices(subjects)


def acting_choices() -> ChosenModels:
    """Return the choices, to write under the name of whoever uses the app now.

    Raises
    ------
    InvalidChoice, NotAllowed
        When nobody knows who that is.
    """
    return _chosen(acting=True)


def _chosen(*, acting: bool) -> ChosenModels:
    from rai_dash.govern.chosen_model import ChosenModels

    person = identity.who() if acting else identity.visitor()
    return ChosenModels(desk.room().store(), person, clock=desk.now)
