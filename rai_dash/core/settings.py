"""What the operator can set, read from ``RAI_DASH_…`` environment variables."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Limits and places; every field is one environment variable (docs/settings.md lists them)."""

    model_config = SettingsConfigDict(env_prefix="RAI_DASH_", extra="ignore")

    max_upload_mb: int = Field(200, ge=1, description="Largest file that is read, in megabytes.")
    max_expanded_mb: int = Field(1024, ge=1, description="Largest table after unpacking, in megabytes.")
    max_rows: int = Field(2_000_000, ge=1, description="Most rows of a table.")
    max_columns: int = Field(2_000, ge=1, description="Most columns of a table.")
    max_cells: int = Field(100_000_000, ge=1, description="Most cells of a table.")
    worker_mem_gb: float = Field(3.0, gt=0, description="Memory limit of a separate process, in gigabytes.")
    load_timeout_s: float = Field(30.0, gt=0, description="Longest time to read a file, in seconds.")
    call_timeout_s: float = Field(120.0, gt=0, description="Longest time of one model call, in seconds.")
    workers: int = Field(4, ge=1, description="Most model processes alive at once.")
    worker_idle_s: float = Field(
        900.0, gt=0, description="An idle model process ends after this many seconds."
    )
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
        Path.home() / ".local" / "share" / "rai-dash", description="Folder of the sign-off store."
    )


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
