"""The cases that ship with the app, as ``sample_data/manifest.json`` describes them.

Nothing is loaded here but the manifest: opening a case reads its files through the same door as an upload.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, model_validator

from rai_dash.core.types import Roles

#: Beside the package in a checkout; a bare wheel has no cases.
SAMPLE_DATA = Path(__file__).resolve().parents[1] / "sample_data"
#: What a first visit shows.
FIRST_CASE = "story"


class _Part(BaseModel):
    """One file of a case.

    ``key`` is its short name in the URL, ``sha256`` is of the file as it lies on disk.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    title: str
    file: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return SAMPLE_DATA / self.file


class BundledDataset(_Part):
    """A table: its place in the story, its roles, where it comes from and under which licence."""

    role: Literal["training", "production", "living", "collected"]
    rows: int
    roles: Roles
    source: str
    licence: str


class BundledModel(_Part):
    """A model file.

    ``model_class`` is the label of the class that is favourable, ``trained_on`` the key of the data
    set whose rows (those marked in its split column, or all) it was trained on.
    """

    format: str
    model_class: str
    trained_on: str
    note: str


class BundledCase(BaseModel):
    """One case: what it is about, its data sets, its models and the pair that is looked at first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    story: str
    default_data: str
    default_model: str
    roles: Roles
    datasets: tuple[BundledDataset, ...]
    models: tuple[BundledModel, ...]

    @model_validator(mode="before")
    @classmethod
    def _share_roles(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Give each data set the roles of the case, and those that only its own file has."""
        datasets = [{**d, "roles": {**given["roles"], **d.get("roles", {})}} for d in given["datasets"]]
        return {**given, "datasets": datasets}


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True)

    cases: tuple[BundledCase, ...]


@lru_cache(maxsize=1)
def bundled_cases() -> Mapping[str, BundledCase]:
    """Return the bundled cases by id, in the order of the manifest; none where ``sample_data`` is absent."""
    manifest = SAMPLE_DATA / "manifest.json"
    if not manifest.is_file():
        return MappingProxyType({})
    read = _Manifest.model_validate_json(manifest.read_bytes())
    return MappingProxyType({case.id: case for case in read.cases})
