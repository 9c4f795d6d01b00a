"""Models behind an address: both protocols, budget, cache, and one sentence for each failure."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rai_dash.core import events
from rai_dash.core.errors import (
    Cancelled,
    InvalidChoice,
    MissingColumn,
    ModelUnreachable,
    RefusedModel,
    UnsupportedModel,
)
from rai_dash.core.settings import get_settings
from rai_dash.models.client import load_model
from rai_dash.models.endpoint import asking
from rai_dash.models.refit import train_again
from tests.tls import Authority
from tests.unit.models.endpoint_service import (
    TYPES,
    applications,
    lists,
    log_odds,
    mlflow,
    oip,
    prepare,
    serving,
    sigmoid,
)

FRAME = applications(250)
TRUTH = sigmoid(log_odds(FRAME))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def service(authority, monkeypatch):
    prepare(monkeypatch)
    with serving(authority) as found:
        yield found
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture(params=[oip, mlflow], ids=["oip", "mlflow"])
def listed(request, service, authority, monkeypatch):
    """The address of a listed model, by protocol; ``more`` goes into the operator's list."""

    def listing(**more):
        endpoint = request.param(service, authority, **more)
        lists(monkeypatch, endpoint)
        return endpoint["url"]

    return listing


def test_scores_are_those_of_the_model_to_the_last_bit(listed, service):
    model = load_model(listed(batch_rows=100))

    scored = model.score(FRAME)

    assert (scored.scores == TRUTH).all()
    assert scored.notices == ()
    assert model.model_class == "good"
    assert model.info.feature_names == tuple(TYPES)
    assert [f.kind for f in model.info.features] == ["number", "number", "number", "category"]
    assert model.info.can_refit is False


def test_the_other_class_is_the_rest_to_one(listed):
    assert (load_model(listed(), model_class="bad").score(FRAME).scores == 1.0 - TRUTH).all()


def test_only_the_columns_of_the_model_are_sent(listed, service):
    load_model(listed()).score(FRAME.assign(secret="s3cr3t"))

    sent = json.dumps(service.asked, ensure_ascii=False)
    assert "Möbel" in sent
    assert "sex" not in sent
    assert "s3cr3t" not in sent


def test_rows_are_asked_in_batches_and_the_same_row_once_a_case(listed, service):
    model = load_model(listed(batch_rows=100))
    opened = len(service.asked)
    doubled = pd.concat([FRAME, FRAME.iloc[::-1]])

    first = model.score(doubled).scores

    assert len(service.asked) - opened == 3
    assert (first == np.concatenate([TRUTH, TRUTH[::-1]])).all()
    assert (
        model.score(FRAME.sample(99, random_state=1)).scores == TRUTH[FRAME.sample(99, random_state=1).index]
    ).all()
    assert len(service.asked) - opened == 3
    assert (model.account.rows, model.account.calls) == (250 + 4, 3 + 2)


def test_progress_is_told_and_a_stop_is_heard_between_calls(listed, service):
    model = load_model(listed(batch_rows=50))
    told = []
    model.score(FRAME, on_progress=lambda done, total, what: told.append((done, total, what)))
    assert told[0] == (50, 250, "rows scored")
    assert told[-1] == (250, 250, "rows scored")

    before = len(service.asked)
    with pytest.raises(Cancelled):
        model.score(applications(100, seed=2), cancelled=lambda: True)
    assert len(service.asked) == before


def test_blanks_are_sent_as_null(listed, service):
    frame = FRAME.head(3).assign(income=[np.nan, 1.5, 2.0], purpose=[None, "car", "home"])
    assert load_model(listed()).score(frame).scores.tolist() == sigmoid(log_odds(frame)).tolist()
    assert "NaN" not in json.dumps(service.asked)


def test_texts_that_the_model_does_not_know_are_counted(service, authority, monkeypatch):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    scored = load_model(endpoint["url"]).score(FRAME.head(3).assign(purpose=["boat", "car", "home"]))

    assert scored.unseen.tolist() == [True, False, False]
    assert "`purpose` that the model has never seen ('boat' (1))" in scored.notices[0].message


def test_what_does_not_fit_the_inputs_is_said_before_anything_is_sent(listed, service):
    model = load_model(listed())
    before = len(service.asked)
    with pytest.raises(MissingColumn, match="`term`"):
        model.score(FRAME.drop(columns="term"))
    with pytest.raises(InvalidChoice, match="whole numbers in `amount`"):
        model.score(FRAME.assign(amount=0.5))
    with pytest.raises(InvalidChoice, match=r"numbers in `income`.*text there"):
        model.score(FRAME.assign(income="much"))
    with pytest.raises(InvalidChoice, match="`income` holds infinite numbers"):
        model.score(FRAME.assign(income=np.inf))
    assert len(service.asked) == before
    assert model.score(FRAME.iloc[:0]).scores.shape == (0,)


