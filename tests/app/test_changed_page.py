"""The page of what changed: every kind empty, with the story, with hostile names and with broken files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.govern.desk import Desk
from rai_dash.govern.store import Store
from rai_dash.report.run_record import recorded_json
from rai_dash.ui import identity, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing.stating import policy_on_page
from rai_dash.ui.state import View
from tests.app.conftest import Open, table_case, texts, words
from tests.app.conftest import press_label as press
from tests.app.small_loans import NAME, SAID
from tests.app.test_monitor_page import SHIFTED, case_with, csv, sign
from tests.policies import PEOPLE

EVIL = "![x](https://example.invalid/p.png)"
ROLES = Roles(target="y", favourable=("1",), sensitive=("sex",))


def headline(at: AppTest) -> str:
    """The finding in words."""
    return (
        " ".join(str(e.value) for e in (*at.warning, *at.info))
        .replace("\\", "")
        .replace("\N{NO-BREAK SPACE}", " ")
    )


@pytest.fixture
def as_setting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Set what the operator can set."""

    def set_(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"RAI_DASH_{name.upper()}", value)
        get_settings.cache_clear()

    yield set_
    monkeypatch.undo()
    get_settings.cache_clear()


def test_the_repaired_model_beside_the_biased_one_flips_what_their_scores_say(open_page: Open) -> None:
    case = open_bundled("story", "story.changed-models")
    at = open_page("changed", case=case, data="living")

    first, second = (case.judge("living", m.key).score for m in case.models[:2])
    flip = (first >= 0.5) != (second >= 0.5)
    of_women = flip[case.data_of("living").dataset.frame["gender"] == "Female"]
    assert not at.exception
    assert not at.error
    assert f"The model is another one. {flip.sum()} of 1,100 decisions flip" in headline(at)
    assert f"gender is Female: {of_women.sum()} of {of_women.size} flip" in words(at)
    assert len(at.get("vega_lite_chart")) == 1
    assert "How to read it" in words(at)
    assert "base_score" in words(at)


def test_the_data_are_those_that_neither_model_was_trained_on_unless_others_are_chosen(
    open_page: Open,
) -> None:
    case = open_bundled("story", "story.changed-unseen")
    # The sidebar looks at the training data, as a fresh session does.
    at = open_page("changed", case=case)
    assert at.selectbox(key="pick_tested").value == "living"
    assert "of 1,100 decisions flip" in headline(at)

    at.selectbox(key="pick_tested").set_value("training").run()
    assert "of 1,600 decisions flip" in headline(at)
    assert "6,400 rows that a model was trained on are left out." in words(at)

    at.selectbox(key="pick_tested").set_value("collected").run()
    assert "**Model on collected data** was trained on these very rows." in words(at)


def test_the_threshold_of_the_page_decides_which_decisions_flip(open_page: Open) -> None:
    case = open_bundled("story", "story.changed-threshold")
    at = open_page("changed", case=case, data="living")

    at.slider(key="pick_threshold").set_value(90.0).run()

    first, second = (case.judge("living", m.key).score for m in case.models[:2])
    assert f"{((first >= 0.9) != (second >= 0.9)).sum()} of 1,100 decisions flip" in headline(at)


def test_training_data_beside_later_ones(open_page: Open) -> None:
    at = open_page(
        "changed", case=open_bundled("story", "story.changed-data"), changed="data", after="living"
    )

    assert not at.exception
    assert not at.error
    assert at.selectbox(key="pick_before").value == "training"
    assert "8,000 rows before, 1,100 now" in headline(at)
    assert "favourable outcomes 1.2 % before and 45 % now" in headline(at)
    assert "The column 'split' is gone." in words(at)
    assert "60 of 1,100 rows equal a row of the first" in words(at)
    assert len(at.get("vega_lite_chart")) == 1
    at.session_state["numbers_changed"] = True
    at.run()
    assert len(at.dataframe) == 1
    assert len(at.get("download_button")) == 3


