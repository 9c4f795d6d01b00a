from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.ui.choices import Choices
from rai_dash.ui.tour import large, signed_sentences
from rai_dash.ui.tour.route import LeftOut, choices_of, route_of
from rai_dash.ui.tour.stops import BY_KEY, CHAPTERS, STOPS
from rai_dash.ui.tour.walk import _PAGES, _address
from tests.unit.ui.bare_text.facts import read_house, read_module
from tests.unit.ui.bare_text.lint import lint

pytestmark = pytest.mark.usefixtures("reading_here")
ROOT = Path(__file__).resolve().parents[3]
CSV = b"y,g,s\n1,a,0.9\n0,b,0.1\n1,b,0.8\n0,a,0.4\n"
NEWER = b"y,g,s\n1,a,0.7\n0,b,0.3\n"
FULL = Roles(target="y", favourable=("1",), sensitive=("g",), score="s")
EVERY = [stop.key for stop in STOPS]


def data(key: str = "data", roles: Roles = FULL, role=DataRole.TRAINING, csv: bytes = CSV) -> CaseData:
    return CaseData(key=key, title=key, role=role, dataset=read_dataset(csv, roles))


def model(key: str, trained_on: str | None = None) -> CaseModel:
    told = SimpleNamespace(info=SimpleNamespace(fingerprint=key, features=()), model_class="1")
    return CaseModel(key=key, title=key, model=told, trained_on=trained_on)


def case(*parts: CaseData, models: tuple[CaseModel, ...] = (), default: str = "") -> Case:
    return Case(id="own", title="t", data=parts, models=models, default_data="data", default_model=default)


def keys(found: Case) -> list[str]:
    return [stop.key for stop in route_of(found).stops]


def left_out(found: Case) -> dict[int, str]:
    return {one.chapter: one.lacks for one in route_of(found).left_out}


# --- the way ---


def test_there_are_eight_chapters_in_order_and_few_steps():
    chapters = [stop.chapter for stop in STOPS]

    assert len(CHAPTERS) == 8
    assert sorted(set(chapters)) == list(range(1, 9))
    assert chapters == sorted(chapters)
    assert len(STOPS) - 1 <= 12
    assert len(BY_KEY) == len(STOPS)


def test_a_case_with_everything_has_every_stop():
    full = case(
        data(),
        data("new", role=DataRole.PRODUCTION, csv=NEWER),
        models=(model("one"), model("two")),
        default="one",
    )

    assert keys(full) == EVERY
    assert left_out(full) == {}


@pytest.mark.parametrize(
    ("roles", "two", "has_model", "gone"),
    [
        (FULL, False, True, {2: "fresh"}),
        (FULL, True, False, {5: "model"}),
        (FULL.with_(sensitive=()), True, True, {6: "groups"}),
        (FULL.with_(score=None), True, False, {1: "scores", 2: "scores", 5: "scores", 6: "scores", 7: "scores",
                                              8: "scores"}),
        (FULL.with_(target=None, favourable=()), True, True,
         {1: "outcome", 2: "outcome", 3: "outcome", 4: "outcome", 6: "outcome"}),
        (FULL.with_(sensitive=()), False, True, {2: "fresh", 3: "fresh", 6: "groups"}),
    ],
)  # fmt: skip
def test_chapters_that_do_not_apply_are_left_out_with_the_reason(roles, two, has_model, gone):
    parts = [data(roles=roles)]
    if two:
        parts.append(data("new", roles, DataRole.PRODUCTION, NEWER))
    found = case(*parts, models=(model("one"),) if has_model else (), default="one" if has_model else "")

    assert left_out(found) == gone
    assert {stop.chapter for stop in route_of(found).stops} == set(range(1, 9)) - set(gone)


def test_a_chapter_stays_while_one_of_its_stops_does():
    only_groups = case(data(), models=(model("one"),), default="one")

    assert [k for k in keys(only_groups) if BY_KEY[k].chapter == 3] == ["imbalance"]
    assert "second" not in keys(only_groups)


