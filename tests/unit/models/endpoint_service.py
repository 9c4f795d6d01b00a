"""Servers of both protocols, over TLS, as strict as the real ones were seen to be, and hostile ones.

MLServer 1.7.1 (OIP) and `mlflow models serve` 3.17 (scoring) were asked the same; ``test_endpoint_real.py`` asks them
again where they are installed.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import numpy as np
import pandas as pd

from rai_dash.core.settings import get_settings
from rai_dash.models.endpoint import addresses, wire
from tests.tls import HOST, Authority, tls_server

NUMBERS = ("income", "amount", "term")
WEIGHTS = np.array([0.00004, -0.00008, -0.01])
PURPOSE = {"car": 0.0, "home": 0.7, "Möbel": -0.4}
TYPES = {"income": "FP64", "amount": "INT64", "term": "INT64", "purpose": "BYTES"}
Reply = tuple[int, str, bytes]


def log_odds(frame: pd.DataFrame) -> np.ndarray:
    """What the model behind the address computes; a blank income counts as 20,000."""
    numbers = frame[list(NUMBERS)].to_numpy(dtype=float, copy=True)
    numbers[:, 0] = np.where(np.isnan(numbers[:, 0]), 20_000.0, numbers[:, 0])
    return numbers @ WEIGHTS + frame["purpose"].map(PURPOSE).fillna(0.0).to_numpy()


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-x))


def applications(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": np.round(rng.lognormal(10, 0.4, n), 2),
            "amount": rng.integers(500, 20_000, n),
            "term": rng.choice([12, 24, 36], n),
            "purpose": rng.choice(list(PURPOSE), n),
            "sex": rng.choice(["f", "m"], n),
        }
    )


@dataclass
class Service:
    """A model server: what it was asked, and how it answers. ``bias`` makes it another model."""

    url: str = ""
    port: int = 0
    bias: float = 0.0
    version: str = "v1"
    #: Whether the signature of MLflow's model says `long` for amount and term, or `double`.
    is_whole: bool = True
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    rows: int = 0
    #: Answers in place of the model, the next first; None = the model.
    instead: list[Callable[[Service, pd.DataFrame], Reply | None] | Reply] = field(default_factory=list)
    #: Changes what the model would have answered.
    bend: Callable[[dict[str, Any]], Any] = lambda reply: reply

    def probabilities(self, frame: pd.DataFrame) -> list[list[float]]:
        good = sigmoid(log_odds(frame) + self.bias)
        return np.column_stack([1.0 - good, good]).tolist()

    def post(self, path: str, body: bytes) -> Reply:
        question = json.loads(body)
        self.asked.append(question)
        frame = self._mlflow(question) if path.endswith("/invocations") else self._oip(path, question)
        if isinstance(frame, tuple):
            return frame
        self.rows += len(frame)
        if self.instead:
            chosen = self.instead.pop(0)
            told = chosen(self, frame) if callable(chosen) else chosen
            if told is not None:
                return told
        pairs = self.probabilities(frame)
        if path.endswith("/invocations"):
            return _json(self.bend({"predictions": pairs}))
        flat = [p for pair in pairs for p in pair]
        tensor = {"name": "output-1", "shape": [len(frame), 2], "datatype": "FP64", "data": flat}
        tensor["parameters"] = {"content_type": "np"}
        reply = {"model_name": "loans", "model_version": self.version, "id": "1", "parameters": {}}
        return _json(self.bend({**reply, "outputs": [tensor]}))

    def get(self, path: str) -> Reply:
        if path != "/v2/models/loans":
            return _json({"error": "Model not found"}, 404)
        inputs = [{"name": n, "datatype": t, "shape": [-1, 1]} for n, t in TYPES.items()]
        outputs = [{"name": "output-0", "datatype": "FP64", "shape": [-1, 2]}]
        return _json({"name": "loans", "versions": [], "platform": "", "inputs": inputs, "outputs": outputs})

    def _oip(self, path: str, question: dict[str, Any]) -> pd.DataFrame | Reply:
        """Take one tensor a column, as MLServer's pandas codec does; else a traceback that repeats the rows."""
        tensors = question.get("inputs", [])
        fits = path == "/v2/models/loans/infer" and set(question) <= {"inputs", "outputs", "parameters"}
        fits = fits and [t["name"] for t in tensors] == list(TYPES)
        for t in tensors:
            n = len(t["data"])
            fits = fits and t["datatype"] == TYPES[t["name"]] and t["shape"] == [n, 1]
            whole = all(type(v) is int for v in t["data"])
            texts = all(v is None or type(v) is str for v in t["data"])
            fits = fits and {"INT64": whole, "BYTES": texts}.get(t["datatype"], True)
        if not fits:
            return (
                500,
                "text/plain; charset=utf-8",
                b"Traceback: secret rows " + json.dumps(question).encode(),
            )
        return pd.DataFrame({t["name"]: t["data"] for t in tensors})

    def _mlflow(self, question: dict[str, Any]) -> pd.DataFrame | Reply:
        """Take ``dataframe_split`` with the columns of the signature; a blank in a whole number is refused."""
        split = question.get("dataframe_split", {})
        frame = pd.DataFrame(split.get("data"), columns=split.get("columns"))
        whole = frame.get(["amount", "term"] if self.is_whole else [])
        if (
            list(frame) != list(TYPES)
            or whole.isna().any(axis=None)
            or (whole != whole.astype(int)).any(axis=None)
        ):
            return _json({"error_code": "BAD_REQUEST", "message": f"Failed to predict data {frame}"}, 400)
        return frame


