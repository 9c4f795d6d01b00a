from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rai_dash.core.types import Direction, Roles, TargetKind
from rai_dash.data.dataset import dataset_from_frame
from rai_dash.data.leaks import strength
from rai_dash.data.roles import guess_roles

N = 60


def table(**columns):
    return dataset_from_frame(pd.DataFrame(columns)).frame


def alternating(a, b):
    return [a, b] * (N // 2)


def guess(**columns):
    frame = table(**columns)
    found = guess_roles(frame)
    dataset_from_frame(frame, found.roles)  # whatever is guessed must fit
    return found


AGES = [18 + i for i in range(N)]


@pytest.mark.parametrize(
    ("name", "values", "favourable", "kind"),
    [
        ("approve", (1, 0), "1", TargetKind.DECISION),
        ("loan", ("Approved", "Rejected"), "Approved", TargetKind.DECISION),
        ("loan", (">50K", "<=50K"), ">50K", TargetKind.STAND_IN),
        ("default", (1, 0), "0", TargetKind.OBSERVED),
        ("default payment", (0, 1), "0", TargetKind.OBSERVED),
        ("defaulted", ("yes", "no"), "no", TargetKind.OBSERVED),
        ("credit_risk", ("good", "bad"), "good", TargetKind.OBSERVED),
        ("credit_risk", (1, 2), "1", TargetKind.OBSERVED),
        ("reject", (1, 0), "0", TargetKind.DECISION),
        ("HighPriced", (1.0, 0.0), "0", TargetKind.DECISION),
        ("label", (True, False), "True", TargetKind.UNSTATED),
        ("income", ("50000+.", "- 50000."), "50000+.", TargetKind.STAND_IN),
        ("income", (">50K.", "<=50K."), ">50K.", TargetKind.STAND_IN),
        ("approved", ("Y", "N"), "Y", TargetKind.DECISION),
        ("Loan_Status", ("N", "Y"), "Y", TargetKind.OBSERVED),
        ("SeriousDlqin2yrs", (0, 1), "0", TargetKind.OBSERVED),
        ("decision", ("Rejected", "fine"), "fine", TargetKind.DECISION),
        ("loan_status", ("Current", "Charged Off"), "Current", TargetKind.OBSERVED),
        ("loan_status", ("Performing", "Default"), "Performing", TargetKind.OBSERVED),
        ("kredit", ("ja", "nein"), "ja", TargetKind.OBSERVED),
    ],
)
def test_target_favourable_value_and_kind(name, values, favourable, kind):
    found = guess(age=AGES, **{name: alternating(*values)})

    assert found.roles.target == name
    assert found.roles.favourable == (favourable,)
    assert found.roles.target_kind == kind
    assert found.reasons["target"] == "its name says so and it has two values"
    assert found.reasons["favourable"]


def test_the_last_column_is_taken_for_the_outcome_where_no_name_says_so():
    found = guess(x=AGES, zzz=alternating("no", "yes"))

    assert found.roles.target == "zzz"
    assert "last column" in found.reasons["target"]


@pytest.mark.parametrize("values", [("red", "blue"), (3, 7), ("a", "a")])
def test_no_target_is_guessed_where_the_good_value_cannot_be_told(values):
    assert guess(age=AGES, loan=alternating(*values)).roles.target is None


@pytest.mark.parametrize(
    ("name", "values", "favourable", "unfavourable"),
    [
        ("decision", ["approved", "denied", "withdrawn"], ("approved",), ("denied",)),
        ("decision", ["approved", "denied", "declined"], ("approved",), ()),
        (
            "loan_status",
            ["Fully Paid", "Charged Off", "Current", "Late (31-120 days)", "In Grace Period", "Default",
             "Does not meet the credit policy. Status:Fully Paid"],
            ("Fully Paid", "Does not meet the credit policy. Status:Fully Paid"),
            ("Charged Off", "Default"),
        ),
        ("action_taken", [1, 2, 3, 4, 5, 6, 7, 8], ("1", "2", "8"), ("3", "7")),
        ("action_taken", [1, 3, 6], ("1",), ("3",)),
        (
            "action_taken_name",
            ["Loan originated", "Application denied by financial institution",
             "File closed for incompleteness", "Application approved but not accepted",
             "Application withdrawn by applicant", "Loan purchased by the institution"],
            ("Loan originated", "Application approved but not accepted"),
            ("Application denied by financial institution",),
        ),
    ],
)  # fmt: skip
def test_three_and_more_outcomes_are_divided_where_every_word_is_clear(
    name, values, favourable, unfavourable
):
    found = guess(**{name: [values[i % len(values)] for i in range(840)], "x": np.arange(840) % 50 * 1.5})

    assert found.roles.target == name
    assert (found.roles.favourable, found.roles.unfavourable) == (favourable, unfavourable)
    assert found.reasons["target"] == f"its name says so and it has {len(values)} values"
    assert set(found.reasons) >= {"favourable"} | ({"unfavourable"} if unfavourable else set())


@pytest.mark.parametrize(
    "values",
    [
        ("approved", "denied", "blue"),  # one word is not known
        ("approved", "withdrawn", "pending"),  # nothing is bad
        ("denied", "withdrawn", "pending"),  # nothing is good
        ("red", "blue"),
        (3, 7),
    ],
)
def test_an_unclear_target_is_proposed_and_its_good_values_are_asked(values):
    found = guess(age=AGES, loan_status=[values[i % len(values)] for i in range(N)])

    assert (found.roles.target, found.roles.favourable, found.target_to_ask) == (None, (), "loan_status")
    assert "say which are favourable" in found.reasons["target"]


def test_a_clear_target_goes_before_an_unclear_one_with_a_better_name():
    found = guess(decision=[i % 5 for i in range(N)], repaid=alternating("yes", "no"))

    assert (found.roles.target, found.target_to_ask) == ("repaid", None)


@pytest.mark.parametrize("values", [range(N), ["same"] * N])
def test_many_values_or_one_are_no_target(values):
    assert guess(loan_status=list(values), x=AGES).target_to_ask is None


def test_a_sensitive_last_column_is_no_outcome():
    found = guess(x=AGES, married=alternating(0, 1))

    assert found.roles.target is None
    assert found.roles.sensitive == ("married",)


@pytest.mark.parametrize(
    "name",
    [
        "gender",
        "Sex",
        "RACE",
        "ethnicity",
        "ethnic_group",
        "applicant_sex",
        "personal_status_and_sex",
        "marital-status",
        "married",
        "black",
        "hispan",
        "white",
        "male",
        "old",
        "foreign_worker",
        "derivedRace",
        "agegte62",
        "Nationality",
    ],
)
def test_sensitive_columns_are_known_by_a_word_of_their_name(name):
    assert guess(**{name: alternating(0, 1), "x": AGES}).roles.sensitive == (name,)


@pytest.mark.parametrize(
    "name", ["usage", "message", "whitelist", "balance", "threshold", "email", "average_income"]
)
def test_words_inside_words_do_not_count(name):
    assert guess(**{name: alternating(0, 1), "x": AGES}).roles.sensitive == ()


def test_ages_are_cut_and_only_where_somebody_is_beyond_the_edge():
    found = guess(age=AGES, alter=[30 + i % 11 for i in range(N)], x=AGES)

    assert found.roles.bins == {"age": (25.0, 35.0, 50.0, 65.0), "alter": (35.0,)}
    assert "ages" in found.reasons["bins"]


def test_text_with_too_many_labels_is_no_group():
    assert guess(race=[f"r{i}" for i in range(N)], x=AGES).roles.sensitive == ()


def test_id_amount_split_and_score():
    found = guess(
        application_id=[f"A{i}" for i in range(N)],
        loan_amount=[1000 + i * 10 for i in range(N)],
        split=alternating("Train", "test"),
        p_default=[i / N for i in range(N)],
    )
    roles = found.roles

    assert (roles.id, roles.amount, roles.split, roles.score) == (
        "application_id", "loan_amount", "split", "p_default",
    )  # fmt: skip
    assert roles.split_train == ("Train",)
    assert (roles.scale.direction, roles.scale.low, roles.scale.high) == (Direction.LOWER, 0.0, 1.0)
    assert set(found.reasons) >= {"id", "amount", "split", "split_train", "score", "scale"}


@pytest.mark.parametrize(("top", "low", "high"), [(1, 0, 1), (90, 0, 100), (840, 300, 850)])
def test_the_scale_of_a_score_is_one_of_the_usual(top, low, high):
    values = np.linspace(top * 0.4, top, N)

    scale = guess(score=values).roles.scale

    assert (scale.direction, scale.low, scale.high) == (Direction.HIGHER, low, high)


def test_a_score_on_no_usual_scale_is_left_to_the_user():
    assert guess(score=np.linspace(-5, 5, N)).roles.score is None


def test_a_column_that_says_whether_a_row_was_trained_on():
    roles = guess(is_train=alternating(1, 0), x=AGES).roles

    assert (roles.split, roles.split_train) == ("is_train", ("1",))


def test_an_id_with_a_repeat_is_no_id():
    assert guess(id=[0, *range(N - 1)]).roles.id is None


@pytest.mark.parametrize("name", ["weight", "fnlwgt", "instance weight", "SampleWeight"])
def test_a_weight_is_known_by_name_and_positive_numbers_and_is_no_feature(name):
    frame = table(x=AGES, **{name: [0.5 + i for i in range(N)]})

    roles = guess_roles(frame).roles

    assert roles.weight == name
    assert name not in dataset_from_frame(frame, roles).features


@pytest.mark.parametrize("values", [[0.0, 1.0], [-1.0, 2.0], ["light", "heavy"], [1.0, 1.0], [np.nan, 2.0]])
def test_other_columns_called_weight_are_no_weight(values):
    assert guess(weight=values * (N // 2), x=AGES).roles.weight is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("application_date", [f"2020-{1 + i % 12:02d}-01" for i in range(N)]),
        ("issue_d", [f"{m}-2015" for m in ("Jan", "Feb", "Dec")] * (N // 3)),
        ("when", [f"{1 + i % 28}.3.2021" for i in range(N)]),
        ("yyyymm", [201901 + i % 12 for i in range(N)]),
        ("cohort", [20190301 + i % 30 for i in range(N)]),
        ("activity_year", [2018 + i % 4 for i in range(N)]),
    ],
)
def test_the_time_is_known_by_its_form(name, values):
    assert guess(x=AGES, **{name: values}).roles.time == name


def test_of_two_dates_the_one_of_the_decision_is_the_time():
    days = [f"2020-{1 + i % 12:02d}-01" for i in range(N)]

    assert guess(opened=days, decision_date=days).roles.time == "decision_date"
    assert guess(opened=days, closed=days).roles.time is None


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("date_of_birth", [f"1980-{1 + i % 12:02d}-01" for i in range(N)]),
        ("birth_year", [1950 + i % 40 for i in range(N)]),
        ("last_pymnt_d", [f"{m}-2015" for m in ("Jan", "Feb", "Dec")] * (N // 3)),
        ("x", [2018 + i % 4 for i in range(N)]),
        ("amount", [201913 + i % 12 for i in range(N)]),  # month 13 to 24
        ("date", ["soon", "later"] * (N // 2)),
    ],
)
def test_births_later_dates_and_numbers_are_no_time(name, values):
    assert guess(y=alternating(1, 0), **{name: values}).roles.time is None


def test_personal_columns_are_ignored_with_the_reason_and_the_id_stays_the_id():
    mails = [f"p{i}@bank.example" for i in range(N)]

    found = guess(customer_id=mails, mail=mails[::-1], y=alternating(1, 0), n=[i % 7 for i in range(N)])

    assert (found.roles.id, found.roles.ignored) == ("customer_id", ("mail",))
    assert found.personal == {"customer_id": "e-mail addresses", "mail": "e-mail addresses"}
    assert found.reasons["ignored"] == "`mail` holds e-mail addresses, which point to a person"


def test_a_column_that_is_filled_for_one_outcome_is_ignored_and_a_late_name_is_not():
    good = alternating(1, 0)
    filled = [None if g else 5.0 for g in good]

    found = guess(approve=good, refund=filled, recoveries=AGES)

    assert found.roles.ignored == ("refund",)
    assert "filled on one side only" in found.reasons["ignored"]


def test_row_numbers_and_leaks_are_ignored_with_their_reasons():
    good = alternating(1, 0)
    rng = np.random.default_rng(0)

    found = guess(
        n=list(range(N)),
        approve=good,
        reject=[1 - g for g in good],
        action=[{1: 1, 0: 3}[g] for g in good],
        after=[5.0 + g + 0.5 * r for g, r in zip(good, rng.random(N), strict=True)],
        words=["ok" if g else "sorry" for g in good],
        income=rng.normal(size=N),
    )

    assert found.roles.target == "approve"
    assert found.roles.ignored == ("n", "reject", "action", "after", "words")
    assert "`n` only numbers the rows" in found.reasons["ignored"]
    assert "AUC above 0.99" in found.reasons["ignored"]


def test_few_rows_of_one_outcome_make_no_leak():
    good = [1] * 5 + [0] * (N - 5)

    assert guess(approve=good, x=good).roles.ignored == ()


def test_strength_is_the_auc_of_sklearn():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(2)
    y = rng.integers(0, 2, 300).astype(np.int8)
    x = np.round(rng.normal(size=300) - y, 2)

    assert strength(pd.Series(x), y) == pytest.approx(1 - roc_auc_score(y, x), abs=1e-12)


def test_a_number_known_for_few_rows_is_no_leak():
    y = np.array(alternating(1, 0), dtype=np.int8)
    x = pd.Series(np.where(np.arange(N) < 25, y.astype(float), np.nan))

    assert strength(x, y) == 0.5


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame({"age": np.array([], np.float64)})])
def test_nothing_is_guessed_from_nothing(frame):
    assert guess_roles(frame).roles == Roles()


def test_a_column_that_is_all_blank_takes_no_role():
    blank = [None] * N

    assert guess(loan=blank, age=blank, id=blank, score=blank, split=blank, amount=blank).roles == Roles()


BOSTON = {"black", "hispan", "white", "male", "married", "old"}
REAL = [
    (
        "census-loan/census",
        ("loan", ">50K", ("Unnamed: 0",)),
        {"gender", "ethnicity", "age", "marital-status"},
    ),
    (
        "german-credit/german_credit_decoded",
        ("credit_risk", "good", ()),
        {"sex", "age_in_years", "foreign_worker"},
    ),
    ("boston-mortgage/loanapp", ("approve", "1", ("action", "reject")), BOSTON),
    (
        "hmda-pricing/hmda_2018_pricing_test",
        ("high_priced", "0", ("Unnamed: 0",)),
        {"black", "male", "agegte62"},
    ),
    ("taiwan-default/credit_card_clients", ("default payment", "0", ()), {"SEX", "MARRIAGE", "AGE"}),
    ("german-credit/south_german_credit", ("kredit", "1", ()), {"alter", "gastarb"}),
    ("story/group_training", ("loan", "Approved", ()), {"gender", "ethnicity", "age"}),
]


@pytest.mark.parametrize(("name", "target", "sensitive"), REAL)
def test_roles_of_published_tables(shared, parse, name, target, sensitive):
    (path,) = (shared / "data").glob(f"{name}.*.gz")

    roles = guess_roles(parse(path.read_bytes())[0]).roles

    assert (roles.target, *roles.favourable, roles.ignored) == target
    assert sensitive <= set(roles.sensitive)