def test_what_is_left_out_is_said_where_it_is_passed():
    route = route_of(case(data()))

    assert [s.key for s in route.stops] == ["accuracy", "imbalance", "rebalance", "groups", "band", "sign"]
    assert [route.left_out_before(i) for i in range(6)] == [
        (), (LeftOut(2, "fresh"),), (), (LeftOut(5, "model"),), (), (),
    ]  # fmt: skip


def test_all_that_is_left_out_is_said_once():
    for roles in (FULL, FULL.with_(sensitive=()), FULL.with_(target=None, favourable=())):
        route = route_of(case(data(roles=roles)))
        said = [one.chapter for i in range(len(route.stops)) for one in route.left_out_before(i)]

        assert sorted(said) == [one.chapter for one in route.left_out]


def test_a_stop_that_is_not_on_the_way_is_the_beginning():
    route = route_of(case(data()))

    assert route.at("watch") == 0
    assert route.at("nonsense") == 0
    assert route.at("groups") == 3


# --- the choices ---


def test_the_parts_go_to_the_data_that_play_them():
    full = case(
        data(), data("fresh", role=DataRole.PRODUCTION, csv=NEWER), data("test", role=DataRole.LIVING),
        data("more", role=DataRole.COLLECTED), models=(model("old", "data"), model("x"), model("new", "more")),
        default="old",
    )  # fmt: skip
    chosen = {stop.key: choices_of(full, stop, Choices(case="own")) for stop in STOPS}

    assert {k: (c.data, c.model) for k, c in chosen.items()} == {
        "accuracy": ("data", "old"), "production": ("fresh", "old"), "lower": ("fresh", "old"),
        "shift": ("data", "old"), "imbalance": ("data", "old"), "rebalance": ("data", "old"),
        "drivers": ("test", "old"), "groups": ("test", "old"), "second": ("test", "new"), "band": ("test", "new"),
        "sign": ("test", "new"), "watch": ("test", "new"),
    }  # fmt: skip
    assert {c.by for c in chosen.values()} == {"g"}
    assert chosen["shift"].versus == chosen["watch"].batch == "fresh"
    assert chosen["rebalance"].balance_on == "test"
    assert chosen["lower"].threshold == 0.05
    assert chosen["production"].threshold == 0.5


@pytest.mark.parametrize("stop", STOPS, ids=EVERY)
def test_choices_of_a_stop_come_back_from_the_address(stop):
    full = case(data(), data("new", role=DataRole.PRODUCTION, csv=NEWER), models=(model("one"), model("two")))
    now = Choices(case="own", threshold=0.9, metric="fpr", tour_from="fairness?by=g", large=1, link="key")

    chosen = choices_of(full, stop, now)

    assert Choices.from_query(chosen.to_query()) == chosen
    assert (chosen.case, chosen.link, chosen.tour_from, chosen.large) == ("own", "key", "fairness?by=g", 1)
    assert chosen.tour == stop.key
    assert chosen.threshold != 0.9


def test_every_stop_names_a_page_and_a_spot_that_is_there():
    texts = [
        p.read_text(encoding="utf-8") for p in [*ROOT.glob("pages/*.py"), *ROOT.glob("rai_dash/ui/**/*.py")]
    ]
    calls = {name for text in texts for name in re.findall(r'\bspot\("(\w+)"\)', text)}

    assert {stop.spot for stop in STOPS} == calls
    assert all((ROOT / "pages" / f"{stop.page}.py").is_file() for stop in STOPS)


# --- leaving ---


def test_the_address_to_go_back_to_holds_the_choices_and_no_key():
    left = Choices(case="secret", link="secret", by="g", threshold=0.3, cells='"a,b"')

    page, _, query = _address("fairness", left).partition("?")

    assert page == "fairness"
    assert "secret" not in query
    assert Choices.from_query(dict(parse_qsl(query))) == Choices(by="g", threshold=0.3, cells='"a,b"')


