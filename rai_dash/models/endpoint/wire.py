"""The line to a model behind an address: HTTPS to the address that was checked, and nowhere else.

No redirect is followed, no proxy is taken from the environment, an answer has ten seconds in all and 64 MB, and has to
be JSON. Nothing of an answer that is no result is shown or logged: servers repeat the rows they were sent in it.
"""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from typing import Any, Final, Self, cast

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable
from rai_dash.core.texts import tr
from rai_dash.models.endpoint.addresses import resolve
from rai_dash.models.endpoint.secrets import token_headers

MOST_BYTES: Final = 64 * 2**20
_PIECE: Final = 64 * 2**10
#: Waits before another try, in seconds. A server that is starting or overloaded says 502, 503 or 504.
BACKOFF_S: Final = (0.5, 2.0)
_TRY_AGAIN: Final = frozenset({502, 503, 504})
_OK: Final = 200
Sleep = Callable[[float], None]


class _Retry(Exception):
    """An answer, or none, after which another try makes sense; holds the sentence for the last one."""

    def __init__(self, error: ModelUnreachable) -> None:
        super().__init__(error.message)
        self.error = error


class _TimedSocket(ssl.SSLSocket):
    """A socket with one end of time for all that is sent and received, however slowly it drips."""

    deadline: float | None = None

    def _hurry(self) -> None:
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.settimeout(left)

    def recv_into(self, *args: Any, **named: Any) -> int:
        """Receive, within the time that is left."""
        self._hurry()
        return super().recv_into(*args, **named)

    def send(self, *args: Any, **named: Any) -> int:
        """Send, within the time that is left."""
        self._hurry()
        return super().send(*args, **named)


class _Connection(HTTPSConnection):
    """A connection to one of the addresses that were checked; the certificate is checked for the host's name."""

    def __init__(self, endpoint: Endpoint, addresses: tuple[str, ...], context: ssl.SSLContext) -> None:
        super().__init__(endpoint.host, endpoint.port, timeout=endpoint.timeout_s, context=context)
        self._addresses = addresses
        self._tls = context
        self.deadline = 0.0

    def connect(self) -> None:
        """Connect to the first address that answers; the name is not looked up again."""
        raw = self._reach()
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock = cast(
                "_TimedSocket",
                self._tls.wrap_socket(raw, server_hostname=self.host, do_handshake_on_connect=False),
            )
        except BaseException:
            raw.close()
            raise
        self.sock = sock
        self.hurry(self.deadline)
        sock.settimeout(max(self.deadline - time.monotonic(), 0.001))
        sock.do_handshake()

    def _reach(self) -> socket.socket:
        last: OSError = TimeoutError()
        for address in self._addresses:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            try:
                return socket.create_connection((address, self.port), timeout=left)
            except OSError as error:
                last = error
        raise last

    def hurry(self, deadline: float) -> None:
        """Set the end of time of the call that is made now."""
        self.deadline = deadline
        if self.sock is not None:
            cast("_TimedSocket", self.sock).deadline = deadline


def tls_of(endpoint: Endpoint) -> ssl.SSLContext:
    """Set up the check of certificates: the system's authorities, or only the operator's own.

    Raises
    ------
    ModelUnreachable
        When the file of certificates cannot be read.
    """
    # Not create_default_context: it writes the keys of the connection to a file that the environment names.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TimedSocket
    if endpoint.ca_file is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        return context
    try:
        context.load_verify_locations(cafile=endpoint.ca_file)
    except (OSError, ssl.SSLError) as error:
        msg = tr(
            "The certificates for the model `{endpoint}` cannot be read. Tell the operator: ca_file.",
            endpoint=endpoint.name,
        )
        raise ModelUnreachable(msg, code="endpoint_certificate") from error
    return context


