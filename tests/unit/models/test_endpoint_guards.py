"""The line to a model behind an address: no other host, no other certificate, no endless answer, no secret told."""

from __future__ import annotations

import json
import socket
import ssl
from contextlib import suppress
from ipaddress import ip_address

import pytest

from rai_dash.core.errors import InvalidChoice, ModelUnreachable
from rai_dash.core.settings import get_settings
from rai_dash.models.client import load_model
from rai_dash.models.endpoint import wire
from rai_dash.models.endpoint.addresses import is_public
from tests.tls import HOST, Authority, tls_server
from tests.unit.models.endpoint_service import applications, lists, mlflow, prepare, serving

FRAME = applications(20)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def names(monkeypatch):
    yield prepare(monkeypatch)
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def service(authority, names):
    with serving(authority) as found:
        yield found


def refused(url: str, code: str) -> str:
    with pytest.raises(ModelUnreachable) as told:
        load_model(url)
    assert told.value.code == code
    return told.value.message


# --- the list ---


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url + "/",
        lambda url: url + "?a=1",
        lambda url: url.replace("https", "http"),
        lambda url: url.replace("https", "HTTPS"),
        lambda url: url.replace(HOST, HOST.upper()),
        lambda url: url.replace(HOST, f"user@{HOST}"),
        lambda url: url.replace(HOST, f"{HOST}."),
        lambda url: url.replace("/invocations", "/./invocations"),
        lambda url: url.replace("/invocations", "/%69nvocations"),
        lambda url: url.replace(HOST, "169.254.169.254"),
    ],
)
def test_an_address_that_is_not_listed_letter_by_letter_is_not_even_looked_up(
    service, authority, names, monkeypatch, change
):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)

    with pytest.raises(InvalidChoice, match="not on the operator's list") as told:
        load_model(change(endpoint["url"]))

    assert told.value.code == "endpoint_not_listed"
    assert (names.asked, service.connections) == ([], 0)


def test_nothing_is_listed_unless_the_operator_says_so():
    assert get_settings().model_endpoints == ()
    with pytest.raises(InvalidChoice, match="not on the operator's list"):
        load_model(f"https://{HOST}/invocations")


def test_a_path_that_lost_a_slash_is_the_same_address(service, authority, monkeypatch, tmp_path):
    """As the command line hands it over."""
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    assert load_model(type(tmp_path)(endpoint["url"])).info.format == "endpoint"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"url": "http://a.example/invocations"}, "no exact address"),
        ({"url": "https://u:p@a.example/invocations"}, "no exact address"),
        ({"url": "https://A.example/invocations"}, "no exact address"),
        ({"url": "https://a.example:99999/invocations"}, "no exact address"),
        ({"url": "https://a.example/x/../invocations"}, "no exact address"),
        ({"url": "https://a.example//invocations"}, "no exact address"),
        ({"url": "https://a.example/invocations?token=1"}, "no exact address"),
        ({"url": "https://a.example/other"}, "has to end in `/invocations`"),
        ({"inputs": []}, "list its inputs"),
        ({"inputs": ["a", "a"]}, "stands there twice"),
        ({"classes": ["a", "a"]}, "classes are the same"),
        ({"favourable": "x"}, "`x` is not one of its classes"),
        ({"one_column_is": "x"}, "`x` is not one of its classes"),
        ({"send": "matrix"}, "only oip knows a matrix"),
        ({"probe": [[1, 2]]}, "another number of values"),
        ({"timeout_s": 11}, "timeout_s"),
        ({"addresses": ["intranet"]}, "addresses"),
        ({"ca_file": "/nowhere.pem"}, "ca_file"),
        ({"token": "abc"}, "token"),
        ({"header": "X\r\nEvil"}, "header"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_by_name(monkeypatch, changes, words):
    endpoint = {"url": "https://a.example/invocations", "protocol": "mlflow", "name": "M", "inputs": ["a"]}
    lists(monkeypatch, {**endpoint, **changes})
    with pytest.raises(InvalidChoice, match=words) as told:
        get_settings()
    assert "RAI_DASH_MODEL_ENDPOINTS" in told.value.message


def test_two_of_one_name_are_refused(monkeypatch):
    endpoint = {"url": "https://a.example/invocations", "protocol": "mlflow", "name": "M", "inputs": ["a"]}
    lists(monkeypatch, endpoint, {**endpoint, "url": "https://b.example/invocations"})
    with pytest.raises(InvalidChoice, match="the name `M` stands there twice"):
        get_settings()


# --- where a name may lead ---

INSIDE = [
    *(
        "127.0.0.1",
        "127.9.9.9",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.1.2.3",
    ),
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.192", "168.63.129.16"),
    *("192.88.99.1", "::ffff:8.8.8.8"),
    *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "fec0::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::"),
    *("::7f00:1", "64:ff9b:1::a00:1", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_inside_is_taken_for_a_public_one(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"]]
)
def test_a_name_that_leads_inside_is_refused_before_it_is_called(
    service, authority, names, monkeypatch, found
):
    endpoint = mlflow(service, authority, addresses=[])
    lists(monkeypatch, endpoint)
    names.answers[HOST] = [found]

    message = refused(endpoint["url"], "endpoint_private_address")

    assert service.connections == 0
    assert not any(a in message for a in found)


def test_a_private_address_is_allowed_only_as_written_down(service, authority, names, monkeypatch):
    endpoint = mlflow(service, authority, addresses=["127.0.0.1"])
    lists(monkeypatch, endpoint)
    assert load_model(endpoint["url"]).info.format == "endpoint"
    names.answers[HOST] = [["127.0.0.2"]]
    refused(endpoint["url"], "endpoint_private_address")


def test_an_address_in_place_of_a_name_is_written_down(authority, names, monkeypatch):
    with serving(authority, "127.0.0.1") as service:
        endpoint = {
            **mlflow(service, authority, addresses=[]),
            "url": f"https://127.0.0.1:{service.port}/invocations",
        }
        lists(monkeypatch, endpoint)
        assert len(load_model(endpoint["url"]).score(FRAME).scores) == 20


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(
    service, authority, names, monkeypatch
):
    """DNS rebinding: the second answer leads elsewhere; there is no second question within a line."""
    endpoint = mlflow(service, authority, batch_rows=5)
    lists(monkeypatch, endpoint)
    names.answers[HOST] = [["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]]

    model = load_model(endpoint["url"])
    assert names.asked == [HOST]
    model.score(FRAME)  # four calls, one line
    assert names.asked == [HOST, HOST]

    with pytest.raises(ModelUnreachable) as told:
        model.score(applications(3, seed=5))
    assert told.value.code == "endpoint_private_address"


def test_an_unknown_name_is_one_sentence(service, authority, monkeypatch, names):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    del names.answers[HOST]
    assert "is not known" in refused(endpoint["url"], "endpoint_unknown_host")


def test_no_proxy_of_the_environment_is_used(service, authority, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    assert load_model(endpoint["url"]).info.format == "endpoint"


# --- certificates ---


@pytest.mark.parametrize(
    ("server", "changes", "why"),
    [
        ({"names": ["other.bank.test"]}, {}, "Hostname mismatch"),
        ({"days": -1}, {}, "expired"),
        ({}, {"ca_file": None}, "unable to get local issuer"),
    ],
    ids=["other name", "expired", "unknown authority"],
)
def test_a_wrong_certificate_stops_before_anything_is_sent(
    *, authority, names, monkeypatch, server, changes, why
):
    with serving(authority, *server.get("names", [HOST]), days=server.get("days", 30)) as service:
        endpoint = {**mlflow(service, authority), **changes}
        lists(monkeypatch, endpoint)

        message = refused(endpoint["url"], "endpoint_certificate")

        assert why in message
        assert "Nothing was sent" in message
        assert service.headers == []


def test_the_certificate_has_to_be_of_the_operators_own_authority(authority, names, monkeypatch, tmp_path):
    other = Authority.make(tmp_path)
    with serving(other) as service:
        endpoint = mlflow(service, authority)
        lists(monkeypatch, endpoint)
        refused(endpoint["url"], "endpoint_certificate")


def test_no_key_of_a_connection_is_written_where_the_environment_says(
    service, authority, monkeypatch, tmp_path
):
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    load_model(endpoint["url"])
    assert not (tmp_path / "keys").exists()


# --- hostile servers ---


def answering(authority, serve):
    """Serve raw bytes over TLS."""
    return tls_server(authority.server_context(HOST), serve)


def read_question(sock: ssl.SSLSocket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += sock.recv(4096)
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = head.partition(b"\r\n\r\n")[2]
    while len(body) < length:
        body += sock.recv(4096)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class At:
    """What `mlflow` wants to know of a server."""

    def __init__(self, port: int) -> None:
        self.port = port


@pytest.mark.parametrize(
    "begin", [HEAD + b"Content-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["body", "head"]
)
def test_an_answer_that_drips_ends_when_its_time_is_over(authority, names, monkeypatch, begin):
    def serve(sock):
        read_question(sock)
        sock.sendall(begin)
        for _ in range(600):
            sock.sendall(b" ")
            sock.settimeout(0.05)
            with suppress(TimeoutError):
                if not sock.recv(1):
                    return

    with answering(authority, serve) as port:
        endpoint = mlflow(At(port), authority, timeout_s=0.2)
        lists(monkeypatch, endpoint)
        assert "within 0.2 seconds" in refused(endpoint["url"], "endpoint_timeout")


def test_a_server_that_never_greets_ends_when_its_time_is_over(authority, names, monkeypatch):
    listener = socket.create_server(("127.0.0.1", 0))
    try:
        endpoint = mlflow(At(listener.getsockname()[1]), authority, timeout_s=0.2)
        lists(monkeypatch, endpoint)
        refused(endpoint["url"], "endpoint_timeout")
    finally:
        listener.close()


def test_an_answer_that_says_it_is_huge_is_not_read(authority, names, monkeypatch):
    def serve(sock):
        read_question(sock)
        sock.sendall(HEAD + b"Content-Length: 67108865\r\n\r\n")

    with answering(authority, serve) as port:
        endpoint = mlflow(At(port), authority)
        lists(monkeypatch, endpoint)
        assert "more than 64 MB" in refused(endpoint["url"], "endpoint_too_long")


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_without_end_is_cut_off(authority, names, monkeypatch, chunked):
    monkeypatch.setattr(wire, "MOST_BYTES", 2**20)
    sent = []

    def serve(sock):
        read_question(sock)
        sock.sendall(
            HEAD + (b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Connection: close\r\n\r\n")
        )
        piece = b" " * 65_536
        while True:
            sock.sendall(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            sent.append(len(piece))

    with answering(authority, serve) as port:
        endpoint = mlflow(At(port), authority)
        lists(monkeypatch, endpoint)
        refused(endpoint["url"], "endpoint_too_long")
    assert sum(sent) < 16 * 2**20


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 100\r\n\r\n{",
        b"",
        b"\x00\xff nonsense\r\n\r\n",
        HEAD.replace(b"1.1", b"9.9") + b"\r\n{}",
        HEAD + b"".join(b"X-%d: 1\r\n" % i for i in range(200)) + b"\r\n{}",
    ],
    ids=["broken off", "nothing", "no HTTP", "no such HTTP", "endless head"],
)
def test_what_is_no_answer_is_tried_again_and_then_one_sentence(authority, names, monkeypatch, answer):
    tries = []

    def serve(sock):
        read_question(sock)
        tries.append(1)
        sock.sendall(answer)

    with answering(authority, serve) as port:
        endpoint = mlflow(At(port), authority)
        lists(monkeypatch, endpoint)
        assert "cannot be reached" in refused(endpoint["url"], "endpoint_down")
    assert len(tries) == 3


def test_packed_answers_are_not_unpacked(authority, names, monkeypatch):
    def serve(sock):
        read_question(sock)
        sock.sendall(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")

    with answering(authority, serve) as port:
        endpoint = mlflow(At(port), authority)
        lists(monkeypatch, endpoint)
        refused(endpoint["url"], "endpoint_not_json")


def test_nobody_there_is_one_sentence(service, authority, names, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    endpoint = mlflow(At(port), authority)
    lists(monkeypatch, endpoint)
    assert "cannot be reached" in refused(endpoint["url"], "endpoint_down")


# --- the secret ---


@pytest.mark.parametrize(
    ("header", "sent"), [("Authorization", "Bearer s3cr3t-t0ken"), ("X-Api-Key", "s3cr3t-t0ken")]
)
def test_the_secret_comes_from_its_file_and_is_told_to_nobody_else(
    *, service, authority, monkeypatch, tmp_path, caplog, header, sent
):
    (tmp_path / "token").write_text("s3cr3t-t0ken\n")
    endpoint = mlflow(service, authority, token_file=str(tmp_path / "token"), header=header)
    lists(monkeypatch, endpoint)
    with caplog.at_level("DEBUG"):
        model = load_model(endpoint["url"])
        model.score(FRAME)
        service.instead = [(401, "application/json", b"{}")]
        with pytest.raises(ModelUnreachable) as told:
            model.score(applications(3, seed=8))

    assert service.headers[0][header] == sent
    shown = told.value.message + caplog.text + json.dumps(repr(model.endpoint)) + model.content.decode()
    assert "s3cr3t" not in shown


@pytest.mark.parametrize("content", [b"", b"a\nb", b"\xff\xfe", b"x" * 20_000, None])
def test_a_secret_that_cannot_be_one_is_said_before_a_call(
    service, authority, monkeypatch, tmp_path, content
):
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    endpoint = mlflow(service, authority, token_file=str(tmp_path / "token"))
    lists(monkeypatch, endpoint)
    refused(endpoint["url"], "endpoint_secret")
    assert service.connections == 0