def test_an_address_that_is_too_long_is_the_page_alone():
    assert _address("start", Choices(limits="x" * 600)) == "start"


def test_only_pages_can_be_gone_back_to():
    assert all((ROOT / "pages" / f"{page}.py").is_file() for page in _PAGES)


# --- presenter size ---


def in_size(monkeypatch, spec, chosen: int):
    monkeypatch.setattr(large.state, "choices", lambda: Choices(large=chosen))
    return large.in_size(spec)


def test_letters_and_places_of_a_chart_grow_and_nothing_else_does(monkeypatch):
    spec = {"width": "container", "height": 100, "config": {"axis": {"labelFontSize": 12, "grid": True}},
            "layer": [{"mark": {"type": "text", "fontSize": {"expr": "f"}, "dx": -5, "size": 40}}]}  # fmt: skip

    assert in_size(monkeypatch, spec, 0) is spec
    assert in_size(monkeypatch, spec, 1) == {
        "width": "container", "height": 130.0, "config": {"axis": {"labelFontSize": 15.6, "grid": True}},
        "layer": [{"mark": {"type": "text", "fontSize": {"expr": "f"}, "dx": -6.5, "size": 40}}],
    }  # fmt: skip
    assert spec["height"] == 100


def test_a_picture_with_fixed_places_grows_in_its_letters_alone(monkeypatch):
    spec = {"$schema": "https://vega.github.io/schema/vega/v6.json", "height": 100,
            "marks": [{"encode": {"update": {"fontSize": {"value": 12}, "y": {"value": 20}}}}]}  # fmt: skip

    grown = in_size(monkeypatch, spec, 2)

    assert grown["height"] == 100
    assert grown["marks"] == [{"encode": {"update": {"fontSize": {"value": 14.4}, "y": {"value": 20}}}}]


@pytest.mark.parametrize("chosen", [-3, 7, 10**9])
def test_a_size_from_the_address_is_one_of_those_there_are(monkeypatch, chosen):
    monkeypatch.setattr(large.state, "choices", lambda: Choices(large=chosen))

    assert large.size() in range(len(large.SIZES))


def test_a_suspended_policy_is_told_in_one_line_without_its_reason(monkeypatch):
    status = SimpleNamespace(version=3, title="Loans", suspended="39 % of the automatic decisions are wrong")
    monkeypatch.setattr(signed_sentences.desk, "on_offer", lambda _view: None)
    monkeypatch.setattr(signed_sentences.desk, "looked_at", lambda _view, _offer: status)
    monkeypatch.setattr(signed_sentences.words, "decisive", lambda standing: standing)

    said = signed_sentences.sign(None)

    assert said == (
        "**Version 3 of “Loans” is suspended:** a person decides every application until somebody lifts it."
    )


# --- hostile names ---


def test_no_sentence_shows_bare_text():
    """The strip says the sentence of the stop through a table, which the lint cannot follow: here it reads each."""
    calls = "\n".join(
        f"    st.markdown({room}.{name}(view))"
        for room in ("sentences", "group_sentences", "signed_sentences")
        for name in sorted(_functions(room))
    )
    code = (
        "import streamlit as st\nfrom rai_dash.ui.tour import group_sentences, sentences, signed_sentences\n\n\n"
        f"def f(view):\n{calls}\n"
    )
    near = {k: m for k, m in read_house(ROOT).items() if k.startswith(("rai_dash.ui.tour", "rai_dash.core"))}

    found = lint(near | {"pages.probe": read_module("pages.probe", "probe.py", code)})

    assert not found, "\n".join(map(str, found))


def _functions(room: str) -> set[str]:
    """Names of the sentences: what takes a view and nothing else."""
    tree = ast.parse((ROOT / "rai_dash" / "ui" / "tour" / f"{room}.py").read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and [a.arg for a in node.args.args] == ["view"]
    }