def test_one_of_two_that_are_the_same_is_said(open_page: Open) -> None:
    case = open_bundled("story", "story.changed-same")
    at = open_page("changed", case=case, changed="data", before="training", after="training")

    assert "These are the same. Choose two different ones." in words(at)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("models", "This case has no model."),
        ("data", "This case has one data set."),
        ("policies", "There is no policy to open from here"),
        ("batches", "There is no batch in the record"),
        ("runs", "Bring both files"),
    ],
)
def test_with_one_thing_only_it_says_what_to_add_and_has_the_button(
    open_page: Open, kind: str, said: str
) -> None:
    case = table_case("y,sex,income\n" + "1,f,20\n0,m,35\n" * 60, ROLES)
    at = open_page("changed", case=replace(case, id=f"case-changed-{kind}"), changed=kind)

    assert not at.exception
    assert not at.error
    assert said in words(at)
    assert kind == "runs" or [b for b in at.button if str(b.label).startswith("Go to ")]


@pytest.mark.parametrize("kind", ["models", "data", "policies", "batches", "runs"])
def test_a_case_without_anything_is_no_blank_page(open_page: Open, kind: str) -> None:
    at = open_page("changed", case=Case(id=f"case-changed-empty-{kind}", title="nothing"), changed=kind)

    assert not at.exception
    assert not at.error
    assert at.info or at.caption


def evil_case() -> Case:
    """Two tables in which names and categories would load a picture."""
    rng = np.random.default_rng(0)
    frames = [
        pd.DataFrame({"y": rng.integers(0, 2, 300), EVIL: rng.choice(kinds, 300), "email": mails})
        for kinds, mails in (
            (["u", EVIL], [f"a{i}@example.org" for i in range(300)]),
            (["u", "**w**"], [f"b{i}@example.org" for i in range(300)]),
        )
    ]
    case = table_case(frames[0].to_csv(index=False), Roles(target="y", favourable=("1",)))
    dataset = read_dataset(frames[1].to_csv(index=False).encode(), case.data[0].dataset.roles, name=EVIL)
    later = CaseData(key="now", title=EVIL, role=DataRole.PRODUCTION, dataset=dataset)
    return replace(case.with_data(later), id="case-changed-evil")


def test_names_from_files_are_shown_as_they_are(open_page: Open) -> None:
    at = open_page("changed", case=evil_case(), changed="data")

    shown = texts(at)
    assert not at.exception
    assert EVIL not in shown
    assert "**w**" not in shown
    assert EVIL.split("://", maxsplit=1)[0] in words(at)


def test_categories_of_columns_that_name_people_are_not_shown_without_the_right(
    open_page: Open, as_setting: Callable[..., None]
) -> None:
    people = [["ann@lee.org", "bo@ray.org"], ["cy@fox.org", "di@poe.org"]]
    tables = ["y,email\n" + "".join(f"{i % 2},{names[i % 2]}\n" for i in range(120)) for names in people]
    case = table_case(tables[0], Roles(target="y", favourable=("1",)))
    dataset = read_dataset(tables[1].encode(), case.data[0].dataset.roles, name="now.csv")
    case = case.with_data(CaseData(key="now", title="now.csv", role=DataRole.PRODUCTION, dataset=dataset))
    seen = open_page("changed", case=replace(case, id="case-changed-seen"), changed="data")
    as_setting(local_sees_rows="false")

    hidden = open_page("changed", case=replace(case, id="case-changed-hidden"), changed="data")

    assert "cy@fox.org" in words(seen)
    assert not hidden.exception
    assert "cy@fox.org" not in words(hidden)
    assert "ann@lee.org" not in words(hidden)
    assert "Categories of columns that name people are not shown to you." in words(hidden)


def brought(at: AppTest, first: bytes, second: bytes) -> AppTest:
    """Bring two files."""
    for key, content in (("changed_first", first), ("changed_second", second)):
        at.file_uploader(key=key).set_value((f"{key}.json", content, "application/json"))
        at.run()
    assert not at.exception
    return at


def run_json(recall: float) -> bytes:
    """A run with one number."""
    result = {
        "schema": "rai-dash/audit/1",
        "overall": {"recall": {"value": recall, "low": recall - 0.05, "high": recall + 0.05}},
    }
    return recorded_json(result, job="audit", parameters={"threshold": 0.5}, inputs={}).encode()


