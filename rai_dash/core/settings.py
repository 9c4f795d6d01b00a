"""What the operator can set, read from ``RAI_DASH_…`` environment variables."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Limits and places; every field is one environment variable (docs/settings.md lists them)."""

    model_config = SettingsConfigDict(env_prefix="RAI_DASH_", extra="ignore")

    max_upload_mb: int = Field(200, ge=1, description="Largest file that is read, in megabytes.")
    max_expanded_mb: int = Field(1024, ge=1, description="Largest table after unpacking, in megabytes.")
    max_rows: int = Field(2_000_000, ge=1, description="Most rows of a table.")
    max_columns: int = Field(2_000, ge=1, description="Most columns of a table.")
    max_cells: int = Field(100_000_000, ge=1, description="Most cells of a table.")
    max_cell_chars: int = Field(10_000, ge=1, description="Longest cell of a table, in characters.")
    max_file_mb: int = Field(
        1024, ge=1, description="Largest file opened from the data folder or by path, in megabytes."
    )
    data_folder: Path | None = Field(
        None,
        description="Folder whose files people may open in the app without uploading them; empty = none.",
    )
    worker_mem_gb: float = Field(3.0, gt=0, description="Memory limit of a separate process, in gigabytes.")
    load_timeout_s: float = Field(30.0, gt=0, description="Longest time to read a file, in seconds.")
    call_timeout_s: float = Field(120.0, gt=0, description="Longest time of one model call, in seconds.")
    workers: int = Field(4, ge=1, description="Most model processes alive at once.")
    worker_idle_s: float = Field(
        900.0, gt=0, description="An idle model process ends after this many seconds."
    )
    workers_per_case: int = Field(
        2, ge=1, description="Most processes alive at once for the uploaded models of one case."
    )
    worker_ttl_s: float = Field(
        4 * 3600.0, gt=0, description="A model process ends after this many seconds, once it is idle."
    )
    sessions: int = Field(100, ge=1, description="Most browser tabs served at once.")
    cases: int = Field(
        64, ge=1, description="Most cases held in memory; the least recently used one goes first."
    )
    case_ttl_s: float = Field(
        8 * 3600.0, gt=0, description="A case not opened for this many seconds is dropped."
    )
    database_url: str = Field(
        "", description="SQLAlchemy URL of the sign-off store; empty = SQLite in data_dir."
    )
    data_dir: Path = Field(
        Path.home() / ".local" / "share" / "rai-dash",
        description="Folder of the sign-off store and of the record of events.",
    )
    smallest_export_cell: int = Field(
        10,
        ge=0,
        description="Downloads hide numbers of fewer people than this unless the user says otherwise; 0 = none.",
    )
    allow_unlocked: bool = Field(
        default=False,
        description="Serve other machines although this one cannot lock the process that opens files.",
    )
    allow_pickle: bool = Field(
        default=False, description="Open the approved pickles below, although opening a pickle runs code."
    )
    approved_pickles: frozenset[str] = Field(
        frozenset(), description="sha256 of each approved pickle, as a JSON list."
    )

    @field_validator("data_folder", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """Read an empty variable as: no folder."""
        return None if value in {"", None} else value


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
