"""What Spark fails at, said in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from rai_dash.core import errors
from rai_dash.core.errors import InvalidChoice, RaiError, WorkerFailed

_OURS: Final = "rai_dash.core.errors."


@contextmanager
def said_plainly(out: str = "") -> Iterator[None]:
    """Turn what Spark raises inside into one of our errors.

    Parameters
    ----------
    out : str
        The folder that Spark is to write, where it writes one.

    Raises
    ------
    RaiError
        The error of ours that an executor raised; `InvalidChoice` when ``out`` is there already; else `WorkerFailed`.
    """
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise plain_error(str(error), out) from error


def plain_error(said: str, out: str = "") -> RaiError:
    """Read what Spark says; an error of ours in an executor comes back as itself."""
    if "PATH_ALREADY_EXISTS" in said:
        return InvalidChoice(
            f"`{out}` is there already, and Spark writes new folders only. Choose another name."
        )
    for line in said.splitlines():
        name, colon, message = line.strip().removeprefix(_OURS).partition(": ")
        kind: Any = getattr(errors, name, None)
        if line.strip().startswith(_OURS) and colon and isinstance(kind, type) and issubclass(kind, RaiError):
            return kind(message)
    first = " ".join(said.split())[:300]
    return WorkerFailed(
        f"Spark did not finish the work: {first}. Its own log says more.", code="spark_failed"
    )