def test_two_runs_are_brought_and_told(open_page: Open) -> None:
    at = open_page("changed", case=open_bundled("story", "story.changed-runs"), changed="runs")

    brought(at, run_json(0.5), run_json(0.8))

    assert "1 of 1 number moved, 1 of them by more than its interval." in headline(at)
    assert "overall / recall: 0.5 before, 0.8 now (+30 points); by more than its interval." in words(at)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON that rai-dash wrote"),
        (b"not json", "no JSON that rai-dash wrote"),
        (b'{"a": 1}', "no JSON that rai-dash wrote"),
        (b'{"schema": "rai-dash/audit/1"}', "holds no record of a run"),
        (b'{"run": {"schema": "rai-dash/run/1"}}', "lacks `parameters`".replace("`", "'")),
        (b'{"schema": "rai-dash/monitor/1", "lines": 3}', "holds no lines of the monitor"),
        (b'{"band": {"lo": 0.2, "threshold": 0.5, "hi": 0.8}, "conditions": []}', "no whole policy"),
        (b'{"run": {}, "a": ' + b"[" * 300 + b"]" * 300 + b"}", "nested more than"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(open_page: Open, content: bytes, said: str) -> None:
    at = open_page("changed", case=open_bundled("story", "story.changed-bad"), changed="runs")

    brought(at, content, content)

    told = " ".join(str(e.value) for e in at.error).replace("\\", "")
    assert said in told


def test_two_files_of_different_kinds_are_refused_in_a_sentence(open_page: Open) -> None:
    at = open_page("changed", case=open_bundled("story", "story.changed-kinds"), changed="runs")
    batch = json.dumps({"schema": "rai-dash/monitor/1", "lines": []}).encode()

    brought(at, run_json(0.5), batch)

    told = " ".join(str(e.value) for e in at.error).replace("\\", "")
    assert "The first is a run and the second a batch. Give two of one kind." in told


def test_single_applications_of_a_run_are_left_out_without_the_right(
    open_page: Open, as_setting: Callable[..., None]
) -> None:
    files = [
        recorded_json({"schema": "rai-dash/explain/1", "threshold": t, "explanations": [{"row": 3, "output": o}]},
                      job="explain", parameters={}, inputs={}).encode()
        for t, o in ((0.5, 0.123), (0.6, 0.456))
    ]  # fmt: skip
    seen = brought(
        open_page("changed", case=open_bundled("story", "story.changed-one"), changed="runs"), *files
    )
    as_setting(local_sees_rows="false")

    at = brought(
        open_page("changed", case=open_bundled("story", "story.changed-none"), changed="runs"), *files
    )

    assert "explanations / 3 / output: 0.123 before, 0.456 now." in words(seen)
    assert "0.123" not in words(at)
    assert "threshold: 0.5 before, 0.6 now." in words(at)
    assert "Left out is what is about single applications: explanations." in words(at)


def test_whoever_may_not_upload_can_bring_no_run(open_page: Open, as_setting: Callable[..., None]) -> None:
    as_setting(local_role="viewer")

    at = open_page("changed", case=open_bundled("story", "story.changed-viewer"), changed="runs")

    assert [u.proto.disabled for u in at.get("file_uploader")] == [True, True]
    assert "needs the role" in words(at)


def test_two_versions_of_a_policy_and_two_batches_of_it(open_page: Open, repo, monkeypatch) -> None:
    case = replace(case_with(csv(300), SHIFTED), id="case-changed-signed")
    sign(case)
    bench = bench_of(View(case, Choices(case=case.id, lo=0.4)))
    Desk(Store(), PEOPLE[0]).draft(policy_on_page(bench, SAID, NAME))
    state.store().put(case)
    for key in ("production", "production1"):
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.session_state[identity.LOCAL_NAME] = "Ana"
        at.query_params["case"], at.query_params["batch"] = case.id, key
        at.switch_page("pages/monitor.py")
        at.run()
        press(at, "Write this into the record")

    policies = open_page("changed", case=case, changed="policies")
    batches = open_page("changed", case=case, changed="batches")

    assert not policies.exception
    assert "The policy is another one" in headline(policies)
    assert "Declined below: 30 % before, 40 % now (+10 points)." in words(policies)
    assert not batches.exception
    assert headline(batches).startswith("The batch as a whole: holds before, breach now. ")
    in_band = [
        int(pd.read_csv(io.StringIO(text))["score"].between(0.3, 0.7, inclusive="left").sum())
        for text in (csv(300), SHIFTED)
    ]
    assert in_band == [120, 350]
    assert "Sent to a person: 40 % (120 of 300) before, 70 % (350 of 500) now: +30 points" in words(batches)
