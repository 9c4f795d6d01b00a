"""Two browsers, four names: stated, refused to its author, signed by two, put into force, and kept as files."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import driving
import pytest
import rfc8785
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

MAIN = "[data-testid=stMain]"
WHY = (
    "I read forty cases on either side of both lines and asked two colleagues: the errors are no worse than ours, and "
    "the unsure ones reach a person."
)
As = Callable[[str], Page]


@pytest.fixture
def as_(browser: Browser, address: str) -> Iterator[As]:
    """Open the Sign-off page of one case in a browser of its own, under a name."""
    contexts = []

    def open_(name: str, query: str = "") -> Page:
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        go(page, f"{address}/sign_off?case=story.signing&data=living&model=repaired{query}")
        be(page, name)
        return page

    yield open_
    for context in contexts:
        context.close()


def go(page: Page, address: str) -> None:
    page.goto(address)
    driving.settle(page, timeout_s=120)


def be(page: Page, name: str) -> None:
    """Type a name in the sidebar."""
    field = page.locator("[data-testid=stSidebar]").get_by_label("Your name")
    field.fill(name)
    field.press("Enter")
    driving.settle(page)


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
    driving.settle(page, timeout_s=120)


def sign(page: Page, role: str) -> None:
    """Fill in the form and send it."""
    driving.settle(page, timeout_s=120)
    for box in page.get_by_test_id("stForm").get_by_test_id("stCheckbox").all():
        box.get_by_role("checkbox").check(force=True)
    # Typed, not clicked: on a busy machine the list can move under the pointer.
    field = page.get_by_label("You sign as")
    if field.input_value() != role:
        field.fill(role)
        page.get_by_role("option", name=role, exact=True).wait_for()
        field.press("Enter")
        expect(field).to_have_value(role)
    page.get_by_test_id("stRadio").get_by_text("Approve", exact=True).click()
    page.get_by_label("Why, in your own words").fill(WHY)
    press(page, "Sign")


def state(page: Page) -> None:
    page.get_by_role("textbox", name="Title").fill("Loans of the story")
    page.get_by_label("What does a wrong approval do").fill(
        "A household takes on a debt that it cannot carry."
    )
    page.get_by_label("What does a wrong refusal do").fill("Somebody who would have repaid gets no loan.")
    page.get_by_label("Who answers for it?").fill("Head of lending")
    page.get_by_label("What changes for the people").fill(
        "Six officers decided all; they see the unsure ones now."
    )
    press(page, "Send to review")


def download(page: Page, label: str) -> bytes:
    with page.expect_download() as found:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(found.value.path()).read_bytes()


def test_two_people_sign_from_two_browsers_and_the_files_hold_the_record(as_: As, tmp_path: Path) -> None:
    first, second = as_("Anna Analyst"), as_("Dora Domain")
    expect(first.locator(MAIN)).to_contain_text("Nothing has been stated about these data yet")
    state(first)
    expect(first.locator(MAIN)).to_contain_text("is in review since")
    sign(first, "domain expert")
    expect(first.get_by_role("alert").filter(has_text="author")).to_have_count(1)
    assert first.get_by_label("Why, in your own words").input_value() == WHY

    second.reload()
    driving.settle(second, timeout_s=120)
    be(second, "Dora Domain")
    expect(second.locator(MAIN)).to_contain_text("You can sign below as domain expert or risk owner")
    sign(second, "domain expert")
    expect(second.locator(MAIN)).to_contain_text("you approved version 1 as domain expert")
    be(second, "Rita Risk")
    sign(second, "risk owner")
    expect(second.locator(MAIN)).to_contain_text("is not in use yet")

    be(first, "Otto Operator")
    expect(first.locator(MAIN)).to_contain_text("is not in use yet")
    press(first, "Put into force")
    expect(first.locator(MAIN)).to_contain_text(
        "in the shadow: its routes are written down and decide nothing"
    )
    first.get_by_text("Operate", exact=True).click()
    driving.settle(first)
    first.get_by_test_id("stExpander").get_by_text("For all cases", exact=True).click()
    press(first, "Change the stage")
    expect(first.locator(MAIN)).to_contain_text("for all cases")
    second.reload()
    driving.settle(second, timeout_s=120)
    expect(second.locator("[data-testid=stSidebar]")).to_contain_text("Policy: active since")

    _files_hold_the_record(second, tmp_path)


def _files_hold_the_record(page: Page, folder: Path) -> None:
    """Check the downloads by hand, and by the command that the certificate names."""
    page.get_by_test_id("stMain").get_by_text("Versions", exact=True).click()
    driving.settle(page)
    expect(page.locator(MAIN)).to_contain_text("Otto Operator set version 1 to work for all cases")
    content = json.loads(download(page, "Policy file"))
    entries = [e for e in content["ledger"]["entries"] if "body" in e]
    last = entries[-1]
    fields = {name: last[name] for name in ("seq", "at_utc", "kind", "subject", "actor", "body")}
    own = hashlib.sha256(bytes.fromhex(last["prev_hash"]) + rfc8785.dumps(fields)).hexdigest()
    assert own == last["hash"]
    assert [e["kind"].removeprefix("policy.") for e in entries] == [
        *("draft", "submit", "signature", "signature", "signature", "activate", "stage"),
    ]

    html = download(page, "Certificate").decode()
    assert own in html
    press(page, "Make the PDF")
    pdf = PdfReader(io.BytesIO(download(page, "Certificate (PDF)")))
    words = re.sub(r"\s+", "", "".join(sheet.extract_text() for sheet in pdf.pages))
    assert own in words
    assert "DoraDomain" in words

    kept = folder / "ledger.json"
    (attached,) = pdf.attachments.values()
    kept.write_bytes(attached[0])
    checked = subprocess.run(
        [sys.executable, "-c", "from rai_dash.cli import main; main()", "ledger", "verify", str(kept)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr
