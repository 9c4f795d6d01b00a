"""Models behind an address on the pages and on the command line, against a server of the tests over TLS."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rai_dash.case import Case, CaseModel
from rai_dash.casefile import pack, unpack
from rai_dash.core.errors import RaiError
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.models.client import load_model
from rai_dash.ui import state, upload
from tests.app.conftest import Open, table_case, texts
from tests.command import command
from tests.tls import Authority
from tests.unit.models.endpoint_service import (
    Service,
    applications,
    lists,
    log_odds,
    mlflow,
    prepare,
    serving,
    sigmoid,
)

FRAME = applications(120).assign(paid=["yes", "no", "yes"] * 40)
TRUTH = sigmoid(log_odds(FRAME))
ROLES = Roles(target="paid", favourable=("yes",), sensitive=("sex",))
Listing = Callable[..., str]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def service(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    prepare(monkeypatch)
    with serving(authority) as found:
        yield found
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def listed(service: Service, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Listing:
    def listing(**more: Any) -> str:
        endpoint = mlflow(service, authority, **{"name": "Loans *v7*", **more})
        lists(monkeypatch, endpoint)
        return str(endpoint["url"])

    return listing


@pytest.fixture
def case() -> Case:
    csv = FRAME.to_csv(index=False)
    made = table_case(csv, ROLES)
    return replace(made, id="case-endpoint", data=(replace(made.data[0], content=csv.encode()),))


def test_without_a_list_there_is_nothing_to_choose(open_page: Open, case: Case) -> None:
    at = open_page("start", case=case)
    assert "endpoint" not in [s.key for s in at.selectbox]


def test_a_listed_model_is_chosen_and_scores_the_table(
    open_page: Open, case: Case, listed: Listing, service: Service
) -> None:
    url = listed()
    at = open_page("start", case=case)
    assert [s.key for s in at.text_input if "https" in str(s.label)] == []
    at.selectbox(key="endpoint").select("Loans *v7*").run()
    at.button(key="use_endpoint").click().run()

    assert not at.exception
    shown = texts(at)
    assert "**Loans \\*v7\\***: behind an address \\(MLflow scoring\\), 4 columns" in shown
    assert "This case asked Loans \\*v7\\* for 124 of 1,000,000 rows, in 3 of 5,000 calls" in shown
    kept = state.store().get(case.id)
    assert kept is not None
    judged = kept.judge()
    assert judged.model is not None
    assert judged.model.model.content.startswith(b'{"rai_dash_endpoint"')
    assert (judged.score == TRUTH).all()
    assert url not in shown


def test_what_goes_wrong_is_one_sentence_and_no_model_is_added(
    open_page: Open, case: Case, listed: Listing, service: Service
) -> None:
    listed()
    service.instead = [(500, "text/plain", b"**Traceback** ![x](https://evil.example/x.png)")]
    at = open_page("start", case=case)
    at.selectbox(key="endpoint").select("Loans *v7*").run()
    service.instead = [(503, "text/html", b"![x](https://evil.example/x.png)")] * 3
    at.button(key="use_endpoint").click().run()

    assert not at.exception
    assert "is not available now" in texts(at)
    assert "evil" not in texts(at)
    kept = state.store().get(case.id)
    assert kept is not None
    assert kept.models == ()


@pytest.mark.parametrize("page", ["explain", "rebalance"])
def test_every_page_works_with_such_a_model(open_page: Open, case: Case, listed: Listing, page: str) -> None:
    at = open_page(page, case=_with_model(case, listed()))
    assert not at.exception, [e.value for e in at.exception]


def _with_model(case: Case, url: str) -> Case:
    model = load_model(url)
    model.owner = case.id
    return case.with_model(CaseModel(key="model", title="Loans", model=model, note=upload.BEHIND_ADDRESS))


def test_a_kept_case_opens_with_the_same_model_and_not_with_another_one(
    case: Case, listed: Listing, service: Service
) -> None:
    packed = pack(_with_model(case, listed()))

    again = unpack(packed, "other-id")
    assert (again.judge().score == TRUTH).all()
    service.bias = 0.3
    with pytest.raises(RaiError, match="not the same any more"):
        unpack(packed, "third-id")


def test_the_command_line_takes_a_listed_address_and_no_other(
    tmp_path: Path, listed: Listing, service: Service
) -> None:
    url = listed()
    FRAME.to_csv(tmp_path / "loans.csv", index=False)
    given = ["audit", tmp_path / "loans.csv", "--target", "paid", "--favourable", "yes", "--sensitive", "sex"]

    done = command(*given, "--model", url, "--json", tmp_path / "out.json")

    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["model"]["format"] == "endpoint"
    approved = [sum(TRUTH[(FRAME["sex"] == sex).to_numpy()] >= 0.5) for sex in ("f", "m")]
    rates = [found["groups"]["sex"][sex]["selection_rate"]["numerator"] for sex in ("f", "m")]
    np.testing.assert_array_equal(rates, approved)

    before = service.connections
    other = command(*given, "--model", url.replace("/invocations", "/x/invocations"))
    assert other.returncode == 2
    assert "not on the operator's list" in other.stderr
    assert service.connections == before