# --- budget ---


def test_a_question_beyond_the_budget_is_refused_before_it_is_asked(listed, service):
    model = load_model(listed(most_rows=204))
    before = len(service.asked)

    with pytest.raises(ModelUnreachable, match=r"needs 250 more rows .* may still ask 200 rows") as told:
        model.score(FRAME)

    assert told.value.code == "endpoint_budget"
    assert len(service.asked) == before
    assert (model.score(FRAME.head(200)).scores == TRUTH[:200]).all()
    assert (model.score(FRAME.head(200)).scores == TRUTH[:200]).all()  # known, and free


def test_calls_are_a_budget_too(listed):
    model = load_model(listed(most_calls=4, batch_rows=100))
    with pytest.raises(ModelUnreachable, match="in 3 calls; this case may still ask"):
        model.score(FRAME)
    assert (model.score(FRAME.head(200)).scores == TRUTH[:200]).all()


def test_opening_a_model_again_gives_its_case_no_new_budget(listed, service):
    url = listed(most_rows=400)
    first, second, other = (load_model(url) for _ in range(3))
    first.owner = second.owner = f"case-{service.port}"
    other.owner = f"other-{service.port}"
    first.score(FRAME)
    before = service.rows

    assert second.account is first.account
    assert (second.score(FRAME).scores == TRUTH).all()
    assert service.rows == before
    with pytest.raises(ModelUnreachable, match="may still ask 142 rows"):
        second.score(applications(250, seed=3))
    assert (other.score(FRAME).scores == TRUTH).all()
    assert service.rows == before + 250


# --- trouble on the line ---


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_is_not_ready_is_asked_three_times(listed, service, status):
    model = load_model(listed())
    service.instead = [(status, "text/plain", b"busy")] * 2

    assert (model.score(FRAME).scores == TRUTH).all()
    assert (model.account.calls, model.account.rows) == (2 + 3, 4 + 750)

    service.instead = [(status, "text/plain", b"busy")] * 3
    with pytest.raises(ModelUnreachable, match=f"`Loans` is not available now .status {status}") as told:
        model.score(applications(5, seed=9))
    assert told.value.code == "endpoint_down"
    assert service.instead == []


@pytest.mark.parametrize(
    ("reply", "code", "words"),
    [
        ((400, "application/json", b'{"message": "row 7, 20000"}'), "endpoint_refused", "refused the rows"),
        ((401, "text/html", b"who are you"), "endpoint_refused", "the secret is missing"),
        ((404, "application/json", b"{}"), "endpoint_refused", "not at its address any more"),
        ((422, "application/json", b"{}"), "endpoint_refused", "refused the rows"),
        ((429, "application/json", b"{}"), "endpoint_refused", "too often"),
        ((500, "text/plain", b"Traceback: 20000"), "endpoint_refused", "failed on the rows"),
        ((302, "application/json", b"{}"), "endpoint_redirect", "not followed"),
        ((307, "application/json", b"{}"), "endpoint_redirect", "not followed"),
        ((200, "text/html", b"<script>alert(1)</script>"), "endpoint_not_json", "something else than plain JSON"),
        ((200, "application/json", b'{"predictions": [0.1'), "endpoint_not_json", "damaged"),
        ((200, "application/json", b"[" * 200_000), "endpoint_not_json", "damaged"),
        ((200, "application/json", b"[]"), "endpoint_strange", "no JSON object"),
        ((200, "application/json", b"{}"), "endpoint_strange", "it has no"),
    ],
)  # fmt: skip
def test_a_refusal_is_one_sentence_without_a_word_of_the_server(listed, service, reply, code, words):
    model = load_model(listed())
    service.instead = [reply]
    before = len(service.asked)

    with pytest.raises(ModelUnreachable, match=words) as told:
        model.score(FRAME)

    assert told.value.code == code
    assert "20000" not in told.value.message
    assert "<" not in told.value.message
    assert len(service.asked) == before + 1


def bent(**changes):
    """Change the one output of an OIP reply."""
    return lambda reply: {**reply, "outputs": [{**reply["outputs"][0], **changes}]}


