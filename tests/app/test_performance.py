"""The Performance page: baselines beside the model, costs, and a threshold chosen honestly."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.types import Roles
from tests.app.conftest import Open, table_case, texts

WARNING = "Picked while looking at these rows"
PANELS = {"cost_panel": True, "choice_panel": True}


def loans(*, amount: str = "amount") -> Case:
    rng = np.random.default_rng(5)
    score = np.round(rng.random(400), 3)
    good = rng.random(400) < score
    sums = np.round(rng.lognormal(8, 1, 400))
    rows = [
        f"{int(y)},{s},{a if amount == 'amount' else 'much'}"
        for y, s, a in zip(good, score, sums, strict=True)
    ]
    csv = "y,s,a\n" + "\n".join(rows) + "\n"
    return table_case(csv, Roles(target="y", favourable=("1",), score="s", amount="a"))


LOANS, NO_NUMBERS = loans(), loans(amount="text")


@pytest.fixture
def open_panels(open_page: Open) -> Open:
    """Open the page with both panels open: a closed one computes nothing."""

    def run(case: Case | None = None, **query: str) -> AppTest:
        at = open_page("performance", case=case, **query)
        for key in PANELS:
            at.session_state[key] = True
        return at.run()

    return run


def table_row(at: AppTest, name: str) -> list[str]:
    """Cells of the row of the first table on the page that starts so."""
    table = next(m.value for m in at.markdown if "| Refuse all |" in m.value)
    line = next(line for line in table.splitlines() if line.startswith(f"| {name} |"))
    # A blank that keeps a number and its unit on one line is read as any other.
    return [cell.strip().replace("\N{NO-BREAK SPACE}", " ") for cell in line.strip("|").split("|")][1:]


def test_the_story_shows_every_headline_figure_beside_deciding_without_a_model(open_page: Open) -> None:
    at = open_page("performance")

    # 1,600 rows, 18 favourable; the model approves 7, 5 of them rightly.
    assert table_row(at, "Accuracy") == ["**99.1 %**", "98.9 %", "1.1 %", "98.4 %"]
    assert table_row(at, "Recall") == ["**28 %**", "0 %", "100 %", "0.4 %"]
    assert table_row(at, "Precision") == ["**71 %**", "–", "1.1 %", "1.1 %"]
    assert table_row(at, "Approval rate") == ["**0.4 %**", "0 %", "100 %", "0.4 %"]
    # (2 x 5 + 13) / 1600, 18 / 1600, 1582 x 5 / 1600, and 7 / 1600 of the way from one to the other.
    assert table_row(at, "Cost of one") == ["**0.014**", "0.011", "4.94", "0.033"]


def test_the_default_threshold_is_not_called_picked_and_another_one_is(open_page: Open) -> None:
    assert WARNING not in texts(open_page("performance", case=LOANS))
    words = texts(open_page("performance", case=LOANS, threshold="0.7"))

    assert words.count(WARNING) == 1
    assert "their figures and their gaps" in words


def test_closed_panels_say_nothing(open_page: Open) -> None:
    words = texts(open_page("performance", case=LOANS))

    assert "Cheapest on these rows" not in words
    assert "Believe the figures of the other half" not in words


def test_the_story_says_that_at_these_costs_the_model_is_not_shown_to_help(open_panels: Open) -> None:
    words = texts(open_panels())

    assert "Cheapest on these rows" in words
    assert "Refusing everyone would cost 0.011, approving everyone 4.94." in words
    assert "Training rows are never used" in words


def test_costs_by_loan_amount_are_in_money(open_panels: Open) -> None:
    fixed, money = open_panels(LOANS), open_panels(LOANS, cost_by="amount")

    assert "a wrong approval costs 5, a wrong refusal 1" in texts(fixed)
    assert "a wrong approval costs 60 % of the loan amount, a wrong refusal 10 %" in texts(money)
    assert not money.error


def test_a_price_goes_into_the_address_and_moves_the_costs(open_panels: Open) -> None:
    at = open_panels(LOANS)
    before = table_row(at, "Cost of one")

    at.number_input(key="pick_cost_fp").set_value(50).run()

    assert at.query_params["cost_fp"] == "50"
    assert table_row(at, "Cost of one") != before


def test_an_amount_that_is_no_number_is_said_once_a_panel_and_the_page_stays(open_panels: Open) -> None:
    at = open_panels(NO_NUMBERS, cost_by="amount")

    assert [e.value for e in at.error] == [at.error[0].value] * 2
    assert "does not hold numbers" in at.error[0].value
    assert "Accuracy" in [m.label for m in at.metric]


def test_an_honest_choice_is_reported_on_the_other_half_and_can_be_used(open_panels: Open) -> None:
    at = open_panels(LOANS)
    at.selectbox(key="choice_goal").set_value("recall").run()
    words = texts(at)
    assert "Chosen on one half (200 rows)" in words
    assert "the other half (200 rows)" in words
    assert "Asked for was recall of at least 80 %" in words

    at.button(key="choice_use").click().run()

    chosen = float(at.query_params["threshold"])
    assert f"a threshold of {chosen * 100:.1f} %" in texts(at)
    assert WARNING in texts(at)
    assert at.button(key="choice_use").disabled


def test_too_few_rows_to_choose_on_are_said_in_words(open_panels: Open) -> None:
    few = table_case("y,s\n" + "1,0.7\n0,0.4\n" * 4, Roles(target="y", favourable=("1",), score="s"))

    at = open_panels(few)

    assert "at least 5 are needed" in texts(at)
    assert not at.exception


CURVES = {
    "Precision and recall": "how many of the good are approved. Where approvals are rare",
    "ROC": "Good ones approved against bad ones approved",
    "Gain": "how many of the good ones are reached so far",
    "Lift": "How many times better than the base rate",
}


@pytest.mark.parametrize("tab", CURVES)
def test_only_the_curve_of_the_open_tab_is_drawn(open_page: Open, tab: str) -> None:
    at = open_page("performance", case=LOANS)
    at.session_state["curve_tabs"] = tab
    words = texts(at.run())

    assert [name for name, said in CURVES.items() if said in words] == [tab]
    assert not at.error
