from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import rfc8785

from rai_dash.govern.export import verify_export
from rai_dash.govern.policy_changes import compare
from rai_dash.report.certificate_page import certificate_page
from tests.certificates import KEY, POLICY, Book, make_policy, signed_book

HOSTILE = "<script>alert(1)</script>\u202e\u200b\"'&{{ 7*7 }}"
#: Elements that have no end tag.
VOID = {"meta", "br", "rect"}


class Page(HTMLParser):
    """The page as a browser takes it apart: elements, text, and whether each element is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.pieces: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(f"{piece} " for piece in self.pieces).split())


def page_of(book: Book, *, version: int = 1, now=None, **more) -> str:
    now = now or book.now
    return certificate_page(book.policy(version), book.standing(now), book.export(), as_of=now, **more)


def text_of(book: Book, **more) -> str:
    return Page(page_of(book, **more)).text


@pytest.fixture(scope="module")
def active() -> str:
    book = signed_book()
    book.activate()
    return page_of(book)


def test_the_page_says_what_was_decided_who_signed_and_until_when(active):
    text = Page(active).text
    for piece in (
        "State Active, for all cases",
        "Approved by Zoë Müller-Šimić, domain expert; Rita Risk, risk owner",
        "Dissent Rita Risk, risk owner",
        "Valid until 29 November 2027, 18:00 UTC",
        "As of 29 November 2026, 18:00 UTC",
        "Of 1,000 applications the machine approves 412, declines 355 and sends 233 to a person.",
        "Whatever the score, a person decides when: amount > 50000",
        "Approved by Zoë Müller-Šimić, domain expert I went through forty cases",
        (
            "On condition that: Appeals are seen within two days. Verified by sign-in. 29 November 2026, 16:00 UTC. "
            "Meaning: approval. Record 7."
        ),
        "Identity not verified: name typed in. 29 November 2026, 17:00 UTC. Meaning: responsibility. Record 8.",
        "Dissent: rejected by Rita Risk, risk owner Not before the appeals are staffed.",
        "Who answers for it Head of consumer lending",
        "Wider, for the first month 30 % and 75 % 31.0 % 6.5 % 71.2",
        "Refused applicants have no outcome in these data.",
        "Grey: fewer than 30 rows, too few to be compared with others.",
        "Declined below 0.35",
    ):
        assert piece in text
    assert "NOT SIGNED" not in text


def test_the_page_loads_nothing_and_runs_nothing(active):
    tags = Page(active).tags
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & {tag for tag, _ in tags}
    addresses = [
        v for _, attrs in tags for k, v in attrs.items() if k in {"href", "src", "xlink:href", "action"}
    ]
    assert [a[:29] for a in addresses] == ["data:application/json;base64,"]
    assert not [k for _, attrs in tags for k in attrs if k.startswith("on")]
    assert "url(" not in active
    assert "@import" not in active
    policies = [a["content"] for _, a in tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_the_page_is_built_for_readers_that_do_not_see(active):
    tags = Page(active).tags
    assert ("html", {"lang": "en"}) in tags
    assert [t for t, _ in tags].count("h1") == 1
    levels = [int(tag[1]) for tag, _ in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all("scope" in attrs for tag, attrs in tags if tag == "th")
    assert "<title>Certificate: Consumer loans up to 50,000 euros, version 1 (active)</title>" in active
    assert (
        "Bar of 1,000 applications. Declined by the machine: 355, Sent to a person: 233, Approved by the machine: 412."
    ) in active
    widths = [int(a["width"]) for tag, a in tags if tag == "rect"]
    assert widths == [355, 233, 412]


def test_what_people_typed_stays_text_and_what_cannot_be_seen_is_shown():
    content = copy.deepcopy(POLICY)
    content["metrics"]["groups"][0] |= {"column": HOSTILE, "group": HOSTILE}
    policy = make_policy(
        title=HOSTILE, harm__answerable=HOSTILE, data__name=HOSTILE, metrics=content["metrics"],
        warnings_shown=[{"code": "x", "message": HOSTILE}],
    )  # fmt: skip
    book = Book()
    content_hash = book.draft(policy, who=f"Eve {HOSTILE}")
    book.submit(content_hash, who=f"Eve {HOSTILE}")
    html = page_of(book)
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "\u202e" not in html
    assert "\u200b" not in html
    assert page.text.count("<script>alert(1)</script>⟨U+202E⟩⟨U+200B⟩\"'&{{ 7*7 }}") >= 6


def test_lines_that_were_typed_stay_lines():
    book = Book()
    book.draft(make_policy(people_before="First line.\r\nSecond line.\n\nFourth\tline."))
    assert "First line.<br>Second line.<br><br>Fourth␉line." in page_of(book)


def test_a_draft_and_a_version_in_review_are_not_signed():
    book = Book()
    content_hash = book.draft(make_policy(harm={}, people_before=None))
    text = text_of(book)
    assert "NOT SIGNED This version is a draft of 29 November 2026, 10:00 UTC." in text
    assert "Nobody has signed this version." in text
    assert text.count("Not written down yet.") == 4
    book.submit(content_hash)
    missing = "Still missing: the approval of domain expert and of risk owner."
    assert f"NOT SIGNED This version is in review. {missing}" in text_of(book)


def test_an_approval_in_a_role_that_nobody_asked_for_says_so():
    book = Book()
    content_hash = book.draft(make_policy())
    book.submit(content_hash)
    book.sign(content_hash, "Rita Risk", "risk owner")
    book.sign(content_hash, "Eve", "domain \u0435xpert")

    text = text_of(book)

    assert "Approved by Rita Risk, risk owner " in text
    assert "Approved by Eve, domain \u0435xpert (not a required role)" in text
    assert "Rita Risk, risk owner (not" not in text


def test_a_signed_version_that_is_not_in_use_says_so_and_one_in_the_shadow_too():
    book = signed_book()
    text = text_of(book)
    assert "State Signed on 29 November 2026, not in use yet" in text
    assert "NOT SIGNED" not in text
    book.activate(stage="shadow")
    assert "State Active, in the shadow: its routes are written down and decide nothing" in text_of(book)


def test_out_of_use_is_marked_with_since_when_by_whom_and_why():
    book = signed_book()
    book.activate()
    late = book.now + timedelta(days=400)
    assert "EXPIRED Since 29 November 2027, 18:00 UTC. It decides nothing any more." in text_of(
        book, now=late
    )
    reason = {"sealed": book.seal("Arrears doubled.")}
    book.write("policy.suspend", "Otto Operator", {"version": 1, "cause": "person", "reason": reason})
    mark = "Since 29 November 2026, 19:00 UTC, by Otto Operator. The reason given: Arrears doubled."
    assert f"SUSPENDED {mark} Everything goes to a person for now." in text_of(book)
    book.write("policy.revoke", "Rita Risk", {"version": 1, "role": "risk owner", "reason": reason})
    mark = "Since 29 November 2026, 20:00 UTC, by Rita Risk. The reason given: Arrears doubled."
    assert f"REVOKED {mark} It decides nothing any more." in text_of(book)


def two_versions() -> Book:
    book = signed_book()
    book.activate()
    parent = book.standing().latest.content_hash
    second = make_policy(version=2, parent_hash=parent, band__lo=0.3)
    content_hash = book.draft(second, parent=parent)
    book.submit(content_hash, version=2)
    book.sign(content_hash, "Zoë Müller-Šimić", "domain expert", verified=True, version=2)
    book.sign(content_hash, "Rita Risk", "risk owner", version=2)
    book.activate(version=2)
    return book


def test_a_version_that_was_overtaken_names_the_one_in_its_place():
    book = two_versions()
    assert (
        f"SUPERSEDED Since {book.now.day} November 2026, {book.now:%H:%M} UTC, by Otto Operator. "
        "Version 2 took its place."
    ) in text_of(book)
    assert "SUPERSEDED" not in text_of(book, version=2)


def test_a_version_that_was_taken_back_says_by_whom_and_why():
    book = two_versions()
    reason = {"sealed": book.seal("Too many appeals.")}
    book.write("policy.revert", "Otto Operator", {"from": 2, "to": 1, "reason": reason})
    assert "by Otto Operator. The reason given: Too many appeals. Version 1 took its place." in text_of(
        book, version=2
    )
    assert "State Active, for all cases" in text_of(book)


def test_what_changed_since_the_version_before_is_told():
    book = two_versions()
    changes = compare(book.policy(1), book.policy(2))
    text = text_of(book, version=2, changes=changes)
    assert "What changed since the version before Declined below: 35 % before, 30 % now (−5 points)." in text
    assert "What changed since" not in text_of(book)


def test_an_erased_name_and_text_say_when():
    book = signed_book()
    book.erase("Zoë")
    book.erase("Appeals are seen")
    html = page_of(book)
    text = Page(html).text
    assert "Zoë" not in html
    assert "Approved by (erased on 2026-11-29), domain expert; Rita Risk, risk owner" in text
    assert "On condition that: (erased on 2026-11-29)" in text
    assert "(name erased) approved version 1 as domain expert" in text


def records_in(html: str) -> dict:
    [link] = re.findall(r'href="data:application/json;base64,([^"]*)"', html)
    return json.loads(base64.b64decode(link))


def test_the_records_in_the_page_can_be_checked_by_hand(active):
    records = records_in(active)
    before = "0" * 64
    for entry in records["entries"]:
        signed = {k: entry[k] for k in ("seq", "at_utc", "kind", "subject", "actor", "body")}
        assert hashlib.sha256(bytes.fromhex(before) + rfc8785.dumps(signed)).hexdigest() == entry["hash"]
        before = entry["hash"]
        assert entry["hash"] in active
    for kept in records["sealed"]:
        whole = bytes.fromhex(kept["salt"]) + kept["kind"].encode() + b"\0" + kept["text"].encode()
        assert hashlib.sha256(whole).hexdigest() == kept["ref"]
    drafted = records["entries"][0]["body"]["policy"]
    assert hashlib.sha256(rfc8785.dumps(drafted)).hexdigest() in Page(active).text


def test_the_records_in_the_page_pass_the_check_of_the_program_and_a_changed_one_does_not():
    records = records_in(page_of(signed_book()))
    key = KEY.public_key().public_bytes_raw().hex()
    assert verify_export(records, public_key=key) == []
    records["entries"][6]["body"]["decision"] = "reject"
    assert [finding.seq for finding in verify_export(records)] == [7]


def test_the_checkpoint_that_covers_the_newest_record_is_printed():
    book = signed_book()
    text = text_of(book)
    assert "Checkpoint at record 8, made 2026-11-29T17:00:00Z Hash at the checkpoint" in text
    assert (
        f"rai-dash ledger verify ledger-consumer-loans.json --key {KEY.public_key().public_bytes_raw().hex()}"
        in text
    )
    book.activate()
    assert (
        "at record 8, made 2026-11-29T17:00:00Z, before the newest record above, which it does not cover"
        in text_of(book)
    )
    book.checkpoints.clear()
    assert "none was made yet: nothing vouches for the end of the chain" in text_of(book)


def test_a_group_with_few_rows_is_grey_with_its_interval(active):
    [row] = re.findall(r'<tr role="row" class="small">.*?</tr>', active)
    assert "(missing)" in row
    assert "11.2\N{NO-BREAK SPACE}% to 46.9\N{NO-BREAK SPACE}%" in row
    assert "no applicant with a favourable outcome in this group" in row


def test_equal_input_gives_equal_bytes():
    assert page_of(two_versions()) == page_of(two_versions())
