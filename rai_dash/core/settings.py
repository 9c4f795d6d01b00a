"""What the operator can set, read from ``RAI_DASH_…`` environment variables."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, StringConstraints, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr

#: What people may do in the app, the least first.
APP_ROLES: Final = ("viewer", "expert", "analyst", "operator")

#: Everybody gets the language of the browser.
AUTO: Final = "auto"
_PREFIX: Final = "RAI_DASH_"
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Address = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Days = Annotated[int, Field(ge=1, le=3650)]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]


class Settings(BaseSettings):
    """Limits and places; every field is one environment variable (docs/settings.md lists them)."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore")

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
    portfolio_mem_gb: float = Field(
        6.0, gt=0, description="Address space of the process that counts a table where it lies, in gigabytes."
    )
    portfolio_timeout_s: float = Field(
        3600.0, gt=0, description="Longest time of one count of a table where it lies, in seconds."
    )
    portfolios: dict[Label, Address] = Field(
        {},
        description="Tables that people may open where they lie, addresses by name, as JSON (docs/sources.md).",
    )
    portfolio_copies: Path | None = Field(
        None,
        description="Folder for the Parquet copies that text tables are counted from; empty = the system's own.",
    )
    sample_rows: int = Field(
        20_000,
        ge=1_000,
        description="Fewest rows drawn from a table that is counted where it lies, for explanations and single cases.",
    )
    most_sample_rows: int = Field(
        100_000, ge=1_000, description="Most rows drawn from such a table, however small its groups."
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
    model_endpoints: tuple[Endpoint, ...] = Field(
        (),
        description="Models behind an HTTPS address that people may open, as a JSON list (docs/endpoints.md).",
    )
    required_roles: tuple[Label, ...] = Field(
        ("domain expert", "risk owner"),
        min_length=1,
        description="Roles that must all approve a policy, each another person, as a JSON list.",
    )
    valid_months: int = Field(
        12, ge=1, le=60, description="Months after which an active policy expires; 1 to 60."
    )
    remind_days: tuple[Days, ...] = Field(
        (60, 30, 7),
        description="Days before the end of a policy from which on the app reminds of it, as a JSON list.",
    )
    environments: tuple[Label, ...] = Field(
        ("QA", "production"), min_length=1, description="Where a policy can be meant for, as a JSON list."
    )
    signing_key: Path | None = Field(
        None,
        description="File with the Ed25519 key (PEM, PKCS8) that signs checkpoints; empty = made in data_dir.",
    )
    checkpoint_dir: Path | None = Field(
        None, description="Folder that checkpoints are also written to; empty = checkpoints in data_dir."
    )
    language: str = Field(
        AUTO,
        description="Language of those who chose none: its code, or auto = the one that the browser asks for.",
    )
    local_role: str = Field(
        "operator",
        description="What people may do where no sign-in is set up: viewer, expert, analyst or operator.",
    )
    local_sees_rows: bool = Field(
        default=True, description="Whether people may see single rows where no sign-in is set up."
    )
    group_claim: str = Field(
        "groups", min_length=1, description="Claim of the sign-in that lists the groups of a person."
    )
    group_roles: dict[str, str] = Field(
        {}, description="What a group may do (viewer, expert, analyst, operator), by its name, as JSON."
    )
    group_signs: dict[str, tuple[Label, ...]] = Field(
        {}, description="The role, or list of roles, that a group signs as, by its name, as JSON."
    )
    groups_see_rows: frozenset[str] = Field(
        frozenset(), description="Groups that may see single rows, as a JSON list."
    )
    retention_days: int = Field(
        90, ge=0, description="Days after which a kept case is deleted; 0 = kept until somebody deletes it."
    )
    link_days: int = Field(
        30, ge=1, le=3650, description="Days that a read-only link is open unless its maker says otherwise."
    )
    most_link_days: int = Field(
        365, ge=1, le=3650, description="Most days that a read-only link can be open."
    )
    public_links: bool = Field(
        default=False,
        description="Let people make read-only links that open without a sign-in where others have to sign in.",
    )
    keep_batch_rows: bool = Field(
        default=False,
        description="Keep the rows of production batches: the review queue and slices over past batches need them.",
    )
    batch_days: int = Field(
        90, ge=1, le=3650, description="Days after which the kept rows of a batch are deleted."
    )
    audit_sample_rate: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Share of automatic decisions that a person decides again, drawn at random.",
    )
    second_read_rate: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of the cases in the review queue that two people decide, drawn at random.",
    )
    review_reasons: dict[ReasonCode, Label] = Field(
        {},
        description="Reasons that reviewers choose from, words by code, as JSON; empty = the usual ones of credit.",
    )

    @field_validator("data_folder", "portfolio_copies", "signing_key", "checkpoint_dir", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        """Read an empty variable as: no path."""
        return None if value in {"", None} else value

    @field_validator("group_signs", mode="before")
    @classmethod
    def _one_role_is_a_list(cls, value: object) -> object:
        """Let a group sign as one role without brackets round it."""
        if not isinstance(value, dict):
            return value
        return {group: (roles,) if isinstance(roles, str) else roles for group, roles in value.items()}

    @field_validator("language")
    @classmethod
    def _is_language(cls, code: str) -> str:
        """Refuse a language that nobody reviewed, so that nothing is half translated without anybody noticing."""
        from rai_dash.core.catalogues import offered
        from rai_dash.core.pseudo import PSEUDO

        if code not in {AUTO, PSEUDO, *offered()}:
            msg = f"`{code}` is no language of the app. Choose from: {', '.join((AUTO, *offered()))}."
            raise ValueError(msg)
        return code

    @field_validator("required_roles", "environments")
    @classmethod
    def _each_once(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a label that stands there twice: two of one role would be filled by one signature."""
        seen: set[str] = set()
        for label in labels:
            if label.casefold() in seen:
                msg = f"`{label}` stands there twice. Name each once."
                raise ValueError(msg)
            seen.add(label.casefold())
        return labels

    @field_validator("model_endpoints")
    @classmethod
    def _told_apart(cls, endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
        """Refuse two endpoints that people or the command line could not tell apart."""
        for kind in ("url", "name"):
            values = [getattr(e, kind) for e in endpoints]
            twice = next((v for v in values if values.count(v) > 1), None)
            if twice is not None:
                msg = f"the {kind} `{twice}` stands there twice. Name each once."
                raise ValueError(msg)
        return endpoints

    @field_validator("remind_days")
    @classmethod
    def _latest_last(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        """Put the earliest reminder first."""
        return tuple(sorted(set(days), reverse=True))

    @field_validator("local_role")
    @classmethod
    def _is_app_role(cls, role: str) -> str:
        return _app_role(role)

    @field_validator("group_roles")
    @classmethod
    def _are_app_roles(cls, roles: dict[str, str]) -> dict[str, str]:
        return {group: _app_role(role) for group, role in roles.items()}


def _app_role(name: str) -> str:
    """Return the name of an app role as it is written here, or refuse it."""
    found = name.strip().casefold()
    if found not in APP_ROLES:
        msg = f"`{name}` is no role of the app. Choose from: {', '.join(APP_ROLES)}."
        raise ValueError(msg)
    return found


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process.

    Raises
    ------
    InvalidChoice
        When a variable holds what it cannot hold; the sentence names it.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name, why = str(first["loc"][0]), first["msg"].removeprefix("Value error, ").rstrip(".")
        inside = ", ".join(f"item {p + 1}" if isinstance(p, int) else f"`{p}`" for p in first["loc"][1:])
        if name == "model_endpoints" and inside:
            why = f"{inside}: {why}"
        raise _refused(name, f"{why[:1].lower()}{why[1:]}") from error
    except SettingsError as error:
        # The library names the field in its message only.
        name = str(error).split('"')[1]
        raise _refused(name, tr('it has to be JSON, such as ["a", "b"] or {"a": "b"}')) from error


def _refused(name: str, why: str) -> InvalidChoice:
    msg = f"The setting `{_PREFIX}{name.upper()}` is not accepted: {why}. See docs/settings.md."
    return InvalidChoice(msg)
