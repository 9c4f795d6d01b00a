"""One Spark session for the folder, plain and over Spark Connect, on one Java process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from rai_dash.data.portfolio.opening import open_portfolio
from tests.engines.sampling import small_samples  # noqa: F401 - a fixture of this folder

_JAVA = 17
_SECONDS = 900


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give Spark the time that it takes beside other work; a slow test has that of its command."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and item.get_closest_marker("slow") is None:
            item.add_marker(pytest.mark.timeout(_SECONDS))


def _missing() -> str | None:
    """Say what Spark lacks here; None = nothing."""
    if find_spec("pyspark") is None:
        return "NO PYSPARK: the tests on Spark did not run. Install it with: pip install 'pyspark[connect]'."
    java = os.environ.get("JAVA_HOME", "")
    program = shutil.which(Path(java, "bin", "java") if java else "java")
    if program is None:
        return "NO JAVA: the tests on Spark did not run. Install Java 17 or newer, or set JAVA_HOME."
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
    version = told.partition('"')[2].partition(".")[0].partition('"')[0]
    if not version.isdigit() or int(version) < _JAVA:
        return f"NO JAVA {_JAVA}: the tests on Spark did not run. `{program} -version` says: {told.strip()[:80]}."
    return None


@pytest.fixture(scope="session")
def spark(tmp_path_factory) -> Iterator[Any]:
    """Start Spark once; its time zone is not UTC on purpose."""
    if (why := _missing()) is not None:
        pytest.skip(why)
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    quiet = folder / "log4j2.properties"
    quiet.write_text("rootLogger.level = error\nrootLogger.appenderRef.none.ref = none\n"
                     "appender.none.type = Null\nappender.none.name = none\n")  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "spark.driver.memory": "1g",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # Small tables: what plans and schedules takes longer than what counts.
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.session.timeZone": "America/New_York",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
    }
    # The workers that run our functions need Arrow too.
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").appName("tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.connect_port = port
    yield session
    session.stop()


@pytest.fixture(scope="session")
def connected(spark) -> Iterator[Any]:
    """Reach the same Spark through Spark Connect, as a cluster is reached from outside."""
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(f"sc://127.0.0.1:{spark.connect_port}").create()
    session.conf.set("spark.sql.session.timeZone", "America/New_York")
    # As Spark comes: with partitions that are brought together, and plans that change as it goes.
    session.conf.set("spark.sql.shuffle.partitions", "4")
    session.conf.set("spark.sql.adaptive.enabled", "true")
    yield session
    session.client.close()


@pytest.fixture(scope="session")
def frame_of(spark, tmp_path_factory) -> Callable[..., Any]:
    """Write an Arrow table as Parquet and open it as a frame of a session."""
    folder, numbers = tmp_path_factory.mktemp("frames"), count()

    def put(table, session=None):
        path = folder / f"{next(numbers)}.parquet"
        pq.write_table(table, path)
        return (session or spark).read.parquet(str(path))

    return put


@pytest.fixture(scope="session")
def portfolio_on(frame_of):
    """Put an Arrow table on Spark and open it."""
    return lambda table: open_portfolio(frame_of(table), name="table")
