"""A Spark session of this program, and a table of files on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.data.portfolio.engines import FileEngine, FrameEngine
from rai_dash.data.portfolio.folders import folder_columns
from rai_dash.data.portfolio.opening import portfolio_of_files
from rai_dash.data.portfolio.places import Format, Place, find_place
from rai_dash.data.portfolio.portfolio import Portfolio
from rai_dash.data.portfolio.questions import Tally
from rai_dash.data.portfolio.spark_errors import said_plainly

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.types import StructType

#: All cores of this machine.
HERE: Final = "local[*]"
_SETTINGS: Final = {
    "spark.ui.enabled": "false",
    # Times are compared with those of other engines, which keep them in UTC.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


def spark_session(master: str | None = None, remote: str | None = None) -> SparkSession:
    """Start a Spark session, or take the one that runs.

    Parameters
    ----------
    master : str, optional
        Such as ``local[2]`` or ``yarn``; all cores of this machine when omitted.
    remote : str, optional
        Address of a Spark Connect server, ``sc://HOST:15002``.

    Raises
    ------
    InvalidChoice
        When PySpark is not installed, both are given, or Spark does not start.
    """
    if master is not None and remote is not None:
        msg = tr(
            "A Spark session has one address. Give a master or the address of a Spark Connect server, not "
            "both."
        )
        raise InvalidChoice(msg)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        msg = tr("Spark is not installed here. Install it with: pip install 'rai-dash[spark]'")
        raise InvalidChoice(msg, code="no_spark") from None
    builder = SparkSession.builder.appName("rai-dash")
    builder = builder.master(master or HERE) if remote is None else builder.remote(remote)
    if remote is None and (master or HERE).startswith("local"):
        # Else its workers take the first Python on the path, which may lack this package.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        for name, value in _SETTINGS.items():
            # A server keeps its own settings of the whole program; those of the session can be changed.
            if remote is None or name.startswith("spark.sql."):
                builder = builder.config(name, value)
        session: SparkSession = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        said = " ".join(str(error).split())[:200]
        msg = tr(
            "Spark does not start ({said}). Check the address, and that Java 17 or newer is installed.",
            said=said,
        )
        raise InvalidChoice(msg, code="no_spark") from error
    return session


def spark_portfolio(path: Path, session: SparkSession) -> Portfolio:
    """Open a Parquet file or folder that Spark counts.

    Parameters
    ----------
    path : Path
        Spark must find the files under the same path: they lie on this machine, or on a file system of the cluster.
    session : SparkSession
        See `spark_session`.

    Raises
    ------
    UnreadableFile, InvalidChoice
        As of `spark_frame`.
    """
    return portfolio_of_files(find_place(path), SparkFiles(find_place(path), spark_frame(session, path)))


def spark_frame(session: SparkSession, path: Path) -> DataFrame:
    """Open a Parquet file or folder as a table of Spark: the same files as here.

    Raises
    ------
    UnreadableFile
        When there is nothing there.
    InvalidChoice
        When it is no Parquet.
    """
    place = find_place(path)
    if place.format is not Format.PARQUET:
        msg = tr(
            "`{path}` is {format}. On Spark a table is Parquet; write it as that, or leave out --engine.",
            path=path.name,
            format=place.format,
        )
        raise InvalidChoice(msg)
    root = place.root if place.root.is_dir() else place.root.parent
    reader, paths = session.read.option("basePath", str(root)), [str(part) for part in place.paths]
    with said_plainly():
        frame = reader.parquet(*paths)
        if folders := folder_columns([part.name for part in place.parts]):
            # Spark by itself takes month=05 for the number 5, and day=2024-05-01 for a date.
            frame = reader.schema(_with_folders(frame, folders)).parquet(*paths)
    return frame


def _with_folders(frame: DataFrame, folders: Mapping[str, str]) -> StructType:
    """Give the columns in the names of folders the types that they have here."""
    from pyspark.sql import types

    kinds = {"BIGINT": types.LongType(), "DOUBLE": types.DoubleType(), "VARCHAR": types.StringType()}
    fields = [
        types.StructField(one.name, kinds[folders[one.name]] if one.name in folders else one.dataType)
        for one in frame.schema.fields
    ]
    return types.StructType(fields)


class SparkFiles(FileEngine):
    """Files that Spark counts, while single rows are read here: they have their place, so the sample is the same.

    Parameters
    ----------
    place : Place
        The files.
    frame : DataFrame of Spark
        The same files.
    """

    name = "spark"

    def __init__(self, place: Place, frame: DataFrame) -> None:
        super().__init__(place)
        self.frame = frame
        self._counted = FrameEngine(frame)

    def tally(self, question: Tally) -> pa.Table:
        """Answer a question."""
        with said_plainly():
            return self._counted.tally(question)
