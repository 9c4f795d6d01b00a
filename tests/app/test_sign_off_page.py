"""The Sign-off page in every state, as several people see it; the ledger is read back with sqlite3 by hand."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.core.settings import get_settings
from rai_dash.core.types import ReviewBand, Roles, TargetKind
from rai_dash.govern.desk import Desk
from rai_dash.govern.drafting import HarmFacts
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.policy import checked_policy
from rai_dash.govern.signoff import Code, SignedData, SignedFigures, SignedModel, sign_off
from rai_dash.govern.store import Store
from rai_dash.report.pdf import NoPdf
from rai_dash.review.band import route
from rai_dash.review.constraints import parse_constraint
from rai_dash.ui import identity, state
from rai_dash.ui.choices import Choices
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.reviewing.limit_codes import encode
from rai_dash.ui.signing import desk, downloads
from rai_dash.ui.signing.stating import Said, changed_since, policy_on_page
from rai_dash.ui.state import View
from tests.app.conftest import press_label as press
from tests.app.conftest import table_case, texts, words
from tests.app.small_loans import NAME, SAID
from tests.app.test_identity_pages import SECRETS, claims

WHY = (
    "I read forty cases on either side of both lines and asked two colleagues: the errors are no worse than ours, and "
    "the unsure ones reach a person."
)
DOMAIN, RISK = "domain expert", "risk owner"
ROLES = Roles(
    target="outcome", favourable=("repaid",), unfavourable=("lost",), sensitive=("sex",), score="score",
    target_kind=TargetKind.OBSERVED, split="part", split_train=("train",),
)  # fmt: skip
CSV = "outcome,sex,score,part\n" + "".join(
    f"{'repaid' if (i * 37) % 100 < i % 100 else 'lost'},{'f' if i % 3 else 'm'},{(i % 100) / 100:.2f},"
    f"{'train' if i % 5 == 0 else 'test'}\n"
    for i in range(400)
)
Look = Callable[..., AppTest]


@pytest.fixture
def case() -> Case:
    return table_case(CSV, ROLES)


@pytest.fixture
def look(repo: Path, case: Case) -> Look:
    """Open the Sign-off page of the case as somebody; "" = nobody said who they are."""

    def run(name: str, *, page: str = "sign_off", held: Case = case, **query: str) -> AppTest:
        state.store().put(held)
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.session_state[identity.LOCAL_NAME] = name
        for key, value in ({"case": case.id} | query).items():
            at.query_params[key] = value
        at.switch_page(f"pages/{page}.py")
        at.run()
        assert not at.exception
        return at

    return run


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """The time, to be moved."""
    hands = {"now": datetime(2026, 11, 29, 14, 0, tzinfo=UTC)}
    monkeypatch.setattr(desk, "now", lambda: hands["now"])
    return hands


class Office:
    """People who act at the desk without the page."""

    def __init__(self, case: Case, clock: dict[str, datetime]) -> None:
        self.case, self.clock = case, clock

    def at(self, name: str, role: AppRole = AppRole.OPERATOR) -> Desk:
        person = Person(name=name, subject=name, role=role, signs_as=None)
        return Desk(Store(), person, clock=lambda: self.clock["now"])

    def draft(self, said: Said = SAID, **chosen: Any) -> str:
        bench = bench_of(View(self.case, Choices(case=self.case.id, **chosen)))
        return self.at("Ana").draft(policy_on_page(bench, said, NAME)).content_hash

    def submit(self, **chosen: Any) -> str:
        content = self.draft(**chosen)
        version = self.at("Ana").standing(NAME).latest.version
        self.at("Ana").submit(NAME, version)
        return content

    def sign(self, name: str, role: str, decision: str = "approve") -> None:
        status = self.at(name).standing(NAME).latest
        self.at(name).sign(
            NAME, status.version, content_hash=status.content_hash, role=role, decision=decision, rationale=WHY,
            ticked=status.warnings,
        )  # fmt: skip

    def signed(self, **chosen: Any) -> None:
        self.submit(**chosen)
        self.sign("Dom", DOMAIN)
        self.sign("Rita", RISK)

    def active(self, stage: str = "all", share: float | None = None, **chosen: Any) -> None:
        self.signed(**chosen)
        version = self.at("Otto").standing(NAME).latest.version
        self.at("Otto").activate(NAME, version, stage=stage, share=share)


@pytest.fixture
def office(case: Case, clock: dict[str, datetime]) -> Office:
    return Office(case, clock)


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[], list[tuple[Any, ...]]]:
    """The ledger as it lies in the file."""

    def read() -> list[tuple[Any, ...]]:
        with sqlite3.connect(tmp_path / "store.sqlite") as found:
            return found.execute("SELECT seq, kind, subject, body, prev_hash, hash FROM ledger").fetchall()

    return read


def side(at: AppTest) -> str:
    return " ".join(str(c.value) for c in at.sidebar.caption).replace("\\", "")


def labels(at: AppTest) -> list[str]:
    return [b.label for b in at.button]


def field(at: AppTest, kind: str, start: str) -> Any:
    return next(e for e in getattr(at, kind) if e.label.startswith(start))


def fill_in(
    at: AppTest, *, role: str, decision: str | None = "approve", why: str = WHY, tick: bool = True
) -> None:
    field(at, "selectbox", "You sign as").set_value(role)
    if decision is not None:
        field(at, "radio", "Decision").set_value(decision)
    field(at, "text_area", "Why").set_value(why)
    for box in at.checkbox:
        box.set_value(tick)


# --- stating ---


def test_before_anything_else_the_page_asks_who_it_is_and_nothing_can_be_sent(look: Look) -> None:
    at = look("")

    assert "a person decides every application" in words(at)
    assert not {"Send to review", "Sign"} & set(labels(at))
    field(at, "text_input", "Your name").set_value("  Ana   Lyst ")
    at.run()
    assert "You are Ana Lyst (operator, name not verified)" in words(at)
    assert "Send to review" in labels(at)


def test_a_statement_is_written_down_with_the_texts_beside_the_chain_and_put_in_review(
    look: Look, rows: Any
) -> None:
    at = look("Ana")
    field(at, "text_input", "Title").set_value("Small loans")
    field(at, "text_area", "What does a wrong approval").set_value("A household takes on too much debt.")
    field(at, "text_area", "What does a wrong refusal").set_value("Somebody gets no loan for a home.")
    field(at, "text_input", "Who answers").set_value("Head of lending")
    field(at, "text_area", "What changes").set_value("Officers see the unsure ones only.")
    press(at, "Send to review")

    assert not at.error
    assert "is in review since" in words(at)
    assert "waits for the domain expert and the risk owner" in words(at)
    found = rows()
    assert [kind for _, kind, *_ in found] == ["policy.draft", "policy.submit", "policy.signature"]
    drafted = json.loads(found[0][3])["policy"]
    assert drafted["band"] == {"lo": 0.3, "threshold": 0.5, "hi": 0.7}
    assert drafted["data"]["rows_judged"] == 320
    assert set(drafted["harm"]["wrong_approval"]) == {"sealed"}
    assert "household" not in found[0][3]
    # Counted by hand: of the 320 rows that are not for training 0.30 to 0.69 go to a person.
    held = [i for i in range(400) if i % 5]
    assert drafted["metrics"]["overall"]["review"] == sum(30 <= i % 100 < 70 for i in held)
    assert found[0][2].startswith("policy:small-loans-")


def test_a_statement_that_says_too_little_is_refused_and_stays_as_it_was_typed(
    look: Look, tmp_path: Path
) -> None:
    at = look("Ana")
    field(at, "text_area", "What does a wrong approval").set_value("Bad.")
    press(at, "Send to review")

    assert "what a wrong approval does to a person" in words(at)
    assert field(at, "text_area", "What does a wrong approval").value == "Bad."
    with sqlite3.connect(tmp_path / "store.sqlite") as found:
        tables = found.execute("SELECT count(*) FROM sqlite_master WHERE name = 'ledger'").fetchone()[0]
        assert not tables or not found.execute("SELECT count(*) FROM ledger").fetchone()[0]


def test_a_draft_is_kept_without_all_it_takes_and_comes_back_into_the_form(look: Look) -> None:
    at = look("Ana")
    field(at, "text_area", "What changes").set_value("Officers see the unsure ones only.")
    press(at, "Keep as draft")

    assert not at.error
    again = look("Ana")
    assert "is a draft of" in words(again)
    assert field(again, "text_area", "What changes").value == "Officers see the unsure ones only."
    assert "Policy: a draft, nobody has signed it" in side(again)


@pytest.mark.parametrize("role", ["viewer", "expert"])
def test_stating_needs_an_analyst(look: Look, as_role: Callable[[str], None], role: str) -> None:
    as_role(role)
    at = look("Vera")

    assert "Stating what is decided needs the role analyst" in words(at)
    assert "Send to review" not in labels(at)


# --- what is asked ---


def test_the_page_shows_the_figures_of_the_policy_and_not_those_of_the_own_page(
    look: Look, office: Office
) -> None:
    office.submit()
    at = look("Dom", lo="0.1", hi="0.9")

    told = words(at)
    held = [i % 100 for i in range(400) if i % 5]
    person = round(1000 * sum(30 <= s < 70 for s in held) / len(held))
    assert f"sends {person} to a person" in told
    assert "Scores below 30 % are declined and scores from 70 % up are approved" in told
    for part in (SAID.harm.wrong_approval, SAID.harm.wrong_refusal, SAID.harm.answerable, SAID.people_before):
        assert str(part) in told
    assert "domain expert**: waiting" in told
    assert "risk owner**: waiting" in told
    assert any(e.label.startswith("Your pages differ from it in the band") for e in at.expander)
    assert "| Declined below | 30 % | 10 % |" in told


def test_another_case_that_opens_the_link_reads_the_same_figures(
    look: Look, office: Office, repo: Path
) -> None:
    office.submit()
    other = table_case("outcome,sex,score,part\n" + "repaid,f,0.9,test\nlost,m,0.2,test\n" * 40, ROLES)
    state.store().put(other)
    for name, seen in (("", False), (NAME, True)):
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.session_state[identity.LOCAL_NAME] = "Dom"
        at.query_params["case"] = other.id
        if name:
            at.query_params["policy"] = name
        at.switch_page("pages/sign_off.py")
        at.run()
        assert ("Small loans" in words(at)) is seen
        # Not even its name is among what others may choose from.
        assert not [s for s in at.selectbox if s.label == "Policy"]
    assert "Your pages differ from it in the data" in " ".join(str(e.label) for e in at.expander)
    assert "Policy:" not in side(at)
    # The chips above are about the own case: 80 rows. 320 of the 400 rows of the policy are no training rows.
    assert "Judged on 320 of 400 rows" in words(at)


def test_a_link_to_a_policy_that_is_not_there_is_said_to_lead_nowhere(look: Look, office: Office) -> None:
    told = words(look("Dom", policy="small-loans-ffffff"))
    assert "names the policy small-loans-ffffff, which is not in these records" in told
    assert "What is shown is" not in told

    office.submit()
    told = words(look("Dom", policy="small-loans-ffffff"))
    assert "What is shown is the newest policy on your data." in told
    assert "is in review since" in told
    assert "not in these records" not in words(look("Dom", policy=NAME))


def test_a_rejected_version_is_not_written_anew_about_other_data_unawares(look: Look, office: Office) -> None:
    office.submit()
    office.sign("Rita", RISK, "reject")
    other = table_case("outcome,sex,score,part\n" + "repaid,f,0.9,test\nlost,m,0.2,test\n" * 40, ROLES)

    assert "your case holds other data" in words(look("Ana", held=other, case=other.id, policy=NAME))
    assert "your case holds other data" not in words(look("Ana", policy=NAME))


def test_the_address_for_those_who_sign_opens_the_policy_without_a_case(
    look: Look, office: Office, repo: Path
) -> None:
    office.submit()
    shown = look("Dom").code[0].value
    assert shown.endswith(f"sign_off?policy={NAME}")

    at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
    at.session_state[identity.LOCAL_NAME] = "Dom"
    at.query_params["policy"] = shown.partition("policy=")[2]
    at.switch_page("pages/sign_off.py")
    at.run()

    assert not at.exception
    assert "Small loans" in words(at)
    assert at.query_params["case"].startswith("story.")


def test_limits_are_told_to_be_kept_or_not_by_the_figures_of_the_policy(look: Look, office: Office) -> None:
    bounds = [
        parse_constraint(text, columns={"sex": ("f", "m")})
        for text in ("review at most 15 %", "review at most 90 %")
    ]
    office.submit(limits=encode(bounds, {"sex": ("f", "m")}))

    told = words(look("Dom"))

    held = [i % 100 for i in range(400) if i % 5]
    share = f"{100 * sum(30 <= s < 70 for s in held) / len(held):.0f} %"
    assert f"| review at most 15 % | {share} | **no** |" in told
    assert f"| review at most 90 % | {share} | yes |" in told


# --- signing ---


def test_two_people_sign_and_an_operator_puts_it_into_force(look: Look, office: Office, rows: Any) -> None:
    content = office.submit()
    for name, role in (("Dom", DOMAIN), ("Rita", RISK)):
        at = look(name)
        fill_in(at, role=role)
        press(at, "Sign")
        assert not at.error
        assert f"you approved version 1 as {role}" in words(at)
        assert [t.value for t in at.text_area if t.label.startswith("Why")] == (
            [""] if role == DOMAIN else []
        )

    at = look("Otto")
    assert "was signed on 29 Nov 2026 and is not in use yet" in words(at)
    press(at, "Put into force")
    assert "is active since 29 Nov 2026, until 29 Nov 2027, in the shadow" in words(at)

    bodies = [(kind, json.loads(body)) for _, kind, _, body, *_ in rows()]
    signed = [b for kind, b in bodies if kind == "policy.signature"]
    assert [b["role"] for b in signed] == ["author", DOMAIN, RISK]
    assert {b["content_hash"] for b in signed} == {content}
    drafted = next(b for kind, b in bodies if kind == "policy.draft")["policy"]
    assert hashlib.sha256(rfc8785.dumps(drafted)).hexdigest() == content
    assert all(t["ticked"] for t in signed[1]["warnings"])
    assert bodies[-1][1]["stage"] == "shadow"


@pytest.mark.parametrize(
    ("name", "changed", "refusal"),
    [
        ("Ana", {}, "author"),
        (" ana ", {}, "author"),
        ("Dom", {"why": "It is fine."}, "3 words; at least 20"),
        ("Dom", {"tick": False}, "warnings are not ticked. Read and tick each one at the top of the form"),
        ("Dom", {"decision": None}, "Choose a decision"),
    ],
)
def test_a_signature_that_may_not_be_is_refused_at_the_form_and_nothing_typed_is_lost(
    look: Look, office: Office, *, rows: Any, name: str, changed: dict[str, Any], refusal: str
) -> None:
    office.submit()
    before = len(rows())
    at = look(name)
    fill_in(at, role=DOMAIN, **changed)
    press(at, "Sign")

    assert len(at.error) == 1
    assert refusal in str(at.error[0].value).replace("\\", "")
    assert field(at, "text_area", "Why").value == changed.get("why", WHY)
    assert len(rows()) == before


def test_nobody_signs_for_two_roles(look: Look, office: Office) -> None:
    office.submit()
    office.sign("Dom", DOMAIN)
    at = look("Dom")
    fill_in(at, role=RISK)
    press(at, "Sign")

    assert at.error
    assert office.at("Otto").standing(NAME).latest.missing_roles == (RISK,)
    told = words(at)
    assert "You approved it as domain expert; each other role needs another person." in told
    assert "You can sign below as risk owner" not in told
    assert "You can sign below as risk owner" in words(look("Rita"))


def test_what_was_changed_between_reading_and_signing_is_not_signed(look: Look, office: Office) -> None:
    office.submit()
    at = look("Dom")
    fill_in(at, role=DOMAIN)
    office.submit(lo=0.2)
    press(at, "Sign")

    assert at.error
    latest = office.at("Otto").standing(NAME).latest
    assert latest.version == 2
    assert [s.role for s in latest.signatures] == ["author"]
    assert field(at, "text_area", "Why").value == WHY


def test_a_viewer_reads_and_cannot_sign(look: Look, office: Office, as_role: Callable[[str], None]) -> None:
    office.submit()
    as_role("viewer")
    at = look("Vera")

    assert "Signing needs the role expert" in words(at)
    assert "Sign" not in labels(at)
    assert str(SAID.harm.wrong_refusal) in words(at)


def test_the_author_is_told_that_others_must_approve(look: Look, office: Office) -> None:
    office.submit()

    assert "You wrote it, so others have to approve it." in words(look("ANA"))
    assert "You wrote it" not in words(look("Dom"))


def test_a_rejection_makes_a_draft_again_and_its_reason_stays_on_the_page(look: Look, office: Office) -> None:
    office.submit()
    at = look("Rita")
    fill_in(at, role=RISK, decision="reject", why=f"Not before the appeals are staffed. {WHY}", tick=False)
    press(at, "Sign")

    told = words(look("Ana"))
    assert "is a draft again: Rita, risk owner, rejected it on 29 Nov 2026." in told
    assert "**Why Rita rejected it:** “Not before the appeals are staffed." in told
    assert "Send to review" in labels(look("Ana"))


# --- in force ---


def test_an_active_policy_says_what_changed_since_it_was_signed(look: Look, office: Office) -> None:
    office.active()

    same = words(look("Dom"))
    assert "is active since 29 Nov 2026, until 29 Nov 2027, for all cases" in same
    assert "What is on your pages is this version, figure by figure" in same
    moved = look("Dom", lo="0.2")
    assert "| Declined below | 30 % | 20 % |" in words(moved)


def test_what_somebody_else_ticked_and_weighed_is_no_difference_of_the_page(office: Office) -> None:
    bench = bench_of(View(office.case, Choices(case=office.case.id)))
    content = policy_on_page(bench, SAID, NAME).content()
    for warning in content["warnings_shown"]:
        warning["ticked"] = True
    rate = content["metrics"]["overall"]["rates"]["review_rate"]
    other = {"name": "Wider", "band": {"lo": 0.2, "threshold": 0.5, "hi": 0.8}}
    content["alternatives"] = [other | {"review_rate": rate, "auto_error_rate": rate, "cost": None}]

    assert content["warnings_shown"]
    assert changed_since(bench, checked_policy(content)) == []


def test_operating_needs_a_reason_and_what_it_does_is_seen_at_once(look: Look, office: Office) -> None:
    office.active()
    at = look("Otto")
    at.session_state["operate"] = True
    at.run()
    press(at, "Suspend: everything goes to a person")
    assert "at least 10 are needed" in words(at)
    next(t for t in at.text_input if "suspend" in str(t.key)).set_value(
        "The share of errors doubled in a week."
    )
    press(at, "Suspend: everything goes to a person")

    assert "is suspended: everything goes to a person" in words(at)
    assert "Policy: suspended, everything goes to a person" in side(at)
    assert office.at("Otto").standing(NAME).latest.suspended == "The share of errors doubled in a week."


def test_operating_is_not_offered_to_those_who_may_not(
    look: Look, office: Office, as_role: Callable[[str], None]
) -> None:
    office.active()
    as_role("viewer")

    assert "Operate" not in [e.label for e in look("Vera").expander]


@pytest.mark.parametrize("page", ["performance", "fairness", "review_band", "sign_off"])
def test_an_expired_policy_is_said_to_be_expired_on_every_page(
    look: Look, office: Office, clock: dict[str, datetime], page: str
) -> None:
    office.active()
    assert "Policy: active since 29 Nov 2026, for all cases" in side(look("Dom", page=page))
    clock["now"] += timedelta(days=340)
    assert "It expires in 25 days, on 29 Nov 2027" in side(look("Dom", page=page))
    clock["now"] += timedelta(days=26)

    assert "Policy: expired on 29 Nov 2027, everything goes to a person" in side(look("Dom", page=page))


def test_an_expired_policy_is_expired_for_the_business_and_a_new_version_can_be_made(
    look: Look, office: Office, clock: dict[str, datetime]
) -> None:
    office.active()
    on_band = words(look("Dom", page="review_band", bench="stakeholder"))
    assert "**Yes.** Version 1 of “Small loans” (QA) is active" in on_band
    assert "**Dom** approved it as domain expert on 29 Nov 2026" in on_band
    clock["now"] += timedelta(days=366)

    for at in (look("Dom", page="review_band", bench="stakeholder"), look("Dom", desk="business")):
        assert "**No.** Version 1 of “Small loans” (QA) expired on 29 Nov 2027" in words(at)
    at = look("Ana")
    assert at.error[0].value.replace("\\", "").startswith("**Version 1 of “Small loans” (QA) expired")
    press(at, "Send to review")
    assert office.at("Otto").standing(NAME).latest.version == 2
    assert "Policy: expired on 29 Nov 2027" in side(at)
    assert "Version 2: in review" in side(at)


@pytest.mark.parametrize(("stage", "light"), [("shadow", "**Not yet.**"), ("share", "**Yes.**")])
def test_the_light_says_whether_the_machine_decides_already(
    look: Look, office: Office, stage: str, light: str
) -> None:
    office.submit()
    assert (
        words(look("Dom", desk="business")).count("**Not yet.** Version 1 of “Small loans” (QA) is in review")
        == 1
    )
    office.sign("Dom", DOMAIN)
    office.sign("Rita", RISK)
    office.at("Otto").activate(NAME, 1, stage=stage, share=0.5 if stage == "share" else None)

    assert f"{light} Version 1 of “Small loans” (QA) is active" in words(look("Dom", desk="business"))


def test_who_was_won_over_is_not_told_to_be_against_it(look: Look, office: Office) -> None:
    office.submit()
    office.sign("Rita", RISK, "reject")
    assert "Against it was Rita (risk owner)" in words(look("Dom", desk="business"))
    office.signed()

    told = words(look("Dom", desk="business"))
    assert "Against it was" not in told
    assert (
        "Rita (risk owner) rejected it on 29 Nov 2026, and approved it when it was put forward again." in told
    )


def test_the_business_is_told_about_the_signed_band_wherever_the_ends_stand_now(
    look: Look, office: Office
) -> None:
    office.active(lo=0.2)

    assert "**Yes.** Version 1 of" in words(look("Dom", desk="business", lo="0.4", hi="0.9"))


def test_the_business_is_told_that_other_data_say_something_else(
    look: Look, office: Office, case: Case
) -> None:
    office.active()
    rows = CSV.splitlines()
    later = table_case("\n".join([rows[0], *rows[1:300]]) + "\n", ROLES).data[0]
    both = case.with_data(replace(later, key="later", title="later.csv"))
    state.store().put(both)

    at = look("Dom", desk="business", data="later", held=both)

    told = words(at)
    assert "**With a reservation.**" in told
    assert "What there is now differs in the data" in told
    assert "320" in told  # judged when it was signed
    assert "240" in told or "239" in told  # judged now


def test_a_policy_that_was_superseded_or_revoked_decides_nothing(look: Look, office: Office) -> None:
    office.active()
    office.active(lo=0.2)
    assert "Policy: active" in side(look("Dom"))
    office.at("Otto").revoke(NAME, 2, reason="The figures do not hold any more.")

    at = look("Dom")
    assert "Policy: revoked on 29 Nov 2026, everything goes to a person" in side(at)
    assert "Reason: The figures do not hold any more." in words(at)


# --- history ---


def test_the_history_tells_what_was_done_and_compares_versions(look: Look, office: Office) -> None:
    office.active()
    office.submit(lo=0.2)
    at = look("Dom", desk="history")

    told = words(at)
    for line in ("Ana drafted version 1", "Dom approved version 1 as domain expert", "Otto put version 1 into use",
                 "Ana put version 2 forward for review"):  # fmt: skip
        assert line in told
    assert "| Declined below | 30 % | 20 % |" in told
    press(at, "Check the whole chain")
    assert "is whole" in words(at)


def test_nonsense_in_the_address_shows_the_policy_all_the_same(look: Look, office: Office) -> None:
    office.active()
    for query in (
        {"policy": "no-such-policy"}, {"desk": "<b>"}, {"version": "99", "other": "-4", "desk": "history"},
        {"policy": "../../etc", "version": "x", "desk": "business"},
    ):  # fmt: skip
        at = look("Dom", **query)
        assert "Small loans" in words(at) or "Dom approved version 1" in words(at)


def test_hostile_texts_are_shown_and_run_nothing(look: Look, office: Office) -> None:
    evil = "![x](https://evil.example/x.png) **bold** :rocket: $x$"
    office.submit()
    said = Said(
        title=evil, environment="QA", people_before=evil,
        harm=HarmFacts(wrong_approval=evil, wrong_refusal=evil, answerable=evil),
    )  # fmt: skip
    office.draft(said, lo=0.2)
    at = look(evil)

    shown = texts(at)
    assert "![x](" not in shown
    assert "\\!\\[x\\]" in shown


def test_a_broken_ledger_stops_no_other_page(look: Look, office: Office, tmp_path: Path) -> None:
    office.active()
    with sqlite3.connect(tmp_path / "store.sqlite") as found:
        for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            found.execute(f'DROP TRIGGER "{name}"')
        found.execute('UPDATE ledger SET body = replace(body, \'"stage":"all"\', \'"stage":"shadow"\')')

    assert "was changed after it was written" in words(look("Dom"))
    other = look("Dom", page="performance")
    assert "How the policy stands cannot be read" in side(other)
    assert not other.error


def test_what_an_earlier_version_of_the_app_signed_stays_readable(look: Look, case: Case) -> None:
    judgement = View(case, Choices(case=case.id)).judgement
    tables = [route(judgement.counts(("sex",)), ReviewBand(0.3, 0.5, 0.7))]
    content = sign_off(
        {
            "signed_at": datetime(2026, 1, 5, 9, tzinfo=UTC), "case": "table.csv",
            "band": {"lo": 0.3, "threshold": 0.5, "hi": 0.7}, "figures": SignedFigures.of(tables),
            "data": SignedData(
                name="table.csv", fingerprint=case.data[0].dataset.fingerprint, rows=320, role="training"
            ),
            "model": SignedModel(name="score", format="score_column", fingerprint=None, favourable_class=None),
            "code": Code.here(), "warnings_shown": [],
            "signer": {"name": "Olga Old", "role": "Risk owner", "meaning": "approval", "decision": "approve",
                       "reason": "The band keeps wrong refusals low and we answer for it every day."},
        }
    )  # fmt: skip
    with Store() as store:
        store.append("sign_off", "sign-off", "local", content.content())

    at = look("Dom", desk="history")

    assert any(
        "Olga Old, as Risk owner, approved this band on 5 January 2026" in e.label.replace("\\", "")
        for e in at.expander
    )
    assert "Policy:" not in side(at)


# --- files ---


def test_the_files_of_a_version_hold_the_record_and_route_as_it_says(
    look: Look, office: Office, rows: Any
) -> None:
    office.active(stage="share", share=0.25)
    status = office.at("Otto").standing(NAME).latest
    newest = rows()[-1][5]

    assert newest in downloads.html(status)
    content = json.loads(downloads.policy_json(status))
    assert content["standing"]["share"] == 0.25
    assert [e["hash"] for e in content["ledger"]["entries"]] == [row[5] for row in rows()]
    for dialect in ("postgresql", "sqlite", "duckdb"):
        sql = downloads.sql(status, dialect).decode()
        assert sql.count("CASE") == 2
        assert "application_id" in sql
        assert "-- From 2027-11-29T14:00:00Z on everything goes to a person." in sql
    routed: dict[str, Any] = {}
    exec(downloads.python(status).decode(), routed)  # noqa: S102 - what we export ourselves
    vectors = json.loads(downloads.vectors(status))
    assert {v["route"] for v in vectors} == {"approve", "reject", "review"}
    for v in vectors:
        score = None if v["score"] is None else float(v["score"])
        told = routed["route"](score, v["row"], at=datetime.fromisoformat(v["at"]), key=v["key"])
        assert tuple(told) == (v["route"], v["reason"])


def test_a_machine_that_cannot_write_pdf_says_so_and_shows_the_rest(
    look: Look, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.active()

    def cannot(html: str) -> bytes:
        msg = f"This machine cannot write PDF{html[:0]}."
        raise NoPdf(msg)

    monkeypatch.setattr("rai_dash.report.pdf.certificate_pdf", cannot)
    at = press(look("Dom", desk="history"), "Make the PDF")

    assert [str(e.value).replace("\\", "") for e in at.error] == ["This machine cannot write PDF."]
    assert "Otto put version 1 into use" in words(at)
    assert "Make the PDF" in labels(at.run())


# --- taking back ---


def test_an_operator_goes_back_a_step(look: Look, office: Office) -> None:
    office.active()
    office.active(lo=0.2)
    at = look("Otto")
    at.session_state["operate"] = True
    at.run()
    next(t for t in at.text_input if "revert" in str(t.key)).set_value("The second band declines too few.")
    press(at, "Go back to version 1")

    found = office.at("Otto").standing(NAME)
    assert found.active is not None
    assert found.active.version == 1
    assert "Policy: active since 29 Nov 2026, for all cases" in side(at)
    # Nobody should read in red that nothing is decided any more.
    assert not at.error
    assert any(
        "Version 1 of “Small loans”" in str(s.value) and "is active" in str(s.value) for s in at.success
    )


def test_a_version_that_came_back_and_was_revoked_is_told_to_be_revoked(look: Look, office: Office) -> None:
    office.active()
    office.active(lo=0.2)
    office.at("Otto").revert(NAME, 2, reason="The second band declines too few.")
    office.at("Otto").revoke(NAME, 1, reason="The figures of last week do not hold.")

    at = look("Otto")
    assert "Policy: revoked on 29 Nov 2026, everything goes to a person" in side(at)
    assert "Version 1 of “Small loans”" in str(at.error[0].value)
    assert "was revoked on 29 Nov 2026" in str(at.error[0].value)
    assert "Send to review" in labels(at)


def test_what_is_on_the_pages_becomes_a_new_version_when_it_is_asked_for(look: Look, office: Office) -> None:
    office.active()
    at = look("Ana", lo="0.2")
    press(at, "Make it a new version")
    assert field(at, "text_input", "Title").value == "Small loans"
    press(at, "Send to review")

    assert "Version 2 of “Small loans” (QA) is in review" in words(at)
    assert office.at("Otto").policy(NAME, 2).band.lo == 0.2
    assert "Version 1 of “Small loans” (QA) is active" in words(at)


def test_another_policy_can_be_started_beside_the_first(look: Look, office: Office) -> None:
    office.active()
    at = press(look("Ana"), "Start another policy")
    assert "A new policy, beside those there are: nothing has been stated in it yet." in words(at)
    for which in ("", "history", "business"):
        # The first one is in force all the while.
        assert "a person decides every application" not in words(look("Ana", policy="new", desk=which))
    field(at, "text_input", "Title").set_value("The same in production")
    field(at, "selectbox", "Meant for").set_value("production")
    press(at, "Keep as draft")

    assert len(office.at("Otto").policies()) == 2
    assert "“The same in production” (production) is a draft" in words(at)
    assert len(field(at, "selectbox", "Policy").options) == 2


# --- signed in ---


@pytest.fixture
def signed_in(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    """Open the Sign-off page on other data as somebody who signed in."""
    monkeypatch.setenv("RAI_DASH_GROUP_ROLES", '{"credit": "expert", "model": "analyst", "branch": "viewer"}')
    monkeypatch.setenv("RAI_DASH_GROUP_SIGNS", '{"credit": "domain expert"}')
    get_settings.cache_clear()

    def run(name: str, *groups: str, **query: str) -> AppTest:
        at = AppTest.from_file(str(repo / "app.py"), default_timeout=60)
        at.secrets = dict(SECRETS)
        at.user = claims(name, *groups)
        mine = table_case("outcome,sex,score,part\n" + "repaid,f,0.9,test\nlost,m,0.2,test\n" * 40, ROLES)
        mine = replace(mine, id=f"{mine.id}-{name}")
        state.store().put(mine, owner=f"oidc|http://localhost:9400|{name.casefold()}")
        for key, value in ({"case": mine.id} | query).items():
            at.query_params[key] = value
        at.switch_page("pages/sign_off.py")
        at.run()
        assert not at.exception
        return at

    yield run
    monkeypatch.undo()
    get_settings.cache_clear()


def test_somebody_signed_in_finds_what_waits_for_them_and_signs_in_their_own_role_only(
    signed_in: Look, office: Office
) -> None:
    office.submit()
    at = signed_in("Dora", "credit")
    chooser = field(at, "selectbox", "Policy")
    chooser.set_value(next(o for o in (NAME, *chooser.options) if o == NAME))
    at.run()

    assert "You are Dora (expert, signed in). You can sign below as domain expert." in words(at)
    assert field(at, "selectbox", "You sign as").options == [DOMAIN]
    fill_in(at, role=DOMAIN)
    press(at, "Sign")
    signature = office.at("Otto").standing(NAME).latest.signatures[-1]
    assert (signature.name, signature.identity, signature.role) == ("Dora", "oidc", DOMAIN)

    analyst = signed_in("Anna", "model", policy=NAME)
    assert "You may not sign in any role here" in words(analyst)
    viewer = signed_in("Vera", "branch", policy=NAME)
    assert "Signing needs the role expert" in words(viewer)
    assert "verified by sign-in" in words(viewer)