@pytest.mark.parametrize(
    ("bend", "error", "words"),
    [
        (bent(data=[0.1, 0.9] * 4), ModelUnreachable, "8 numbers for 5 rows"),
        (bent(shape=[4, 2]), ModelUnreachable, "another shape"),
        (bent(shape=[5, 3], data=[0.1, 0.2, 0.7] * 5), ModelUnreachable, "another shape"),
        (bent(shape="x"), ModelUnreachable, "no list of floating-point numbers"),
        (bent(datatype="INT64", shape=[5], data=[1] * 5), ModelUnreachable, "no list of floating-point numbers"),
        (bent(data=[None, 0.9] * 5), RefusedModel, "no number for 5 of 10"),
        (bent(data=[float("nan"), 0.9] * 5), RefusedModel, "no number for 5 of 10"),
        (bent(data=[float("inf"), 0.9] * 5), RefusedModel, "no number"),
        (bent(data=[1.5, -0.5] * 5), RefusedModel, "leave 0 to 1"),
        (bent(data=[10**400, 0.5] * 5), RefusedModel, "leave 0 to 1"),
        (bent(data=[0.5, 0.6] * 5), RefusedModel, "do not add up to 1"),
        (bent(data=["0.5", "0.5"] * 5), RefusedModel, "something else than numbers"),
        (bent(data=[True, False] * 5), RefusedModel, "something else than numbers"),
        (bent(shape=[5], data=[1, 0, 1, 1, 0]), RefusedModel, "which are decisions"),
        (lambda reply: {**reply, "outputs": reply["outputs"] * 2}, ModelUnreachable, "2 outputs"),
    ],
)  # fmt: skip
def test_an_answer_is_checked_like_that_of_a_worker(*, service, authority, monkeypatch, bend, error, words):
    endpoint = oip(service, authority)
    lists(monkeypatch, endpoint)
    model = load_model(endpoint["url"])
    service.bend = bend

    with pytest.raises(error, match=words):
        model.score(FRAME.head(5))


@pytest.mark.parametrize(
    ("predictions", "error", "words"),
    [
        ([0.5] * 4, ModelUnreachable, "4 predictions for 5 rows"),
        ("yes", ModelUnreachable, "no list of predictions"),
        ([1, 0, 1, 1, 0], RefusedModel, "which are decisions"),
        (["good"] * 5, RefusedModel, "something else than numbers"),
        ([[0.5, 0.5]] * 4 + [[0.5]], ModelUnreachable, "columns than one or two"),
        ([[0.5, [0.5]]] * 5, RefusedModel, "something else than numbers"),
        ([{"p": 0.5}] * 5, ModelUnreachable, "lack the listed output"),
        ([float("nan")] * 5, RefusedModel, "no number for 5 of 5"),
    ],
)
def test_predictions_of_mlflow_are_checked(*, service, authority, monkeypatch, predictions, error, words):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    model = load_model(endpoint["url"])
    service.bend = lambda _: {"predictions": predictions}

    with pytest.raises(error, match=words):
        model.score(FRAME.head(5))


@pytest.mark.parametrize(
    ("bend", "listing"),
    [
        (lambda pairs: [p for _, p in pairs], {}),
        (lambda pairs: [[p] for _, p in pairs], {}),
        (lambda pairs: [q for q, _ in pairs], {"one_column_is": "bad"}),
        (lambda pairs: [{"bad": q, "good": p} for q, p in pairs], {}),
        (lambda pairs: [{"label": "x", "p": p} for _, p in pairs], {"output": "p"}),
    ],
)
def test_mlflow_may_answer_in_any_of_its_forms(service, authority, monkeypatch, bend, listing):
    endpoint = mlflow(service, authority, **listing)
    lists(monkeypatch, endpoint)
    service.bend = lambda reply: {"predictions": bend(reply["predictions"])}

    np.testing.assert_allclose(load_model(endpoint["url"]).score(FRAME).scores, TRUTH, rtol=0, atol=1e-15)


def test_an_output_is_taken_by_its_listed_name(service, authority, monkeypatch):
    endpoint = oip(service, authority, output="output-1")
    lists(monkeypatch, endpoint)
    service.bend = lambda reply: {**reply, "outputs": [{"name": "label"}, *reply["outputs"]]}

    assert (load_model(endpoint["url"]).score(FRAME).scores == TRUTH).all()
    assert service.asked[-1]["outputs"] == [{"name": "output-1"}]
    service.bend = bent(name="other")
    with pytest.raises(ModelUnreachable, match="no output of the listed name"):
        load_model(endpoint["url"])


