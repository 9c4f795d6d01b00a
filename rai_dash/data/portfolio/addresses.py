"""Addresses of tables: what each form means, and which ones the operator lists.

The page opens what is listed by its exact name, and nothing else; the command line opens what its user types. Files,
also DuckDB's, are opened in the locked process. A locked process has no network, so object stores are opened in a
separate process that is not locked, and Spark and other warehouses in this one: such an address is as trusted as the
operator.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from rai_dash.core.errors import InvalidChoice, NotAllowed, RaiError
from rai_dash.core.fingerprint import fingerprint_value
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.data.columns import closest_names
from rai_dash.data.portfolio.engines import FrameEngine, ProcessEngine, Reader
from rai_dash.data.portfolio.marks import OF_MARKS
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.sandbox.lock import Level

#: Parts of the names of choices that hold a secret, such as ``sslpassword``.
_SECRETS: Final = ("password", "passwd", "pwd", "secret", "token", "private_key", "api_key")
STORES: Final = ("s3", "gs", "abfs")
_KINDS: Final = (*STORES, "file", "duckdb", "spark", "sc", "ibis")
_ONE_SLASH: Final = re.compile(r"^((?:ibis:)?[A-Za-z0-9+]+):/(?!/)")
_FORMS: Final = (
    "a path, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, abfs://CONTAINER/PREFIX, duckdb:///FILE?table=TABLE, spark:TABLE, "
    "sc://HOST:PORT/TABLE or ibis:URL#TABLE"
)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a table lies.

    Parameters
    ----------
    kind : str
        ``file``, ``s3``, ``gs``, ``abfs``, ``duckdb``, ``spark``, ``sc`` or ``ibis``.
    place : str
        Path, bucket and prefix, host and port, or URL.
    table : str
        Name of the table, where the place holds several.
    choices : mapping of str
        What else the address says.
    """

    kind: str
    place: str
    table: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """Where it is, in short: for names of cases, and messages."""
        return self.table or self.place.rstrip("/").rpartition("/")[2] or self.kind


def is_address(text: str) -> bool:
    """Whether a text is an address of another form than a path."""
    kind, sign, _ = text.partition(":")
    return bool(sign) and kind.casefold() in _KINDS


def address_in(source: Path | str) -> str | None:
    """Return the address that a text, or an argument that was taken for a path, is; None = it is a path.

    Examples
    --------
    >>> address_in(Path("s3://bucket/loans")), address_in(Path("/data/loans"))
    ('s3://bucket/loans', None)
    """
    given = str(source)
    if not is_address(given) or Path(given).exists():
        return None
    # A path keeps one slash of several; names of hosts need two, and absolute paths begin with one more.
    return given if isinstance(source, str) else _ONE_SLASH.sub(_with_slashes, given, count=1)


def _with_slashes(found: re.Match[str]) -> str:
    return f"{found[1]}:{'///' if found[1].endswith(('duckdb', 'file')) else '//'}"


def parse_address(text: str) -> Address:
    """Read an address.

    Raises
    ------
    InvalidChoice
        When a part is missing, or it holds a password. The message never repeats the address.

    Examples
    --------
    >>> parse_address("s3://bucket/loans?region=eu-west-1").choices
    {'region': 'eu-west-1'}
    >>> parse_address("sc://cluster:15002/risk.loans").table
    'risk.loans'
    """
    kind, _, rest = text.strip().partition(":")
    kind = kind.casefold()
    if not is_address(text):
        return Address("file", text.strip())
    if kind == "spark":
        return _complete(Address(kind, "", rest.strip("/")))
    url = urlsplit(rest if kind == "ibis" else text.strip())
    _check_no_secret(url, is_store=kind in STORES)
    path, choices = unquote(url.path), dict(parse_qsl(url.query, keep_blank_values=True))
    found = {
        "ibis": Address(kind, rest.partition("#")[0], unquote(url.fragment)),
        "sc": Address(kind, f"sc://{url.netloc}", path.strip("/")),
        "duckdb": Address(kind, url.netloc + path, choices.get("table", "")),
        "file": Address(kind, path),
    }.get(kind, Address(kind, f"{url.netloc}{path}".strip("/"), choices=choices))
    return _complete(found)


def _check_no_secret(url: SplitResult, *, is_store: bool) -> None:
    """Refuse a password in an address, which would be shown, kept and signed with it."""
    # Spark Connect writes choices behind semicolons in the path.
    said = url.path.replace(";", "&") if url.scheme == "sc" else "" if is_store else url.query
    named = {key.casefold() for key, _ in parse_qsl(said)}
    if url.password or (url.username and is_store) or any(word in key for key in named for word in _SECRETS):
        msg = tr(
            "An address may not hold a password or a key. Leave it out, and set the environment "
            "variables of the service, such as AWS_SECRET_ACCESS_KEY or PGPASSWORD."
        )
        raise InvalidChoice(msg, code="secret_in_address")


