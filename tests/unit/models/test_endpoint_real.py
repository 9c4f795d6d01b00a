"""The real MLServer and the real MLflow scoring server over TLS, where a Python has them.

    python3 -m venv servers && servers/bin/pip install mlserver mlserver-sklearn mlserver-mlflow mlflow
    RAI_DASH_TEST_MODEL_SERVERS=servers python -m pytest -m slow tests/unit/models/test_endpoint_real.py

Seen with MLServer 1.7.1 and MLflow 3.17.2: bad rows are a 500 in plain text that repeats them (MLServer) or a 400 in
JSON that does (MLflow); a description lists no version, the answer does; an output may have another name in it.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from contextlib import ExitStack, closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import numpy as np
import pytest

from rai_dash.core.errors import ModelUnreachable
from rai_dash.core.settings import get_settings
from rai_dash.explain.client import lime_values, shap_values
from rai_dash.models.client import load_model
from tests.tls import Authority, tls_in_front
from tests.unit.models.endpoint_service import applications, lists

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
FRAME = applications(1_500)
_PATIENCE_S = 180.0


@pytest.fixture(scope="module")
def python():
    """Folder of the programs of a Python that has both servers."""
    place = os.environ.get("RAI_DASH_TEST_MODEL_SERVERS", "")
    programs = Path(place).resolve() / "bin"
    if not place or not (programs / "mlserver").exists() or not (programs / "mlflow").exists():
        pytest.skip("NO MODEL SERVERS: set RAI_DASH_TEST_MODEL_SERVERS to a venv with mlserver and mlflow.")
    return programs


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def wait_for(port: int, path: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
                connection.request("GET", path)
                assert connection.getresponse().status == 200
        except (AssertionError, HTTPException, OSError):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.5)
        else:
            return


@pytest.fixture(scope="module")
def served(python, tmp_path_factory):
    """Both servers behind TLS: their ports, the authority, and what the models really say."""
    folder = tmp_path_factory.mktemp("served")
    FRAME.to_csv(folder / "loans.csv", index=False)
    env = {**os.environ, "PATH": f"{python}:{os.environ['PATH']}", "MLFLOW_MODELS_WORKERS": "1"}
    env.pop("PYTHONPATH", None)
    train = Path(__file__).with_name("endpoint_train.py")
    subprocess.run([python / "python", train, folder], check=True, env=env, cwd=folder, capture_output=True)
    http, grpc, metrics, scoring = (free_port() for _ in range(4))
    for name, settings in {
        "loans": {
            "implementation": "mlserver_mlflow.MLflowRuntime",
            "parameters": {"uri": str(folder / "model")},
        },
        "plain": {
            "implementation": "mlserver_sklearn.SKLearnModel",
            "parameters": {"uri": str(folder / "plain.joblib")},
            "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 3]}],
            "outputs": [{"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]}],
        },
    }.items():
        (folder / "served" / name).mkdir(parents=True)
        settings["parameters"]["version"] = "v7"
        (folder / "served" / name / "model-settings.json").write_text(json.dumps({"name": name, **settings}))
    own = {
        "host": "127.0.0.1",
        "http_port": http,
        "grpc_port": grpc,
        "metrics_port": metrics,
        "parallel_workers": 0,
    }
    (folder / "served" / "settings.json").write_text(json.dumps(own))
    commands = (
        [python / "mlserver", "start", folder / "served"],
        [python / "mlflow", "models", "serve", "-m", folder / "model", "-h", "127.0.0.1", "-p", str(scoring),
         "--env-manager", "local"],
    )  # fmt: skip
    authority = Authority.make(folder)
    context = authority.server_context("127.0.0.1")
    with ExitStack() as stack, (folder / "log").open("wb") as log:
        servers = []
        for command in commands:
            servers.append(
                subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log, start_new_session=True)
            )
            stack.callback(end, servers[-1])
        wait_for(http, "/v2/models/loans/ready", servers[0])
        wait_for(scoring, "/ping", servers[1])
        ports = [stack.enter_context(tls_in_front(context, port)) for port in (http, scoring)]
        yield ports, authority, json.loads((folder / "truth.json").read_text())


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server and the workers that it started."""
    os.killpg(server.pid, 15)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, 9)
        server.wait(20)


@pytest.fixture(params=["oip columns", "oip matrix", "mlflow"])
def case(request, served, monkeypatch):
    """A listed model and the probabilities that scikit-learn gave on the other side."""
    (oip, scoring), authority, truth = served
    common = {
        "name": "Loans",
        "ca_file": str(authority.file),
        "classes": ["bad", "good"],
        "favourable": "good",
    }
    whole = [{"name": n, "type": "integer"} for n in ("amount", "term")]
    listed = {
        "oip columns": {"url": f"https://127.0.0.1:{oip}/v2/models/loans/infer", "protocol": "oip"},
        "oip matrix": {
            "url": f"https://127.0.0.1:{oip}/v2/models/plain/infer", "protocol": "oip", "send": "matrix",
            "output": "predict_proba", "inputs": ["income", "amount", "term"],
        },
        "mlflow": {
            "url": f"https://127.0.0.1:{scoring}/invocations", "protocol": "mlflow",
            "inputs": ["income", *whole, {"name": "purpose", "type": "text"}],
        },
    }[request.param]  # fmt: skip
    lists(monkeypatch, {**common, **listed})
    yield load_model(listed["url"]), np.array(truth["plain" if request.param == "oip matrix" else "model"])
    monkeypatch.undo()
    get_settings.cache_clear()


def test_scores_are_those_of_scikit_learn_on_the_other_side(case):
    model, truth = case
    np.testing.assert_allclose(model.score(FRAME).scores, truth, rtol=0, atol=1e-15)
    assert model.account.calls == 4


def test_explanations_add_up_to_the_servers_own_answer(case):
    model, truth = case
    found = shap_values(model, FRAME[:2], FRAME[100:160], row_ids=[0, 1])
    for one, p in zip(found, truth, strict=False):
        assert one.exact
        assert one.additivity_error < 1e-9
        assert one.output == pytest.approx(np.log(p / (1 - p)), abs=1e-9)
    assert lime_values(model, FRAME[:1], FRAME[100:160], samples=500).model_prediction == pytest.approx(
        truth[0]
    )


def test_rows_that_the_server_refuses_are_one_sentence_without_the_rows(case):
    model, _ = case
    model._state.schema.inputs[0].__dict__["type"] = "text"
    with pytest.raises(ModelUnreachable, match=r"status (400|500)") as told:
        model.score(FRAME.assign(income="a lot 4711"))
    assert "4711" not in told.value.message
