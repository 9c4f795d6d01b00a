"""The command line says of a file what the browser says."""

from __future__ import annotations

import json
from functools import partial

import pytest

from rai_dash.core.errors import RaiError
from rai_dash.data.read import read_dataset
from rai_dash.inspection import inspect_file
from rai_dash.models.client import load_model
from tests.command import command
from tests.hostile.files import TABLES
from tests.hostile.hostile_file import params
from tests.hostile.model_parts import TABLE
from tests.hostile.models import MODELS

#: Refused after a look at the first bytes, by the review, and by the process that reads.
TABLE_NAMES = (
    "a row too long", "two encodings", "only a header", "a cell of 10 MB", "zip that promises little",
    "a way out of the folder", "two tables in a zip", "pickle of protocol 4", "log-in page saved as a table", ".ods",
    "ten billion laughs", "macros", "a far corner", "more rows than there are", "offsets outside the letters",
)  # fmt: skip
MODEL_NAMES = (
    "a child outside", "skops with os.system as a step", "an array cut off", "a tree that leads outside",
    "three classes", "UBJSON of 200,000 levels", "linear trees", "an endless loop", "a LightGBM regression",
    "pickle of protocol 2 as a model",
)  # fmt: skip
COMMANDS = ("a row too long", "more rows than there are", "ten billion laughs", "pickle of protocol 4")
MODEL_COMMANDS = ("a child outside", "skops with os.system as a step", "an endless loop", "three classes")


def named(files, names):
    """Return one file of each name."""
    found = {file.name: file for file in reversed(files)}
    return [found[name] for name in names]


def refusal(call, content):
    """Return code and message of a refusal."""
    with pytest.raises(RaiError) as caught:
        call(content)
    return {"code": caught.value.code, "message": caught.value.message}


@pytest.fixture
def saved(tmp_path):
    """Write a file of the collection under a name that says nothing."""

    def write(file):
        path = tmp_path / "upload"
        path.write_bytes(file.build())
        return path

    return write


@pytest.fixture
def run(repo):
    """Run the command."""
    return partial(command, cwd=repo)


def _one_line(done, message):
    assert done.returncode == 2
    assert done.stderr == " ".join(message.split()) + "\n"
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("file", params(named(TABLES, TABLE_NAMES)))
def test_inspect_refuses_a_table_in_the_words_of_the_browser(saved, file):
    path = saved(file)

    found = inspect_file(path)

    assert found.verdict == "refuse"
    assert found.messages == (
        refusal(read_dataset if found.kind == "data" else load_model, path.read_bytes()),
    )


@pytest.mark.parametrize("file", params(named(MODELS, MODEL_NAMES)))
def test_inspect_refuses_a_model_in_the_words_of_the_browser(saved, file):
    path = saved(file)

    found = inspect_file(path)

    assert (found.kind, found.verdict) == ("model", "refuse")
    assert found.messages == (refusal(load_model, path.read_bytes()),)


@pytest.mark.parametrize("file", params(named(TABLES, COMMANDS)))
def test_the_commands_refuse_a_table_in_one_line(saved, run, file):
    path = saved(file)
    as_model = file.danger == "code"
    message = refusal(load_model if as_model else read_dataset, path.read_bytes())["message"]

    inspected = run("inspect", path, "--json")
    audited = run("audit", path, "--target", "y", "--favourable", "1")

    assert (inspected.returncode, inspected.stderr) == (2, "")
    content = json.loads(inspected.stdout)
    assert (content["verdict"], [m["message"] for m in content["messages"]]) == ("refuse", [message])
    _one_line(audited, refusal(read_dataset, path.read_bytes())["message"])
    assert audited.stdout == ""


@pytest.mark.parametrize("file", params(named(MODELS, MODEL_COMMANDS)))
def test_the_commands_refuse_a_model_in_one_line(saved, run, tmp_path, file):
    path = saved(file)
    message = refusal(load_model, path.read_bytes())["message"]
    table = tmp_path / "table.csv"
    table.write_bytes(TABLE)

    inspected = run("inspect", path, "--json")
    audited = run("audit", table, "--target", "y", "--favourable", "1", "--model", path)

    assert (inspected.returncode, inspected.stderr) == (2, "")
    content = json.loads(inspected.stdout)
    assert (content["verdict"], [m["message"] for m in content["messages"]]) == ("refuse", [message])
    _one_line(audited, message)
    assert audited.stdout == ""
