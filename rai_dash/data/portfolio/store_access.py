"""Reaching an object store: who asks is told by the environment, and a failure in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pyarrow as pa
import pyarrow.fs as pafs

from rai_dash.core.errors import InvalidChoice, UnreadableFile
from rai_dash.core.texts import tr

#: What an address may say beside the place: never a key.
_ALLOWED: Final = {
    "s3": ("region", "endpoint_override", "scheme", "anonymous"),
    "gs": ("endpoint_override", "scheme", "anonymous"),
    "abfs": ("account_name", "blob_storage_authority", "blob_storage_scheme"),
}
#: Variables that say who asks; a separate process sees no others.
_KEYS: Final = (
    "AWS_",
    "GOOGLE_",
    "AZURE_",
    "SSL_CERT_",
    "HOME",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)
#: Code of a failure that no part of the address explains.
FAILED: Final = "store_failed"
_WHY: Final = {
    "ACCESS_DENIED": "access is denied",
    "HTTP response code 403": "access is denied",
    "HTTP status 403": "access is denied",
    "NO_SUCH_BUCKET": "there is no such bucket",
    "HTTP response code 404": "there is nothing there",
    "NETWORK_CONNECTION": "the store does not answer",
    "CURL": "the store does not answer",
    "Parquet magic bytes not found": "a part is no Parquet file",
    "Couldn't deserialize": "a part is damaged",
}


def keys_of_environment() -> dict[str, str]:
    """Take the variables that object stores ask for."""
    return {k: v for k, v in os.environ.items() if k.startswith(_KEYS)}


def file_system(scheme: str, choices: Mapping[str, str]) -> pafs.FileSystem:
    """Connect to an object store; who asks is told by the environment only.

    Raises
    ------
    InvalidChoice
        When the address says something that is not allowed there.
    """
    allowed = _ALLOWED[scheme]
    unknown = next((k for k in choices if k not in allowed), None)
    if unknown is not None:
        msg = tr(
            "The address of an object store may not say `{unknown}`. It may say {allowed}; keys and "
            "passwords come from environment variables.",
            unknown=unknown,
            allowed=", ".join(allowed),
        )
        raise InvalidChoice(msg)
    given: dict[str, Any] = dict(choices)
    if "anonymous" in given:
        given["anonymous"] = given["anonymous"].casefold() in {"1", "true", "yes"}
    makers = {"s3": pafs.S3FileSystem, "gs": pafs.GcsFileSystem, "abfs": pafs.AzureFileSystem}
    if scheme == "s3":
        given |= {"connect_timeout": 10, "request_timeout": 60}
    return makers[scheme](**given)


@contextmanager
def reached(address: str) -> Iterator[None]:
    """Say in one sentence what an object store answered."""
    import duckdb

    try:
        yield
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise
    except (pa.ArrowException, OSError, duckdb.Error) as error:
        said = str(error)
        why = next(
            (words for mark, words in _WHY.items() if mark in said),
            "it cannot be read: a part may be damaged",
        )
        msg = tr(
            "`{address}`: {why}. Check the address, and the keys in the environment.",
            address=address,
            why=why,
        )
        raise UnreadableFile(msg, code=FAILED) from None
