"""What the app cannot know about a model and its data: free texts that somebody states for the report."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.files import read_limited
from rai_dash.core.texts import mark
from rai_dash.data.columns import closest_names

#: What may be stated of the model, in the terms of Mitchell et al. (2019), by its name in the file.
MODEL: Final[Mapping[str, str]] = MappingProxyType(
    {
        "owner": mark("Owner and contact"),
        "version": mark("Version and date of the model"),
        "model_licence": mark("Licence of the model"),
        "intended_use": mark("Intended use"),
        "users": mark("Intended users"),
        "out_of_scope": mark("Uses that are out of scope"),
        "training_data": mark("Training data"),
        "ethics": mark("Ethical considerations"),
        "caveats": mark("Caveats and recommendations"),
    }
)
#: What may be stated of the data, in the terms of Gebru et al. (2021).
DATA: Final[Mapping[str, str]] = MappingProxyType(
    {
        "motivation": mark("Motivation: why and by whom were the data made?"),
        "composition": mark("Composition: what is a row, and who is in the data?"),
        "collection": mark("Collection: how, when and with whose consent?"),
        "preprocessing": mark("Preprocessing: what was cleaned, labelled or left out?"),
        "uses": mark("Uses: what are they fit for, and what not?"),
        "distribution": mark("Distribution: who may have them, under which licence?"),
        "maintenance": mark("Maintenance: who keeps them, and how long?"),
    }
)
FIELDS: Final = (*MODEL, *DATA)
#: Characters of one text; the sections are cards, not books.
LONGEST: Final = 2_000
_LARGEST_MB: Final = 1


def read_about(path: Path) -> dict[str, str]:
    """Read the texts from a TOML or JSON file with one text a name.

    Parameters
    ----------
    path : Path
        JSON where the name ends so, else TOML.

    Raises
    ------
    InvalidChoice
        When it cannot be read, holds a name that is unknown, or a text that is none or too long.
    """
    raw = read_limited(path, _LARGEST_MB, error=InvalidChoice)
    try:
        text = raw.decode("utf-8-sig")
        given = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        msg = f'`{path.name}` cannot be read: {error}. Write lines like: intended_use = "Small loans."'
        raise InvalidChoice(msg) from error
    return checked(given, path.name)


def checked(given: object, name: str) -> dict[str, str]:
    """Check texts that were stated; blank ones are left out.

    Raises
    ------
    InvalidChoice
        With ``name`` as where they stand.
    """
    if not isinstance(given, Mapping):
        msg = f"`{name}` must hold one text a name. Names are: {', '.join(FIELDS)}."
        raise InvalidChoice(msg)
    for key, text in given.items():
        _check(str(key), text, name)
    return {key: str(given[key]).strip() for key in FIELDS if str(given.get(key, "")).strip()}


def _check(key: str, text: object, name: str) -> None:
    if key not in FIELDS:
        close = closest_names(key, FIELDS)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        msg = f"`{name}` states `{key}`, which the report has no place for.{hint} Names are: {', '.join(FIELDS)}."
        raise InvalidChoice(msg)
    if not isinstance(text, str) or len(text) > LONGEST:
        msg = f"`{key}` in `{name}` must be a text of at most {LONGEST:,} characters."
        raise InvalidChoice(msg)