def _complete(address: Address) -> Address:
    """Refuse an address that lacks a place or a table."""
    needs_table, needs_place = address.kind not in {*STORES, "file"}, address.kind != "spark"
    if (needs_table and not address.table) or (needs_place and not address.place.removeprefix("sc://")):
        msg = tr(
            "An address that begins with `{kind}:` needs a place and a table. Forms are {forms}.",
            kind=address.kind,
            forms=_FORMS,
        )
        raise InvalidChoice(msg, code="incomplete_address")
    return address


def listed() -> dict[str, str]:
    """Return what the operator lists, addresses by name."""
    return dict(get_settings().portfolios)


def listed_address(name: str) -> str:
    """Return the address that the operator lists under exactly this name.

    Raises
    ------
    NotAllowed
        When there is none.
    """
    known = listed()
    if name not in known:
        close = closest_names(name, list(known))
        hint = f" Did you mean `{close[0]}`?" if close else ""
        msg = tr(
            "`{name}` is not among the tables that the operator lists.{hint} Ask the operator to list it.",
            name=name,
            hint=hint,
        )
        raise NotAllowed(msg, code="not_listed")
    return known[name]


def open_address(address: Address, *, name: str | None = None) -> Portfolio:
    """Open what is no file or folder of its own; see `rai_dash.data.portfolio.opening.open_portfolio`."""
    title = name or address.shown
    if address.kind in STORES:
        return _of_store(address, title)
    if address.kind == "duckdb":
        return _of_database(address, title)
    frame = _of_ibis(address) if address.kind == "ibis" else _of_spark(address)
    engine = FrameEngine(frame)
    words = {"ibis": "Ibis", "spark": "Spark", "sc": "Spark Connect"}[address.kind]
    return Portfolio(
        name=title,
        engine=engine,
        fingerprint=fingerprint_value(
            [address.kind, address.place, address.table, engine.marks(), list(engine.part_rows)]
        ),
        source=f"a table through {words}",
        rests_on=f"its address, {OF_MARKS}",
    )


def _of_store(address: Address, title: str) -> Portfolio:
    from rai_dash.data.portfolio.store_access import keys_of_environment

    args = {
        "scheme": address.kind,
        "path": address.place,
        "choices": dict(address.choices),
        "environment": keys_of_environment(),
    }
    # No network in the locked process: this one has it, and is still limited in memory and time, and may crash alone.
    engine = ProcessEngine(lambda: Reader("open_store", args, level=Level.PROCESS))
    parts = len(engine.part_rows)
    return Portfolio(
        name=title,
        engine=engine,
        fingerprint=fingerprint_value([address.kind, address.place, engine.content]),
        source=f"{parts:,} Parquet {'object' if parts == 1 else 'objects'} in an object store",
        rests_on="names, sizes and times of the objects",
        notices=engine.notices,
    )


def _of_database(address: Address, title: str) -> Portfolio:
    path = Path(address.place).resolve()
    if not path.is_file():
        msg = tr("There is no file `{path}`. Check the path.", path=path.name)
        raise InvalidChoice(msg, code="no_file")
    beside = path.with_name(f"{path.name}.wal")
    args: dict[str, Any] = {"path": str(path), "table": address.table}
    engine = ProcessEngine(lambda: Reader("open_table", args, readable=[path, beside]))
    columns = [[column, kind.value if kind else None] for column, kind in engine.kinds.items()]
    known = [path.name, address.table, engine.content, columns, list(engine.part_rows)]
    return Portfolio(
        name=title,
        engine=engine,
        fingerprint=fingerprint_value(known),
        source="a table of a DuckDB file",
        rests_on="name, size and time of the file, columns and number of rows",
        notices=engine.notices,
    )


def _of_spark(address: Address) -> Any:
    from rai_dash.data.portfolio.spark import spark_session

    session = spark_session(remote=address.place if address.kind == "sc" else None)
    try:
        frame = session.table(address.table)
        frame.schema  # noqa: B018 - a table is looked up when its columns are asked for
    except Exception as error:
        raise _unreached(address, "Spark", error) from error
    return frame


def _of_ibis(address: Address) -> Any:
    try:
        import ibis
    except ImportError:
        msg = tr("Ibis is not installed here. Install it with: pip install 'rai-dash[warehouse]'")
        raise InvalidChoice(msg, code="no_ibis") from None
    try:
        return ibis.connect(address.place).table(address.table)
    except Exception as error:
        raise _unreached(address, "Ibis", error) from error


def _unreached(address: Address, through: str, error: Exception) -> RaiError:
    """Say that a table was not found; what the service says may hold the address, so only its kind is told."""
    msg = (
        f"The table `{address.table}` cannot be opened through {through} ({type(error).__name__}). Check the address, "
        "the rights, and the environment variables of the service."
    )
    return InvalidChoice(msg, code="unreached")
