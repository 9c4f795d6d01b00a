"""The story, page after page in the order it is told, with its published figures; both draws of its rows."""

from __future__ import annotations

import importlib.util
import json
import re
import time
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, CaseData, CaseModel, DataRole
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles
from rai_dash.data.read import read_dataset
from rai_dash.models.client import load_model
from rai_dash.ui import identity
from tests.app.conftest import Open, texts

VARIANTS = ("group", "notebook")
#: Where models are trained, the second draw runs with the slow tests.
TRAINED = ("group", pytest.param("notebook", marks=pytest.mark.slow))
#: Key and role of each file of a variant.
FILES = {
    "training": ("training", DataRole.TRAINING),
    "production_110": ("production", DataRole.PRODUCTION),
    "living_1100": ("living", DataRole.LIVING),
    "collected_8000": ("collected", DataRole.COLLECTED),
}


@pytest.fixture(scope="module")
def expected(shared) -> dict[str, Any]:
    return json.loads((shared / "data/story/EXPECTED.json").read_text())


def _builder(repo) -> Any:
    """The program that made the bundled story: the same recipe trains the other draw's first model."""
    spec = importlib.util.spec_from_file_location("build_samples", repo / "sample_data" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cases(repo, shared) -> dict[str, Case]:
    """The bundled case, and the draw at random as its analyst would bring it."""
    group = open_bundled("story", "story.walk-group")
    build = _builder(repo)
    frames = {name: pd.read_csv(shared / f"data/story/notebook_{name}.csv.gz") for name in FILES}
    frames["training"]["split"] = build.split_column(8000, test_size=0.2)
    roles = group.data_of("collected").dataset.roles
    split = group.data_of("training").dataset.roles
    data = tuple(
        CaseData(key=key, title=key, role=role, source="uploaded", dataset=read_dataset(
            frames[name].to_csv(index=False).encode(), split if key == "training" else roles, name=f"{name}.csv"))
        for name, (key, role) in FILES.items()
    )  # fmt: skip
    model = load_model(_first_model(frames, roles), model_class="1")
    first = CaseModel(key="biased", title="First model", model=model, trained_on="training")
    notebook = Case(
        id="story.walk-notebook", title="notebook", data=data, models=(first,),
        default_data="training", default_model="biased",
    )  # fmt: skip
    return {"group": group, "notebook": notebook}


def _first_model(frames: dict[str, pd.DataFrame], roles: Roles) -> bytes:
    """Train as EXPECTED.json's recipe says, with XGBoost itself."""
    from xgboost import XGBClassifier

    everything = pd.concat(frames.values())[list(roles.features)]

    def typed(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {
                c: rows[c]
                if everything[c].dtype.kind in "if"
                else pd.Categorical(rows[c], categories=sorted(everything[c].unique()))
                for c in roles.features
            }
        )

    train = frames["training"].query("split == 'train'")
    model = XGBClassifier(
        n_estimators=200, max_depth=4, learning_rate=0.1, enable_categorical=True, tree_method="hist",
        n_jobs=1, random_state=0,
    )  # fmt: skip
    model.fit(typed(train), (train["loan"] == "Approved").astype(int))
    return bytes(model.get_booster().save_raw("ubj"))


def _right(cell: dict[str, Any]) -> str:
    return f"{cell['tp'] + cell['tn']:,} of {cell['n']:,}"


@pytest.mark.parametrize("variant", VARIANTS)
def test_first_the_accuracy_stands_beside_refusing_everyone(
    open_page: Open, cases, expected, variant
) -> None:
    cell = expected[variant]["1 biased"]["own_test"]["all"]

    words = texts(open_page("performance", case=cases[variant]))

    assert f"{cell['acc']:.1%}".replace("%", " %") in words
    assert _right(cell) in words
    refused = cell["n"] - cell["tp"] - cell["fn"]
    assert f"Refusing everyone would agree for **{refused / cell['n']:.1%}".replace("%", " %") in words
    assert f"{refused:,} of 1,600" in words


@pytest.mark.parametrize("variant", VARIANTS)
def test_then_the_same_model_in_production_misses_nearly_everyone(
    open_page: Open, cases, expected, variant
) -> None:
    cell = expected[variant]["1 biased"]["production_110"]["all"]

    words = texts(open_page("performance", case=cases[variant], data="production"))

    assert _right(cell) in words
    assert f"{cell['tp']} of {cell['tp'] + cell['fn']}" in words


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_cross_table_shows_what_the_association_hides(open_page: Open, cases, expected, variant) -> None:
    frame = cases[variant].data_of("training").dataset.frame
    women = frame[frame["gender"] == "Female"]
    approved = int((women["loan"] == "Approved").sum())

    look = texts(open_page("data", case=cases[variant], lens="imbalance"))
    pair = texts(open_page("correlations", case=cases[variant], first="gender", second="loan"))

    assert f"{approved} of {len(women):,}" in look
    assert f"{100 - approved} of {len(frame) - len(women):,}" in look
    assert f"uncorrected **{expected[variant]['assoc']['gender']:.3f}**" in pair
    assert f"The smallest cell has {approved} of 8,000 rows: gender **Female**" in pair


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_move_to_production_is_a_prior_shift(open_page: Open, cases, variant) -> None:
    words = texts(open_page("shift", case=cases[variant], versus="production"))

    assert "**The share of favourable outcomes has moved (a prior shift):** 1.2 % (1.0 % to 1.5 %)" in words
    assert ", 100 of 8,000 then; 45 %" in words
    assert "50 of 110 now" in words
    assert "The scores still rank applicants" in words


def _compared(open_page: Open, case: Case, **query: str) -> str:
    """Train the recipe, outcome by gender, and judge it on the living test set as well; what the page then says."""
    at = open_page("rebalance", case=case, balance_by="gender", balance_on="living", tried="-", **query)
    at.button(key="reb_go").click()
    at.run()
    end = time.monotonic() + 300
    while "Over the seeds" not in texts(at) and not at.error and time.monotonic() < end:
        time.sleep(0.5)
        at.run()
    assert not at.error
    return texts(at)


def _recalls(words: str) -> dict[str, float]:
    """Recall by group of the recipe, first seed alone."""
    return {group: float(share) / 100 for group, share in re.findall(r"recall of (\w+) ([\d.]+) %", words)}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("variant", TRAINED)
def test_copying_the_few_approved_women_does_not_bring_women_up_to_men(
    open_page: Open, cases, expected, variant
) -> None:
    """The published draw copies other rows, so it is met within a few points."""
    published = expected[variant]["4 upsample loan x gender"]["living_1100"]

    words = _compared(open_page, cases[variant], seeds="1")

    recall = _recalls(words)
    for group in ("Male", "Female"):
        assert recall[group] == pytest.approx(published[group]["rec"], abs=0.08)
    assert recall["Female"] < recall["Male"] - 0.05
    train = cases[variant].data_of("training").dataset.frame.query("split == 'train' and gender == 'Female'")
    approved = int((train["loan"] == "Approved").sum())
    assert f"{approved} different rows are copied to" in words


@pytest.mark.timeout(400)
@pytest.mark.parametrize("variant", TRAINED)
def test_new_rows_and_both_balanced_bring_women_up(open_page: Open, cases, expected, variant) -> None:
    """Step 7 to the digit under its seed, and its range over seeds on the page."""
    published = expected[variant]["7 collected, up loan x gender"]["living_1100"]

    first = _compared(open_page, cases[variant], data="collected", seeds="1")
    both = _compared(open_page, cases[variant], data="collected", seeds="2")

    for group in ("Male", "Female"):
        assert f"recall of {group} {published[group]['rec']:.1%}".replace("%", " %") in first
    assert f"accuracy {published['all']['acc']:.1%}".replace("%", " %") in first
    found = re.search(r"recall of Male [\d.]+ % \(([\d.]+) % to ([\d.]+) %\)", both)
    low, high = expected[variant]["7 over upsampling seeds 0-9 (min, max)"]["living recall men"]
    assert low - 5e-4 <= float(found[1]) / 100 <= float(found[2]) / 100 <= high + 5e-4


# --- and on to Watch ---


def _percent(k: int, n: int) -> str:
    """A share as pages write it: two digits, or a tenth below 10 %."""
    share = 100 * k / n
    return f"{share:.1f} %" if share < 10 else f"{share:.0f} %"


def _approved(cell: dict[str, Any]) -> int:
    return cell["tp"] + cell["fp"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_monitor_says_why_the_first_model_does_not_hold_in_production(
    open_page: Open, cases, expected, variant
) -> None:
    """Nothing is signed yet: today's band is held against the first applications, as a rehearsal."""
    then, now = (expected[variant]["1 biased"][key]["all"] for key in ("own_test", "production_110"))

    words = texts(open_page("monitor", case=cases[variant])).replace("\\", "")

    assert "no longer hold" in words
    good = [_percent(c["tp"] + c["fn"], c["n"]) for c in (now, then)]
    assert re.search(rf"{good[0]} of the known outcomes are favourable, {good[1]} was", words)
    approved = [_percent(_approved(c), c["n"]) for c in (now, then)]
    assert re.search(rf"{approved[0]} are approved at the model’s own line, {approved[1]} was", words)


def test_a_problem_of_the_first_model_is_told_of_the_second_without_a_click(
    open_page: Open, cases, expected
) -> None:
    first = expected["group"]["1 biased"]["living_1100"]["Female"]
    second = expected["group"]["7 collected, up loan x gender"]["living_1100"]["Female"]
    at = open_page("problems", case=cases["group"], data="living", problems="report")
    at.session_state[identity.LOCAL_NAME] = "Ana"
    at.run()
    _field(at, "What is wrong").set_value("Women who should be approved are refused")
    _field(at, "Conditions").set_value("gender is Female and outcome is favourable")
    at.run()
    at.button(key="problem_report").click()
    at.run()

    words = texts(open_page("problems", case=cases["group"], data="living")).replace("\\", "")

    people = first["tp"] + first["fn"]
    assert f"{first['fn']} of {people}" in words
    assert "still there" in words
    numbers = texts(open_page("problems", case=cases["group"], data="living", model="repaired"))
    assert f"{second['fn']} of {people}" in numbers
    assert "fixed" in numbers


def _field(at: AppTest, label: str) -> Any:
    return next(
        e for kind in ("text_input", "text_area") for e in getattr(at, kind) if e.label.startswith(label)
    )


def test_the_candidate_is_compared_on_the_living_test_set(open_page: Open, cases, expected) -> None:
    first, second = (
        expected["group"][step]["living_1100"]["all"]
        for step in ("1 biased", "7 collected, up loan x gender")
    )

    words = texts(open_page("models", case=cases["group"])).replace("\\", "")

    good = first["tp"] + first["fn"]
    for cell in (first, second):
        assert _percent(cell["tp"], good) in words
        assert _percent(_approved(cell), cell["n"]) in words
    # Nobody loses an approval, so the two approval counts say how many decisions change.
    assert f"{_approved(second) - _approved(first)} of 1,100" in words
    assert f"{second['tp'] - first['tp']} became right and {second['fp'] - first['fp']} became wrong" in words


def test_what_changed_names_the_decisions_that_flip(open_page: Open, cases, expected) -> None:
    first, second = (
        expected["group"][step]["living_1100"] for step in ("1 biased", "7 collected, up loan x gender")
    )
    flips = {group: _approved(second[group]) - _approved(first[group]) for group in ("all", "Female", "Male")}

    words = texts(open_page("changed", case=cases["group"], data="living")).replace("\\", "")

    assert f"{flips['all']} of 1,100 decisions flip" in words
    assert f"{flips['all']} become favourable, 0 unfavourable" in words
    for group in ("Female", "Male"):
        assert f"gender is {group}: {flips[group]} of 550 flip" in words


def test_the_review_queue_says_what_it_takes(open_page: Open, cases, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are kept, and then a policy in force."""
    said = []
    for keeps in ("false", "true"):
        monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", keeps)
        get_settings.cache_clear()
        said.append(texts(open_page("queue", case=cases["group"], data="production")).replace("\\", ""))

    assert all("There is no review queue for this case yet." in words for words in said)
    assert "RAI_DASH_KEEP_BATCH_ROWS=true" in said[0]
    assert "policy" in said[1]


@pytest.mark.parametrize(
    ("page", "leads_to", "title"),
    [
        ("review_band", "sign_off", "Sign-off"),
        ("sign_off", "monitor", "Monitor"),
        ("monitor", "problems", "Problems"),
        ("problems", "models", "Compare models"),
        ("models", "changed", "What changed?"),
        ("changed", "queue", "Review queue"),
    ],
)
def test_every_page_from_the_band_on_leads_to_the_next_one(
    open_page: Open, cases, page, leads_to, title
) -> None:
    at = open_page(page, case=cases["group"], data="living", model="repaired")

    at.button(key=f"next_{leads_to}").click()
    at.run()

    assert not at.exception
    assert at.title[0].value == title
    assert at.query_params["model"] == "repaired"