def _json(content: Any, status: int = 200) -> Reply:
    return status, "application/json", json.dumps(content).encode()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece

        def _send(self, reply: Reply) -> None:
            status, kind, body = reply
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", "https://169.254.169.254/latest/meta-data")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            service.headers.append(dict(self.headers))
            self._send(service.post(self.path, self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self._send(service.get(self.path))

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def serving(authority: Authority, *names: str, days: int = 30) -> Iterator[Service]:
    """Serve a model over TLS as ``names``."""
    service = Service()

    def serve(sock: socket.socket) -> None:
        service.connections += 1
        with suppress(OSError):
            _handler(service)(sock, ("client", 0), None)  # type: ignore[arg-type] # there is no server object

    with tls_server(authority.server_context(*(names or (HOST,)), days=days), serve) as port:
        service.port = port
        yield service


class Names:
    """A name server of the tests: what a host's addresses are, answer by answer, and who asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[list[str]]] = {HOST: [["127.0.0.1"]]}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def getaddrinfo(self, host: str, port: int, *args: Any, **named: Any) -> Any:
        if host not in self.answers:
            if not host.replace(".", "").replace(":", "").isalnum() or host[0].isalpha():
                raise socket.gaierror(-2, "Name or service not known")
            return self._real(host, port, *args, **named)
        self.asked.append(host)
        left = self.answers[host]
        found = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


def prepare(monkeypatch: Any) -> Names:
    """Answer lookups by the tests' own list, and do not wait between tries."""
    names = Names()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", names.getaddrinfo)
    monkeypatch.setattr(wire, "BACKOFF_S", (0.0, 0.0))
    return names


def lists(monkeypatch: Any, *endpoints: dict[str, Any]) -> None:
    """Let the operator list these."""
    monkeypatch.setenv("RAI_DASH_MODEL_ENDPOINTS", json.dumps(endpoints))
    get_settings.cache_clear()


def oip(service: Service, authority: Authority, **more: Any) -> dict[str, Any]:
    url = f"https://{HOST}:{service.port}/v2/models/loans/infer"
    probe = [[20_000.0, 3_000, 12, "car"], [9_000.5, 9_000, 36, "home"]]
    return {
        "url": url, "protocol": "oip", "name": "Loans", "ca_file": str(authority.file), "addresses": ["127.0.0.1"],
        "classes": ["bad", "good"], "favourable": "good", "inputs": list(TYPES), "probe": probe, **more,
    }  # fmt: skip


def mlflow(service: Service, authority: Authority, **more: Any) -> dict[str, Any]:
    inputs: list[Any] = ["income", *({"name": n, "type": "integer"} for n in ("amount", "term"))]
    inputs.append({"name": "purpose", "type": "text", "categories": list(PURPOSE)})
    url = f"https://{HOST}:{service.port}/invocations"
    return {
        "url": url, "protocol": "mlflow", "name": "Loans", "ca_file": str(authority.file), "addresses": ["127.0.0.1"],
        "classes": ["bad", "good"], "favourable": "good", "inputs": inputs, **more,
    }  # fmt: skip
