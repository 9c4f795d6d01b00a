"""The Monitor page in every state; shares are counted by hand, what is written is read from the log and the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case, CaseData, DataRole
from rai_dash.core.settings import get_settings
from rai_dash.core.types import Roles, TargetKind
from rai_dash.data.read import read_dataset
from rai_dash.govern.desk import Desk
from rai_dash.govern.monitor.log import MonitorLog
from rai_dash.govern.policy import checked_policy
from rai_dash.govern.problems import ProblemScope
from rai_dash.govern.store import Store
from rai_dash.ui import identity, state, upload
from rai_dash.ui.choices import Choices
from rai_dash.ui.monitoring import batches
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.signing import desk
from rai_dash.ui.signing.stating import policy_on_page
from rai_dash.ui.state import View
from tests.app.conftest import Open, table_case, words
from tests.app.conftest import press_label as press
from tests.app.small_loans import NAME, SAID
from tests.policies import PEOPLE, bring_into_force, sign_twice

ROLES = Roles(
    target="outcome", favourable=("repaid",), unfavourable=("lost",), sensitive=("sex",), score="score",
    target_kind=TargetKind.OBSERVED, features=("income",),
)  # fmt: skip
Look = Callable[..., AppTest]


def csv(n: int, *, score: Callable[[int], float] | None = None, outcome: bool = True, extra: str = "") -> str:
    """Rows whose score runs through the hundredths; a score below 30 % is declined, from 70 % on approved."""
    make = score or (lambda i: (i % 100) / 100)
    lines = [f"{'outcome,' if outcome else ''}sex,score,income{',' + extra if extra else ''}"]
    for i in range(n):
        s = make(i)
        label = "repaid" if (i * 37) % 100 < s * 100 else "lost"
        cells = [*([label] if outcome else []), "f" if i % 3 else "m", f"{s:.2f}", f"{(i * 53) % 97}"]
        lines.append(",".join([*cells, *(["x"] if extra else [])]))
    return "\n".join(lines) + "\n"


SIGNED = csv(1000)
#: Sixty of a hundred lie between 30 and 70 %; forty did at signing.
SHIFTED = csv(500, score=lambda i: (i % 100) / 100 if i % 100 < 40 else 0.3 + (i % 40) / 100)


def batch(text: str, *, key: str = "production", title: str = "october.csv") -> CaseData:
    dataset = read_dataset(text.encode(), None, name=title)
    return CaseData(key=key, title=title, role=DataRole.PRODUCTION, dataset=dataset, source="uploaded")


def case_with(*texts_: str) -> Case:
    case = table_case(SIGNED, ROLES)
    for i, text in enumerate(texts_):
        case = case.with_data(batch(text, key=f"production{i or ''}", title=f"batch {i + 1}.csv"))
    return case


@pytest.fixture
def look(repo: Path) -> Look:
    """Open the page of a case as somebody; "" = nobody said who they are."""

    def run(case: Case, name: str = "Ana", **query: str) -> AppTest:
        state.store().put(case)
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.session_state[identity.LOCAL_NAME] = name
        for key, value in ({"case": case.id} | query).items():
            at.query_params[key] = value
        at.switch_page("pages/monitor.py")
        at.run()
        assert not at.exception
        return at

    return run


def sign(case: Case, *, suspend: bool = False, activate: bool = True) -> None:
    """Draft what is on the pages of a case, sign it twice and put it into force."""
    bench = bench_of(View(case, Choices(case=case.id)))
    policy = policy_on_page(bench, replace(SAID, suspend_on_breach=suspend), NAME)
    (bring_into_force if activate else sign_twice)(Store(), policy)


def warned(at: AppTest) -> str:
    told = " ".join(str(w.value) for w in at.warning)
    return told.replace("\\", "").replace("\N{NO-BREAK SPACE}", " ")


def labels(at: AppTest) -> list[str]:
    return [b.label for b in at.button]


def ledger(place: Path) -> list[str]:
    path = place / "store.sqlite"
    if not path.exists():
        return []
    with sqlite3.connect(path) as found:
        return [kind for (kind,) in found.execute("SELECT kind FROM ledger ORDER BY seq")]


# --- the story ---


def test_the_story_breaks_on_approval_prior_and_error_and_nothing_is_written(
    open_page: Open, tmp_path: Path
) -> None:
    at = open_page("monitor")

    assert not at.exception
    assert not at.error
    told = warned(at)
    assert "Today’s band would no longer hold: " in told
    assert "signed policy" not in told
    for part in ("approved", "of the automatic decisions are wrong", "of the known outcomes are favourable"):
        assert part in told
    assert "45 % of the known outcomes are favourable" in told
    assert "Nothing is signed." in words(at)
    assert "would say if today’s band were signed on Past applications (8,000)" in words(at)
    assert at.selectbox(key="pick_batch").value == "production"
    # One chart answers the question; the parts are drawn once somebody opens them.
    assert len(at.get("vega_lite_chart")) == 1
    assert "Write this into the record" not in labels(at)
    assert ledger(tmp_path) == []


def test_every_part_of_the_lines_opens_with_a_table_or_a_chart(open_page: Open) -> None:
    for part, heading in (("groups", "gap"), ("routes", "Machine is wrong"), ("calibration", "Brier score")):
        at = open_page("monitor")
        at.session_state["monitor_parts"] = True
        at.run()
        assert len(at.get("vega_lite_chart")) == 3
        at.button_group(key="pick_watched").set_value(part)
        at.run()
        assert not at.exception
        assert not at.error
        assert heading in words(at)


def test_no_data_at_all_say_what_is_missing(look: Look) -> None:
    at = look(Case(id="case-empty-monitor", title="Empty"))

    assert "This case has no data yet" in words(at)
    assert "Go to Start" in labels(at)


def test_data_without_scores_say_that_nothing_can_be_held_against(look: Look) -> None:
    bare = table_case("outcome,sex\n" + "repaid,f\nlost,m\n" * 50, ROLES.with_(score=None, features=()))
    at = look(bare)

    assert "the data looked at have no scores" in words(at)
    assert "Go to Start" in labels(at)


# --- a rehearsal on own data ---


def test_a_like_batch_is_not_called_a_breach_and_shares_are_those_counted_by_hand(look: Look) -> None:
    case = case_with(csv(900))
    at = look(case)

    assert "no longer holds" not in words(at)
    assert "Today’s band would hold: 40 % go to a person, as measured." in words(at)
    assert "900 applications, the outcome of all is known." in words(at)


def test_a_batch_with_another_share_for_people_is_a_breach_with_both_numbers(look: Look) -> None:
    at = look(case_with(SHIFTED))

    held = [float(line.split(",")[2]) for line in SHIFTED.splitlines()[1:]]
    person = sum(0.3 <= s < 0.7 for s in held) / len(held)
    assert f"{100 * person:.0f} % go to a person, 40 % was measured" in warned(at)


def test_a_batch_without_outcomes_is_judged_by_what_there_is(look: Look) -> None:
    at = look(case_with(csv(900, outcome=False)))

    assert not at.error
    assert "no outcome is known yet" in words(at)
    assert "errors could not be checked" in words(at)


def test_outcomes_that_are_late_are_counted(look: Look) -> None:
    lines = csv(1000).splitlines()
    late = [
        lines[0],
        *(line if i % 4 == 0 else "," + line.partition(",")[2] for i, line in enumerate(lines[1:])),
    ]
    at = look(case_with("\n".join(late) + "\n"))

    assert "1,000 applications, the outcome is known of 250 (25 %)" in words(at)


def test_a_batch_without_the_score_is_refused_in_a_sentence_and_the_page_goes_on(look: Look) -> None:
    at = look(case_with("sex,income\nf,1\nm,2\n" * 20))

    assert "score" in " ".join(str(e.value) for e in at.error)
    assert "mark" not in " ".join(str(e.value) for e in at.error)
    assert at.selectbox(key="pick_batch").value == "production"
    assert "Go to sign-off" in labels(at)


def test_a_batch_that_lacks_a_watched_column_says_which(look: Look) -> None:
    lines = [line.rpartition(",")[0] for line in csv(1000).splitlines()]
    at = look(case_with("\n".join(lines) + "\n"))

    assert not at.error
    assert "income" in warned(at)


def test_the_rows_that_were_signed_are_said_to_be_those(look: Look) -> None:
    at = look(case_with(), batch="data")

    assert "These are the very rows that today’s band is measured on" in words(at)


def test_a_batch_is_counted_once_for_a_policy(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = batches.count_batch
    monkeypatch.setattr(batches, "count_batch", lambda *a: calls.append(1) or real(*a))
    at = look(case_with(csv(300, extra="note")), watched="columns")
    assert len(calls) == 1
    at.run()
    at.button_group(key="pick_watched").set_value("routes")
    at.run()

    assert not at.exception
    assert len(calls) == 1


def test_hostile_names_are_shown_as_they_are(look: Look) -> None:
    text = SHIFTED.replace("f,", "![x](http://e.vil)|b,", 40)
    at = look(case_with(text), watched="columns", column="sex")

    assert not at.exception
    shown = "\n".join(str(e.value) for e in [*at.markdown, *at.caption, *at.warning])
    assert "![x](http" not in shown


# --- bringing a batch ---


def test_an_uploaded_batch_is_judged_and_the_data_looked_at_stay(look: Look) -> None:
    at = look(case_with(csv(900)))
    at.session_state["monitor_door"] = True
    at.run()
    at.file_uploader(key="upload_data").set_value(("november.csv", SHIFTED.encode(), "text/csv")).run()

    assert not at.exception
    assert not at.error
    assert at.selectbox(key="pick_batch").value == "production1"
    assert at.selectbox(key="pick_data").value == "data"
    assert "500 applications" in words(at)
    assert "Today’s band would no longer hold: " in warned(at)


def test_nonsense_is_refused_in_a_sentence(look: Look) -> None:
    at = look(case_with(csv(900)))
    at.session_state["monitor_door"] = True
    at.run()
    at.file_uploader(key="upload_data").set_value(
        ("n.csv", b"\x80\x04\x95nonsense\x00\xff", "text/csv")
    ).run()

    assert not at.exception
    told = " ".join(str(e.value) for e in at.error)
    assert told
    assert "mark" not in told
    assert at.selectbox(key="pick_batch").value == "production"


def test_a_batch_of_the_operators_folder_is_judged(
    look: Look, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "december.csv").write_text(SHIFTED)
    monkeypatch.setenv("RAI_DASH_DATA_FOLDER", str(folder))
    get_settings.cache_clear()
    at = look(case_with(csv(900)))
    at.session_state["monitor_door"] = True
    at.run()
    at.selectbox(key="folder_file").set_value("december.csv")
    at.run()
    at.button(key="open_folder_file").click()
    at.run()

    assert not at.error
    assert at.selectbox(key="pick_batch").value == "production1"
    assert at.selectbox(key="pick_data").value == "data"
    assert "Today’s band would no longer hold: " in warned(at)


def test_weights_are_said_to_be_weights(look: Look) -> None:
    roles = ROLES.with_(weight="income", features=())
    case = table_case(SIGNED, roles).with_data(batch(csv(900)))

    assert "a share is of sums of weights" in words(look(case))
    assert "a share is of sums of weights" not in words(look(case_with(csv(900))))


def test_a_viewer_can_look_and_cannot_upload(look: Look, as_role: Callable[[str], None]) -> None:
    as_role("viewer")
    at = look(case_with(SHIFTED))
    at.session_state["monitor_door"] = True
    at.run()

    assert "Today’s band would no longer hold: " in warned(at)
    assert at.file_uploader(key="upload_data").disabled
    assert upload.UPLOADING in words(at)


# --- against a signed policy, and the record ---


def test_a_signed_policy_is_what_a_batch_is_held_against(look: Look) -> None:
    case = case_with(csv(900))
    sign(case)
    at = look(case)

    assert at.selectbox(key="pick_policy").value == NAME
    assert "is active since" in words(at)
    assert "Nothing is signed." not in words(at)
    assert "No batch was written into the record of this policy yet." in words(at)

    at.selectbox(key="pick_policy").set_value("new")
    at.run()
    assert "Nothing is signed." in words(at)


def test_a_batch_in_the_record_is_in_the_series_and_two_add_up(look: Look, tmp_path: Path) -> None:
    case = case_with(csv(900), csv(600, extra="note"))
    sign(case)
    at = look(case)
    before = len(ledger(tmp_path))
    assert before == len(ledger(tmp_path))
    press(at, "Write this into the record")

    assert not at.error
    assert "The batch is in the record" in words(at)
    assert ledger(tmp_path)[before:] == ["monitor.run"]
    assert "One batch is in the record" in words(at)
    # A series of one is what the chart on top shows already.
    assert len(at.get("vega_lite_chart")) == 1
    again = look(case, batch="production1")
    press(again, "Write this into the record")
    assert "Both batches added up" in words(again)
    assert len(again.get("vega_lite_chart")) == 2
    assert "1,500 applications" in words(again)
    runs = MonitorLog(Store(), None).series(NAME)
    assert [(run.label, run.rows, run.who) for run in runs] == [
        ("batch 1.csv", 900, "Ana"),
        ("batch 2.csv", 600, "Ana"),
    ]
    assert "RAI_DASH_KEEP_BATCH_ROWS" in words(again)
    counted = [run.line("review_rate") for run in runs]
    assert [(line.k, line.n) for line in counted if line] == [(360.0, 900.0), (240.0, 600.0)]


def test_what_a_breach_will_do_is_said_before_and_done_by_recording_alone(look: Look, tmp_path: Path) -> None:
    case = case_with(SHIFTED)
    sign(case, suspend=True)
    at = look(case)

    assert "Recording this suspends automatic decisions" in words(at)
    assert "This is a breach. Recording it opens" in words(at)
    assert "monitor.run" not in ledger(tmp_path)
    press(at, "Write this into the record")

    assert "The batch is in the record" in words(at)
    assert ["Suspended." in str(e.value) for e in at.error] == [True]
    assert Desk(Store(), PEOPLE[0]).standing(NAME).active.suspended is not None
    assert {"monitor.run", "policy.suspend", "problem.open"} <= set(ledger(tmp_path))


def test_a_suspension_names_its_batch_and_says_the_reason_once(look: Look) -> None:
    case = case_with(SHIFTED, csv(900))
    sign(case, suspend=True)
    at = look(case)
    press(at, "Write this into the record")
    assert words(at).count("The signed policy no longer holds: ") == 1
    assert "Reason: what the batch below shows." in words(at)

    # Beside another batch the reason is the batch that did it.
    other = look(case, batch="production1")
    assert "The signed policy no longer holds" not in words(other)
    assert "Reason: the batch “batch 1.csv”, recorded on" in words(other)


def test_a_batch_that_is_in_the_record_is_said_to_be(look: Look, tmp_path: Path) -> None:
    case = case_with(csv(900))
    sign(case)
    at = look(case)
    assert "Until then nothing is kept of this look" in words(at)
    long = "x" * 119 + "*"
    next(f for f in at.text_input if f.label == "What the batch is called").set_value(long)
    press(at, "Write this into the record")

    again = look(case)
    assert "It is in the record already, as “xxx" in words(again)
    # The name that is put there is that of the batch, whatever signs it holds.
    press(again, "Write this into the record")
    assert not again.error
    assert [run.label for run in MonitorLog(Store(), None).runs(NAME)] == [long, long]


def test_the_sign_off_page_says_what_the_monitor_found_and_since_when(look: Look, repo: Path) -> None:
    case = case_with(SHIFTED, csv(500, score=lambda i: (i % 100) / 200 + 0.3))
    sign(case)

    def still_true() -> AppTest:
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.session_state[identity.LOCAL_NAME] = "Dom"
        at.query_params["case"], at.query_params["desk"] = case.id, "business"
        at.switch_page("pages/sign_off.py")
        return at.run()

    before = still_true()
    assert "**Yes.** Version 1 of" in words(before)
    assert "No batch of production was held against version 1 yet" in words(before)
    for key in ("production", "production1"):
        at = look(case, batch=key)
        press(at, "Write this into the record")
        assert not at.error
    after = still_true()

    # Nobody suspended it: a green light would say more than is known.
    assert "**Yes.**" not in words(after)
    assert "**No.** Version 1 of" in words(after)
    assert "The last batch says that it no longer holds, and the machine goes on deciding." in words(after)
    assert "The last batch, “batch 2.csv” (500 applications, recorded on" in words(after)
    assert "no longer holds. So it has been for 2 batches in a row, since “batch 1.csv” of" in words(after)


def test_opening_the_page_removes_rows_whose_time_is_over(
    look: Look, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    monkeypatch.setenv("RAI_DASH_BATCH_DAYS", "30")
    get_settings.cache_clear()
    case = case_with(csv(900))
    sign(case)
    at = look(case)
    press(at, "Write this into the record")
    assert "The rows of this batch are kept for a while" in words(at)
    assert kept_tables(tmp_path) == 1

    later = desk.now() + timedelta(days=31)
    monkeypatch.setattr(desk, "now", lambda: later)
    again = look(case)

    assert kept_tables(tmp_path) == 0
    assert "No rows of this batch are kept any more." in words(again)
    get_settings.cache_clear()


def kept_tables(place: Path) -> int:
    with sqlite3.connect(place / "store.sqlite") as found:
        return int(found.execute("SELECT count(*) FROM artifact WHERE kind = 'rows'").fetchone()[0])


def test_a_breach_suspends_nothing_where_the_policy_does_not_say_so(look: Look) -> None:
    case = case_with(SHIFTED)
    sign(case)
    at = look(case)

    assert "The policy does not say that a breach suspends it" in words(at)
    press(at, "Write this into the record")
    assert Desk(Store(), PEOPLE[0]).standing(NAME).active.suspended is None


@pytest.mark.parametrize("role", ["viewer", "expert"])
def test_writing_into_the_record_needs_an_analyst(
    look: Look, as_role: Callable[[str], None], role: str, tmp_path: Path
) -> None:
    case = case_with(csv(900))
    sign(case)
    as_role(role)
    at = look(case, "Vera")

    assert "Writing a batch into the record needs the role analyst" in words(at)
    assert "Write this into the record" not in labels(at)
    assert "monitor.run" not in ledger(tmp_path)


def test_nobody_without_a_name_writes_into_the_record(look: Look) -> None:
    case = case_with(csv(900))
    sign(case)
    at = look(case, "")

    assert "Who are you?" in words(at)
    assert "Write this into the record" not in labels(at)


def test_the_same_rows_under_another_name_are_refused_at_the_form(look: Look, tmp_path: Path) -> None:
    case = case_with(csv(900))
    sign(case)
    at = look(case)
    press(at, "Write this into the record")
    field = next(f for f in at.text_input if f.label == "What the batch is called")
    field.set_value("Another name")
    press(at, "Write this into the record")

    assert "in the log already" in " ".join(str(e.value) for e in at.error)
    assert ledger(tmp_path).count("monitor.run") == 1


def test_a_period_that_is_none_is_refused_at_the_form(look: Look, tmp_path: Path) -> None:
    case = case_with(csv(900))
    sign(case)
    at = look(case)
    next(f for f in at.text_input if f.label.startswith("When the applications")).set_value("<b>May?</b>")
    press(at, "Write this into the record")

    assert at.error
    assert "mark" not in " ".join(str(e.value) for e in at.error)
    assert "monitor.run" not in ledger(tmp_path)


def test_batches_stand_in_the_order_of_their_periods_and_a_line_of_them_can_be_picked(look: Look) -> None:
    case = case_with(csv(900), csv(600, extra="note"))
    sign(case)
    for key, period in (("production", "2026-11"), ("production1", "2026-10")):
        at = look(case, batch=key)
        next(f for f in at.text_input if f.label.startswith("When the applications")).set_value(period)
        press(at, "Write this into the record")
    at.selectbox(key="pick_trend").set_value("psi|")
    at.session_state["numbers_monitor_series"] = True
    at.run()

    assert not at.exception
    frame = next(d.value for d in at.dataframe if "period" in d.value)
    assert frame["batch"].tolist() == ["batch 2.csv", "batch 1.csv"]
    assert frame["Score: drift (PSI)"].tolist() == [0.0, 0.0]
    assert frame["state"].tolist() == ["within its limits"] * 2


def test_a_version_that_is_not_in_force_is_said_to_be_none(look: Look) -> None:
    case = case_with(SHIFTED)
    sign(case, activate=False)
    at = look(case)

    assert "Not in force." in words(at)
    assert "not in force, so a breach suspends nothing" in words(at)


def of_a_model(case: Case) -> None:
    """Draft the policy of a case as one of a model that the case does not have."""
    bench = bench_of(View(case, Choices(case=case.id)))
    content = policy_on_page(bench, SAID, NAME).content()
    model = content["model"] | {
        "name": "step 7",
        "format": "xgboost",
        "sha256": "b" * 64,
        "favourable_class": "1",
    }
    policy = checked_policy(content | {"model": model, "score": {"source": "model"}})
    Desk(Store(), PEOPLE[0]).draft(policy)


def test_a_policy_on_a_model_that_is_not_here_is_not_judged_by_another(look: Look) -> None:
    case = case_with(csv(900))
    of_a_model(case)
    at = look(case)

    told = " ".join(str(e.value) for e in at.error).replace("\\", "")
    assert "'step 7', is not in this case" in told
    assert "no longer holds" not in words(at)


def test_scores_that_a_batch_brings_along_are_taken_from_their_column(look: Look) -> None:
    case = case_with(SHIFTED)
    of_a_model(case)
    at = look(case, watched="groups")
    assert at.selectbox(key="pick_batch_score").options == ["the model that was signed", "the column score"]
    at.selectbox(key="pick_batch_score").set_value("score")
    at.run()

    assert not at.error
    assert "go to a person, 40 % was measured" in warned(at)
    at.button_group(key="pick_watched").set_value("routes")
    at.run()
    assert "which model gave them cannot be checked" in words(at)


def test_an_old_policy_without_a_record_of_its_rows_says_so(look: Look) -> None:
    case = case_with(csv(900))
    bench = bench_of(View(case, Choices(case=case.id)))
    policy = policy_on_page(bench, SAID, NAME).model_copy(update={"monitoring": None})
    Desk(Store(), PEOPLE[0]).draft(policy)
    at = look(case)

    assert "drafted without a record of what its rows were like" in " ".join(str(e.value) for e in at.error)


# --- what is stated on the Sign-off page ---


def test_limits_and_what_a_breach_does_are_stated_where_the_policy_is(look: Look) -> None:
    at = look(case_with(csv(900)))
    at.switch_page("pages/sign_off.py")
    at.run()
    at.number_input(key="sign_may_review_rate").set_value(5.0)
    at.number_input(key="sign_may_psi_breach").set_value(0.2)
    at.checkbox(key="sign_suspend").set_value(True)
    press(at, "Keep as draft")

    assert not at.error
    (standing,) = Desk(Store(), PEOPLE[0]).policies()
    policy = Desk(Store(), PEOPLE[0]).policy(standing.policy_id, 1)
    limits = policy.monitoring.limits
    assert policy.suspend_on_breach
    assert dict(limits.tolerances) == {"review_rate": 0.05}
    assert (limits.psi_watch, limits.psi_breach, limits.ks) == (0.1, 0.2, None)
    told = words(at)
    assert "drift is a breach from a PSI of 0.20 on" in told
    assert "A breach suspends automatic decisions until somebody lifts it." in told
    assert at.number_input(key="sign_may_review_rate_1").value == 5.0


def test_limits_that_do_not_go_together_are_refused_at_the_form_and_nothing_is_written(
    look: Look, tmp_path: Path
) -> None:
    at = look(case_with(csv(900)))
    at.switch_page("pages/sign_off.py")
    at.run()
    at.number_input(key="sign_may_psi_watch").set_value(0.5)
    press(at, "Keep as draft")

    assert "not in order" in " ".join(str(e.value) for e in at.error)
    assert ledger(tmp_path) == []
    assert at.number_input(key="sign_may_psi_watch").value == 0.5


def test_what_is_done_with_the_rows_is_said_before(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_with(csv(900))
    sign(case)
    assert "Its counts are kept and no row of it." in words(look(case))

    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    get_settings.cache_clear()
    assert "and its rows for 90 days" in words(look(case))


# --- the problems of the policy on its batches ---


def test_recording_a_batch_tries_the_known_problems_and_their_page_shows_it(look: Look) -> None:
    from rai_dash.data.slices import parse_slice
    from rai_dash.govern.problems import ProblemDesk

    case = case_with(csv(900), csv(600, extra="note"))
    sign(case)
    signed = case.data_of(case.default_data).dataset.fingerprint
    problems = ProblemDesk(Store(), PEOPLE[0])
    scope = ProblemScope(data=frozenset({signed}))
    first = look(case)
    press(first, "Write this into the record")
    made = problems.open("Women are judged wrongly", parse_slice("sex is f"), scope=scope)
    second = look(case, batch="production1")
    assert "The problems that are known of this policy and its data are tried on it." in words(second)
    press(second, "Write this into the record")

    batch = MonitorLog(Store(), None).series(NAME)[1]
    rates = next(r for r in problems.problem(made.id).results if r.basis.data == batch.batch_sha256).rates
    rows = [
        (i, "repaid" if (i * 37) % 100 < i % 100 else "lost", "f" if i % 3 else "m", (i % 100) / 100)
        for i in range(600)
    ]
    women = [(outcome == "repaid") != (s >= 0.5) for _, outcome, sex, s in rows if sex == "f"]
    assert (rates.n, rates.wrong, rates.rows) == (len(women), sum(women), len(women))

    second.switch_page("pages/problems.py")
    second.run()
    assert not second.exception
    told = words(second)
    # The earlier one has no roles in the case, but its rows are there.
    assert "Tried on 2 recorded batches of production" in told
    alone = Case(
        id="alone", title="alone", data=(case.data_of(case.default_data),), default_data=case.default_data
    )
    at = look(alone)
    at.switch_page("pages/problems.py")
    at.run()
    assert "recorded batches of production" in words(at)


def test_batches_before_a_problem_whose_rows_are_gone_are_counted_on_its_page(look: Look) -> None:
    from rai_dash.data.slices import parse_slice
    from rai_dash.govern.problems import ProblemDesk

    case = case_with(csv(900))
    sign(case)
    press(look(case), "Write this into the record")
    signed = case.data_of(case.default_data)
    scope = ProblemScope(data=frozenset({signed.dataset.fingerprint}))
    ProblemDesk(Store(), PEOPLE[0]).open("Women are judged wrongly", parse_slice("sex is f"), scope=scope)

    # A case without the table of that batch.
    at = look(Case(id="alone", title="alone", data=(signed,), default_data=signed.key))
    at.switch_page("pages/problems.py")
    at.run()

    assert "Rows of 1 earlier batch were not kept, so it cannot be tried there" in words(at)
    assert "RAI_DASH_KEEP_BATCH_ROWS" in words(at)


def test_slices_are_searched_over_past_batches_where_their_rows_are_kept(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_with(csv(900), csv(600, extra="note"))
    sign(case)
    press(look(case), "Write this into the record")

    def searched() -> str:
        at = look(case, problems="find")
        at.switch_page("pages/problems.py")
        at.run()
        at.radio(key="slices_rows").set_value(NAME)
        at.run()
        assert not at.exception
        return words(at)

    assert "No row of 1 recorded batch is there to be searched" in searched()
    monkeypatch.setenv("RAI_DASH_KEEP_BATCH_ROWS", "true")
    get_settings.cache_clear()
    press(look(case, batch="production1"), "Write this into the record")
    told = searched()
    assert "600 rows with an outcome and a score, of 1 batch" in told
    assert "Rows of 1 more were not kept." in told
    assert "were compared" in told
