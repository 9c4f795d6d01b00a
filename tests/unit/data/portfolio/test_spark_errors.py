"""What Spark says when it fails, in a sentence; no Spark is needed to read it."""

from __future__ import annotations

import pytest

from rai_dash.core.errors import InvalidChoice, UnreadableFile, WorkerFailed
from rai_dash.data.portfolio.spark_errors import plain_error

TRACE = """[PYTHON_EXCEPTION] An exception was thrown from the Python worker: Traceback (most recent call last):
  File "/app/rai_dash/models/rows.py", line 9, in score
    raise {error}
{error}: Text stands in `income`: leave it out.
 SQLSTATE: 38000"""


@pytest.mark.parametrize("kind", [InvalidChoice, UnreadableFile])
def test_an_error_of_ours_in_an_executor_comes_back_as_itself(kind):
    found = plain_error(TRACE.format(error=f"rai_dash.core.errors.{kind.__name__}"))

    assert type(found) is kind
    assert str(found) == "Text stands in `income`: leave it out."


@pytest.mark.parametrize("error", ["ValueError", "rai_dash.core.errors.Any", "rai_dash.core.errors.Gone"])
def test_every_other_error_is_one_short_sentence_of_spark(error):
    found = plain_error(TRACE.format(error=error) + "\n  more" * 1_000)

    assert (type(found), found.code) == (WorkerFailed, "spark_failed")
    assert str(found).startswith("Spark did not finish the work: [PYTHON_EXCEPTION] An exception was thrown")
    assert len(str(found)) < 400


def test_a_folder_that_is_there_already_is_named():
    found = plain_error("[PATH_ALREADY_EXISTS] Path file:/data/scores already exists.", "/data/scores")

    assert type(found) is InvalidChoice
    assert str(found).startswith("`/data/scores` is there already")
