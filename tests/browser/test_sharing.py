"""An analyst shares a view; whoever has the link sees the same and changes nothing, until the link is revoked."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import driving
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit

LOOKING = re.compile(r"Read only, as kept on .+ by Ana Lyst")
NOTHING = "This link opens nothing"


def query_of(tab: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(tab.url).query).items()}


def back(tab: Page, path: str) -> None:
    """Go back to a page as the button of a browser does: it steps over addresses that no act of a person made.

    Streamlit changes the address once or twice when a page is chosen, as the messages arrive; a driver stops at each.
    """
    for _ in range(2):
        tab.go_back()
        driving.settle(tab)
        if urlsplit(tab.url).path == path:
            return
    raise AssertionError(tab.url)


def finding(tab: Page) -> str:
    """The sentence that stands above every chart."""
    return tab.get_by_test_id("stAlert").filter(has_text="Female").first.inner_text()


def press(tab: Page, name: str) -> None:
    tab.get_by_role("button", name=name).click()
    driving.settle(tab)


def test_a_shared_view_is_seen_as_it_is_moved_but_not_changed_and_ends_when_it_is_revoked(
    visit: Visit, browser: Browser
) -> None:
    tab = visit()
    case = query_of(tab)["case"]
    visit(f"fairness?case={case}&data=living&threshold=0.6&by=gender", tab)
    name = tab.get_by_label("Your name")
    name.fill("Ana Lyst")
    name.press("Enter")
    driving.settle(tab)
    said = finding(tab)
    press(tab, "Share this view")
    expect(tab.get_by_text("this one is not kept yet")).to_be_visible()
    press(tab, "Keep this case")
    press(tab, "Make a link")
    link = tab.get_by_test_id("stDialog").get_by_test_id("stCode").inner_text().strip()
    assert case not in link
    assert urlsplit(link).path == "/fairness"

    stranger = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    try:
        seen = stranger.new_page()
        asked: list[str] = []
        seen.on("request", lambda request: asked.append(request.url))
        seen.goto(link)
        driving.settle(seen, timeout_s=120)

        expect(seen.get_by_text(LOOKING)).to_be_visible()
        assert finding(seen) == said
        expect(seen.get_by_role("slider", name=re.compile("Threshold"))).to_have_attribute(
            "aria-valuetext", "60.0 %"
        )
        for writes in ("Share this view", "Make this a problem", "Keep this case"):
            expect(seen.get_by_role("button", name=writes)).to_have_count(0)
        expect(seen.get_by_label("Your name")).to_have_count(0)

        seen.get_by_role("slider", name=re.compile("Threshold")).press("ArrowRight")
        expect(seen).to_have_url(re.compile("threshold=0.605"))
        seen.get_by_role("link", name="Start").click()
        driving.settle(seen)
        expect(seen.get_by_text(LOOKING)).to_be_visible()
        assert set(query_of(seen)) == {"link", "data", "threshold", "by"}
        expect(seen.get_by_test_id("stFileUploader")).to_have_count(0)
        back(seen, "/fairness")
        seen.reload()
        driving.settle(seen)
        expect(seen.get_by_text(LOOKING)).to_be_visible()
        # Neither the id of the case nor a word to another machine leaves the tab.
        assert not [url for url in asked if case in url or urlsplit(url).netloc != urlsplit(link).netloc]
        assert case not in seen.content()

        press(tab, "Revoke")
        seen.get_by_role("slider", name=re.compile("Threshold")).press("ArrowRight")
        expect(seen.get_by_text(NOTHING)).to_be_visible()
        expect(seen.get_by_text(LOOKING)).to_have_count(0)
    finally:
        stranger.close()
    # The owner's own case is as it was.
    visit(f"fairness?case={case}&data=living&threshold=0.6&by=gender", tab)
    assert finding(tab) == said


def test_a_case_file_opens_on_start_with_the_threshold_it_was_written_at(visit: Visit) -> None:
    tab = visit()
    case = query_of(tab)["case"]
    visit(f"?case={case}&data=living&threshold=0.35&by=gender", tab)
    tab.get_by_text("Keep this case, or take it along as one file").click()
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name="Download this case").click()
    path = waiting.value.path()
    assert waiting.value.suggested_filename.endswith(".raicase")

    other = visit()
    other.get_by_label("Open a case file").locator("input[type=file]").or_(
        other.locator("section[aria-label='Open a case file'] input[type=file]")
    ).first.set_input_files(path)
    expect(other).to_have_url(re.compile("threshold=0.35"), timeout=60_000)
    driving.settle(other)

    opened = query_of(other)
    assert {**opened, "case": ""} == {"case": "", "data": "living", "threshold": "0.35", "by": "gender"}
    assert opened["case"] not in {"", case}