class Line:
    """Calls to one endpoint over one connection; the host is looked up once, when the line is opened.

    Parameters
    ----------
    endpoint : Endpoint
        From the operator's list.
    sleep : callable
        Waits so many seconds.
    """

    def __init__(self, endpoint: Endpoint, *, sleep: Sleep = time.sleep) -> None:
        self._endpoint = endpoint
        self._sleep = sleep
        addresses = resolve(endpoint, endpoint.timeout_s)
        self._headers = token_headers(endpoint)
        self._connection = _Connection(endpoint, addresses, tls_of(endpoint))

    def __enter__(self) -> Self:
        """Use as a context: the connection ends with the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the connection."""
        self._connection.close()

    def get(self, path: str) -> Any:
        """Ask for a JSON document of the same host."""
        return self._ask("GET", path, None, lambda: None)

    def post(self, payload: Mapping[str, Any], on_try: Callable[[], None]) -> Any:
        """Send a question to the listed address and return the answer.

        Parameters
        ----------
        payload : mapping
            Plain values; no NaN.
        on_try : callable
            Called before each try; may refuse.

        Raises
        ------
        ModelUnreachable
            In one plain sentence; nothing the server wrote is in it.
        """
        body = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
        return self._ask("POST", self._endpoint.path, body, on_try)

    def _ask(self, method: str, path: str, body: bytes | None, on_try: Callable[[], None]) -> Any:
        for wait in (*BACKOFF_S, None):
            on_try()
            try:
                return self._once(method, path, body)
            except _Retry as again:
                if wait is None:
                    raise again.error from again.__cause__
            self._sleep(wait)
        raise AssertionError  # the last round returns or raises

    def _once(self, method: str, path: str, body: bytes | None) -> Any:
        """Make one call; whatever goes wrong, the connection is not used again."""
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", **self._headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection = self._connection
        connection.hurry(time.monotonic() + self._endpoint.timeout_s)
        try:
            connection.request(method, path, body=body, headers=headers)
            # Without this, an answer that is not read to its end would keep the connection open.
            with connection.getresponse() as answer:
                raw = self._checked(answer)
        except BaseException as error:
            connection.close()
            told = self._told(error)
            if told is None:
                raise
            raise told from error
        return self._parsed(raw)

    def _told(self, error: BaseException) -> Exception | None:
        """Put a failure into words; None = not one of the line."""
        endpoint = self._endpoint
        if isinstance(error, TimeoutError):
            what = f"did not answer within {endpoint.timeout_s:g} seconds. Try again later, or ask for fewer rows"
            return failed(endpoint, "timeout", f"{what} a call (batch_rows)")
        if isinstance(error, ssl.SSLCertVerificationError):
            why = error.verify_message.rstrip(".")
            return failed(
                endpoint,
                "certificate",
                f"has a certificate that is not valid here ({why}). Nothing was sent. Tell the operator",
            )
        if isinstance(error, HTTPException | OSError):
            return _Retry(
                failed(
                    endpoint,
                    "down",
                    "cannot be reached: the connection failed or broke off. Try again later",
                )
            )
        return None

    def _checked(self, answer: HTTPResponse) -> bytes:
        """Check status and kind of an answer, and read it up to the limit."""
        endpoint, status = self._endpoint, answer.status
        if status in _TRY_AGAIN:
            raise _Retry(
                failed(
                    endpoint,
                    "down",
                    tr("is not available now (status {status}). Try again later", status=status),
                )
            )
        if status != _OK:
            raise _refusal(endpoint, status)
        kind = answer.headers.get_content_type()
        if kind != "application/json" or answer.headers.get("Content-Encoding", "identity") != "identity":
            raise failed(
                endpoint, "not_json", tr("answered something else than plain JSON. Check the address")
            )
        pieces, size = [], answer.length or 0
        if size <= MOST_BYTES:
            size = 0
            while size <= MOST_BYTES and (piece := answer.read(_PIECE)):
                size += len(piece)
                pieces.append(piece)
        if size > MOST_BYTES:
            limit = MOST_BYTES // 2**20
            what = f"answered more than {limit} MB. Ask for fewer rows a call (batch_rows)"
            raise failed(endpoint, "too_long", what)
        if answer.length:  # the connection broke off
            raise IncompleteRead(b"".join(pieces), answer.length)
        return b"".join(pieces)

    def _parsed(self, raw: bytes) -> Any:
        try:
            return json.loads(raw)
        except (ValueError, RecursionError) as error:
            what = "answered JSON that is damaged. Try again"
            raise failed(self._endpoint, "not_json", what) from error


def failed(endpoint: Endpoint, code: str, what: str) -> ModelUnreachable:
    """Say what went wrong with a call; nothing that the server wrote is in it."""
    return ModelUnreachable(f"The model `{endpoint.name}` {what}.", code=f"endpoint_{code}")


def _refusal(endpoint: Endpoint, status: int) -> ModelUnreachable:
    if 300 <= status < 400:
        what = f"sends callers on to another address (status {status}), which is not followed"
        return failed(endpoint, "redirect", f"{what}. The operator has to list the other address")
    known = _REFUSED.get(status, _REFUSED[500 if status >= 500 else 400])
    return failed(endpoint, "refused", known.format(status=status))


_REFUSED: Final[Mapping[int, str]] = {
    400: (
        "refused the rows (status {status}): its columns, their types or blanks may be others than those of the table. "
        "Compare them with the model's own description"
    ),
    401: "refused this app (status {status}): the secret is missing, wrong or too old. Tell the operator: token_file",
    403: "refused this app (status {status}): it may not ask this model. Tell the operator: token_file",
    404: "is not at its address any more (status {status}). Tell the operator",
    413: "finds the question too long (status {status}). Ask for fewer rows a call (batch_rows)",
    500: (
        "failed on the rows (status {status}): often its columns, their types or blanks are others than those of the "
        "table. Compare them with the model's own description"
    ),
    429: "was asked too often (status {status}). Try again later",
}
