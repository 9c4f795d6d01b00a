"""The form that asks what each column is for."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.types import Roles, TargetKind
from rai_dash.data.roles import guess_roles
from rai_dash.ui import state
from rai_dash.ui.roles_form import role_key
from tests.app.conftest import Open, table_case, texts

LINES = "\n".join(
    f"p{i}@bank.example,{'fm'[i % 2]},{1000 + i * 7},{['paid', 'lost', 'running'][i % 3]}" for i in range(90)
)
CSV = f"mail,sex,amount,loan_status\n{LINES}\n,f,1,\n"
CHOSEN = Roles(target="loan_status", favourable=("paid",), unfavourable=("lost",), sensitive=("sex",))


def key(field: str, csv: str = CSV) -> str:
    """Key of one widget of the form for a table."""
    return role_key(fingerprint_bytes(csv.encode()), field)


def confirmed(at: AppTest) -> Roles:
    """Press the button and return the roles of the case."""
    at.button(key="confirm_roles").click()
    at.run()
    assert not at.exception
    given = at.query_params["case"]
    case = state.store().get(given if isinstance(given, str) else given[0])
    assert case is not None
    return case.data[0].dataset.roles


def test_three_outcomes_have_two_sides_and_rows_on_neither_are_counted(open_page: Open) -> None:
    at = open_page("start", case=table_case(CSV, CHOSEN))

    assert at.multiselect(key=key("favourable_loan_status")).value == ["paid"]
    assert at.multiselect(key=key("unfavourable_loan_status")).value == ["lost"]
    assert "30 rows favourable, 30 unfavourable; 31 on neither side or blank" in texts(at)
    roles = confirmed(at)
    assert (roles.favourable, roles.unfavourable) == (("paid",), ("lost",))


def test_without_unfavourable_values_every_other_value_is(open_page: Open) -> None:
    at = open_page("start", case=table_case(CSV, CHOSEN))

    at.multiselect(key=key("unfavourable_loan_status")).set_value([]).run()

    assert "30 rows favourable, 60 unfavourable; 1 on neither side or blank" in texts(at)
    assert confirmed(at).unfavourable == ()


def test_an_unclear_target_is_preselected_and_its_values_are_asked(open_page: Open) -> None:
    case = table_case(CSV, Roles())
    guess = guess_roles(case.data[0].dataset.frame)
    assert guess.target_to_ask == "loan_status"

    at = open_page("start", case=table_case(CSV, guess.roles))

    assert at.selectbox(key=key("target")).value == "loan_status"
    assert "Choose the favourable values" in texts(at)
    assert "say which are favourable" in texts(at)
    at.multiselect(key=key("favourable_loan_status")).set_value(["paid"]).run()
    assert confirmed(at).favourable == ("paid",)


def test_personal_columns_are_marked_where_they_are_left_out(open_page: Open) -> None:
    case = table_case(CSV, Roles())
    at = open_page("start", case=table_case(CSV, guess_roles(case.data[0].dataset.frame).roles))

    ignored = at.multiselect(key=key("ignored"))
    assert ignored.value == ["mail"]
    assert "mail (e-mail addresses)" in ignored.options


def test_what_was_chosen_for_one_table_is_not_carried_to_the_next(open_page: Open) -> None:
    at = open_page("start", case=table_case(CSV, CHOSEN))
    at.selectbox(key=key("kind")).set_value(TargetKind.STAND_IN).run()
    other = "loan_status,g\n" + "paid,a\nlost,b\n" * 30
    case = table_case(other, CHOSEN.with_(unfavourable=(), sensitive=("g",)))
    state.store().put(case)

    at.query_params["case"] = case.id
    at.run()

    assert at.selectbox(key=key("kind", other)).value is TargetKind.UNSTATED


def test_a_score_on_another_scale_is_refused_at_the_form_and_can_be_put_right(open_page: Open) -> None:
    csv = "outcome,risk_points\n" + "".join(f"{'paid' if i % 3 else 'lost'},{300 + i}\n" for i in range(60))
    case = table_case(csv, Roles(target="outcome", favourable=("paid",)))
    at = open_page("start", case=case)
    at.selectbox(key=key("score", csv)).set_value("risk_points").run()

    assert confirmed(at).score is None
    assert "outside 0 to 1" in texts(at)
    assert at.selectbox(key=key("score", csv)).value == "risk_points"
    at.number_input(key=key("high", csv)).set_value(1000.0)
    roles = confirmed(at)

    assert (roles.score, roles.scale.high) == ("risk_points", 1000.0)
    assert "outside 0 to 1" not in texts(at)
