"""What an operator says about a model that answers behind an HTTPS address."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FilePath,
    StringConstraints,
    field_validator,
    model_validator,
)

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Shown = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
Cell = str | int | float | bool | None
#: One way to write an address, so that what is listed and what is asked can be compared as text.
_URL: Final = re.compile(
    r"https://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9_~.-]+)+)"
)
_ENDINGS: Final = {"oip": "/infer", "mlflow": "/invocations"}


class EndpointInput(BaseModel):
    """One input of such a model, in the model's own order.

    Parameters
    ----------
    name : str
        Column of the table.
    type : str
        ``"number"``, ``"integer"``, ``"boolean"`` or ``"text"``: how its values are sent. Empty = as an OIP server
        describes it, else a number.
    categories : tuple of str
        Texts that the model knows; rows with others are counted. Empty = not known here.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text
    type: Literal["", "number", "integer", "boolean", "text"] = ""
    categories: tuple[str, ...] = ()


class Endpoint(BaseModel):
    """A model behind an address; ``docs/endpoints.md`` explains each field.

    Parameters
    ----------
    url : str
        ``https://…/v2/models/NAME/infer`` or ``https://…/invocations``, matched as text.
    protocol : str
        ``"oip"`` (Open Inference Protocol v2 over REST) or ``"mlflow"`` (MLflow scoring).
    name : str
        Shown to people.
    inputs : tuple of EndpointInput
        The model's columns, or their bare names. Empty = as an OIP server describes them.
    send : str
        OIP only: ``"columns"`` (one tensor a column) or ``"matrix"`` (one tensor of numbers).
    tensor, datatype : str
        OIP matrix only: name and type of the tensor; empty = as the server describes it.
    output : str
        Output tensor, or key of MLflow's records; empty = the only one.
    classes : tuple of str
        Class 0 and class 1, in the order of the reply's two columns.
    one_column_is : str
        The class that a reply of one column gives the probability of; empty = class 1.
    favourable : str
        The class that is good for the applicant; empty = as the data say.
    probe : tuple of rows
        Rows that are asked at every opening, to notice another model; empty = made from the inputs.
    addresses : tuple of IP addresses
        Private or local addresses that the host may have.
    token_file, header : path, str
        Where the secret is, and the header it is sent in (``Authorization``: as a bearer token).
    ca_file : path
        Certificates to trust instead of the system's.
    batch_rows, most_calls, most_rows, explain_rows : int
        Rows of a call; calls and rows of a case; rows that explaining one applicant may take.
    timeout_s : float
        Longest time of one call, at most 10 seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    protocol: Literal["oip", "mlflow"]
    name: Shown
    inputs: tuple[EndpointInput, ...] = ()
    send: Literal["columns", "matrix"] = "columns"
    tensor: str = ""
    datatype: Literal["", "FP32", "FP64"] = ""
    output: str = ""
    classes: tuple[Text, Text] | None = None
    one_column_is: str = ""
    favourable: str = ""
    probe: tuple[tuple[Cell, ...], ...] = Field((), max_length=100)
    addresses: frozenset[IPv4Address | IPv6Address] = frozenset()
    token_file: Path | None = None
    header: HeaderName = "Authorization"
    ca_file: FilePath | None = None
    batch_rows: int = Field(1_000, ge=1, le=100_000)
    most_calls: int = Field(5_000, ge=1)
    most_rows: int = Field(1_000_000, ge=1)
    explain_rows: int = Field(50_000, ge=1_000)
    timeout_s: float = Field(10.0, gt=0, le=10)

    @field_validator("inputs", mode="before")
    @classmethod
    def _bare_names(cls, value: object) -> object:
        """Read a bare name as an input of which nothing else is known."""
        if not isinstance(value, list | tuple):
            return value
        return tuple({"name": item} if isinstance(item, str) else item for item in value)

    @field_validator("url")
    @classmethod
    def _one_spelling(cls, url: str) -> str:
        """Refuse an address that could be written in another way, or that carries a secret."""
        found = _URL.fullmatch(url)
        dots = found is not None and bool({".", ".."} & set(found["path"].split("/")))
        if found is None or dots or int(found["port"] or 443) > 65_535:
            msg = (
                f"`{url[:80]}` is no exact address. Write https://, the host in small letters, a port if it is not "
                "443, and the path; no user, password, question mark, # or % in it"
            )
            raise ValueError(msg)
        return url

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse settings that contradict each other."""
        wrong = next(filter(None, self._contradictions()), None)
        if wrong is not None:
            msg = f"the endpoint `{self.name}`: {wrong}"
            raise ValueError(msg)
        return self

    def _contradictions(self) -> Iterable[str | None]:
        ending = _ENDINGS[self.protocol]
        names = [i.name for i in self.inputs]
        labels = self.labels
        yield None if self.url.endswith(ending) else f"its url has to end in `{ending}`"
        yield (
            "MLflow does not say which columns a model takes: list its inputs"
            if self.protocol == "mlflow" and not names
            else None
        )
        yield "a matrix needs a list of its inputs" if self.send == "matrix" and not names else None
        yield "a matrix holds numbers only" if self.send == "matrix" and self._has_text else None
        yield "only oip knows a matrix" if self.send == "matrix" and self.protocol != "oip" else None
        yield "an input stands there twice" if len(set(names)) < len(names) else None
        yield "its two classes are the same" if labels[0] == labels[1] else None
        yield (
            f"`{self.one_column_is}` is not one of its classes"
            if self.one_column_is not in {"", *labels}
            else None
        )
        yield (
            f"`{self.favourable}` is not one of its classes" if self.favourable not in {"", *labels} else None
        )
        yield (
            "a row of its probe has another number of values than there are inputs"
            if any(len(row) != len(names) for row in self.probe)
            else None
        )

    @property
    def _has_text(self) -> bool:
        return any(i.type == "text" for i in self.inputs)

    @property
    def labels(self) -> tuple[str, str]:
        """Class 0 and class 1."""
        return self.classes or ("0", "1")

    @property
    def host(self) -> str:
        """Host of the address, without brackets."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port of the address."""
        return urlsplit(self.url).port or 443

    @property
    def path(self) -> str:
        """Path of the address."""
        return urlsplit(self.url).path