def test_one_tensor_of_numbers_is_sent_where_the_operator_says_so(service, authority, monkeypatch):
    """As MLServer's scikit-learn runtime and Triton take it."""
    endpoint = oip(
        service, authority, inputs=["income", "amount"], send="matrix", tensor="x", datatype="FP32", probe=[]
    )
    lists(monkeypatch, endpoint)
    seen = []

    def answered(path, question):
        tensor = question["inputs"][0]
        seen.append((path, tensor["name"], tensor["datatype"], tensor["shape"]))
        values = np.reshape(tensor["data"], tensor["shape"])
        out = {
            "name": "p",
            "shape": [len(values)],
            "datatype": "FP32",
            "data": sigmoid(values @ [1e-5, -1e-5]).tolist(),
        }
        return 200, "application/json", json.dumps({"outputs": [out]}).encode()

    service.post = lambda path, body: answered(path, json.loads(body))
    got = load_model(endpoint["url"]).score(FRAME).scores

    expected = sigmoid(FRAME[["income", "amount"]].to_numpy(float) @ [1e-5, -1e-5])
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-15)
    assert seen[-1] == ("/v2/models/loans/infer", "x", "FP32", [250, 2])


# --- which model it is ---


def test_the_fingerprint_is_that_of_the_model_behind_the_address(listed, service):
    url = listed()
    first, again = load_model(url), load_model(url)
    service.bias = 0.01
    other = load_model(url)

    assert first.info.fingerprint == again.info.fingerprint != other.info.fingerprint


def test_a_model_that_changes_while_it_is_used_is_noticed(listed, service, monkeypatch):
    model = load_model(listed())
    model.score(FRAME)
    service.bias, service.version = 0.01, "v2"
    monkeypatch.setattr(asking, "CHECK_EVERY_S", 0.0)

    with pytest.raises(ModelUnreachable, match="not the one any more") as told:
        model.score(applications(5, seed=4))
    assert told.value.code == "endpoint_changed"


def test_another_version_is_noticed_at_once(service, authority, monkeypatch):
    endpoint = oip(service, authority)
    lists(monkeypatch, endpoint)
    model = load_model(endpoint["url"])
    service.version = "v2"

    with pytest.raises(ModelUnreachable, match="Scores of both must not be mixed"):
        model.score(FRAME)


def test_a_case_that_opens_the_changed_model_is_warned_and_gets_no_answer_of_the_old_one(listed, service):
    url, owner = listed(), f"changing-{service.port}"
    first = load_model(url)
    first.owner = owner
    first.score(FRAME)
    service.bias = 0.5
    second = load_model(url)
    second.owner = owner

    scored = second.score(FRAME)

    assert [n.code for n in scored.notices] == ["endpoint_changed"]
    assert (scored.scores == sigmoid(log_odds(FRAME) + 0.5)).all()


def test_a_model_that_refuses_made_up_rows_is_opened_with_a_warning(service, authority, monkeypatch):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    service.instead = [(400, "application/json", b"{}")]
    model = load_model(endpoint["url"])

    assert [n.code for n in model.info.warnings] == ["endpoint_no_probe"]
    assert (model.score(FRAME).scores == TRUTH).all()


def test_a_score_that_depends_on_the_rows_beside_it_is_refused(service, authority, monkeypatch):
    endpoint = mlflow(service, authority)
    lists(monkeypatch, endpoint)
    service.bend = lambda reply: {"predictions": [0.1 * (i + 1) for i in range(len(reply["predictions"]))]}

    with pytest.raises(RefusedModel, match="asked in another order"):
        load_model(endpoint["url"])


def test_a_kept_description_opens_the_same_model_and_no_address_of_its_own(listed, service):
    model = load_model(listed())

    again = load_model(model.content, model_class="bad")
    assert again.info.fingerprint == model.info.fingerprint
    forged = model.content.replace(b"models.bank.test", b"evil.example.com")
    with pytest.raises(InvalidChoice, match="not on the operator's list"):
        load_model(forged)


# --- what only a file can do ---


def test_it_cannot_be_trained_again_and_says_why(listed):
    model = load_model(listed())
    with pytest.raises(UnsupportedModel, match="gives nothing but scores"):
        train_again(model, b"", np.array([True, False]))
    with pytest.raises(UnsupportedModel, match="cannot score a table where it lies"):
        model.require_file()


def test_the_record_of_events_holds_hashes_and_counts_only(listed, service, caplog):
    model = load_model(listed())
    with caplog.at_level("DEBUG"):
        model.score(FRAME)
    lines = events.events_file().read_text().splitlines()
    last = json.loads(lines[-1])

    assert (last["event"], last["rows"], last["calls"], last["failed"]) == ("endpoint_asked", 250, 1, "")
    assert set(last) == {"time", "event", "address_sha256", "rows", "calls", "failed"}
    assert not any(word in lines[-1] + caplog.text for word in ("bank.test", "Möbel", "income"))
