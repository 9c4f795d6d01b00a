"""Applications that always go to a person: typed on the page, counted, exported, the same as on the command line."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.bundled import open_bundled
from rai_dash.core.types import ReviewBand
from rai_dash.review.exported import python_source, route_rows
from rai_dash.ui import state
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.always import held_of, judgement_under
from rai_dash.ui.state import View
from tests.app.conftest import Open, texts


def typed(at: AppTest, lines: str) -> AppTest:
    """Type conditions and apply them."""
    at.session_state["band_always_box"] = True
    at.run()
    at.text_area(key="band_always").set_value(lines)
    at.button(key="band_always_apply").click()
    return at.run()


@pytest.fixture(scope="module")
def living(repo) -> pd.DataFrame:
    return pd.read_csv(repo / "sample_data" / "story_living_1100.csv.gz")


def test_conditions_typed_on_the_page_send_their_rows_to_a_person(open_page: Open, living) -> None:
    case = open_bundled("story", "story.always")
    at = open_page("review_band", case=case, data="living", model="repaired", lo="0.3", hi="0.7")
    n = int((living["age"] > 60).sum())

    at = typed(at, "age > 60\nnonsense here")

    assert "nonsense here" in at.error[0].value
    assert state.store().get(case.id).always == ()

    at = typed(at, "age > 60\nunseen category")

    assert not at.error
    kept = state.store().get(case.id)
    assert [c.words() for c in kept.always] == ["age > 60", "unseen category"]
    assert f"{n} of the 1,100" in texts(at) or f"{n} of 1,100" in texts(at)
    shown = next(d.value for d in at.dataframe if "condition" in d.value.columns)
    assert shown["applications"].tolist() == [str(n), "0"]

    signing = open_page("sign_off", case=kept, data="living", model="repaired", lo="0.3", hi="0.7")
    assert re.search(r"These always go to a person, whatever their score\W+age", texts(signing))

    view = View(kept, Choices(case=kept.id, data="living", model="repaired"))
    plain, under = view.judgement, judgement_under(view)
    is_old = (living["age"] > 60).to_numpy()
    assert pd.isna(under.score[is_old]).all()
    assert (under.score[~is_old] == plain.score[~is_old]).all()
    routes = route_rows(plain.score, ReviewBand(0.3, 0.5, 0.7), held=held_of(plain, kept.always))
    reviewed = ((plain.score >= 0.3) & (plain.score < 0.7)) | is_old
    assert (routes.route_names == "review").tolist() == reviewed.tolist()
    source: dict[str, object] = {}
    exec(python_source(ReviewBand(0.3, 0.5, 0.7), kept.always), source)  # noqa: S102 - what we export ourselves
    rows = json.loads(living.to_json(orient="records"))
    told = [source["route"](s, r)[0] for s, r in zip(plain.score, rows, strict=True)]
    assert told == routes.route_names.tolist()
