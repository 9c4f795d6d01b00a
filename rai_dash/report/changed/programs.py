"""The program that counted, then and now: version, commit, libraries, and the operator's settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rai_dash.report.changed._items import ChangeItem, differs, hash_words

_LABELS: Final = {"version": "rai-dash", "python": "Python"}


def changed_program(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ChangeItem]:
    """Yield what of the program is another one.

    Parameters
    ----------
    before, after : mapping
        As of `rai_dash.govern.program.Program`, in plain values.
    """
    for key, label in _LABELS.items():
        yield from differs("program", label, before.get(key), after.get(key))
    yield from _code(before, after)
    locks = (before.get("lockfile_sha256"), after.get("lockfile_sha256"))
    yield from differs("program", "requirements.txt", *map(hash_words, locks))
    was, now = (_libraries(side) for side in (before, after))
    for name in dict.fromkeys([*was, *now]):
        yield from differs("program", name, was.get(name), now.get(name))


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ChangeItem]:
    """Yield the settings of the operator that differ."""
    for name in dict.fromkeys([*before, *after]):
        yield from differs("settings", f"RAI_DASH_{name.upper()}", before.get(name), after.get(name))


def unknown_code(before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """Say that the code may differ although its commit does not; None where it is known to be the same."""
    if before.get("git") != after.get("git"):
        return None
    if before.get("git") is None:
        return "Neither ran from a checkout, so that only the version says which code it was."
    if before.get("dirty") is False and after.get("dirty") is False:
        return None
    return "Files of the program were changed after its commit, so that the code may differ in a way no record holds."


def _code(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ChangeItem]:
    yield from differs("program", "Commit", *(hash_words(side.get("git")) for side in (before, after)))
    yield from differs("program", "Changed since its commit", before.get("dirty"), after.get("dirty"))


def _libraries(side: Mapping[str, Any]) -> Mapping[str, Any]:
    found = side.get("libraries")
    return found if isinstance(found, Mapping) else {}
