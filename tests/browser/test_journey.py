"""A person with their own file and model, from the upload to the signature; and what must hold on every page."""

from __future__ import annotations

from pathlib import Path

import driving
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit

PAGES = [
    "",
    "data",
    "correlations",
    "rebalance",
    "performance",
    "fairness",
    "explain",
    "review_band",
    "monitor",
    "problems",
    "problems?problems=find",
    "models",
    "changed",
    "changed?changed=data",
    "queue",
    "sign_off",
]


def _with(name: str, query: str) -> str:
    """Put the rest of an address behind a page, which may have a choice of its own."""
    return f"{name}{'&' if '?' in name else '?'}{query}"


def _upload(page: Page, label: str, path: Path) -> None:
    box = page.locator("[data-testid=stFileUploader]").filter(has_text=label)
    box.locator("input[type=file]").set_input_files(str(path))
    page.wait_for_timeout(500)
    driving.settle(page, timeout_s=120)


def _no_error(page: Page) -> None:
    assert page.locator("[data-testid=stException]").count() == 0
    assert "Something went wrong" not in page.locator("[data-testid=stMain]").inner_text()


def _move(page: Page, steps: int = 3) -> None:
    """Move every slider handle with the keyboard."""
    handles = page.locator("[data-testid=stSlider] [role=slider], [data-testid=stSlider] input[type=range]")
    for i in range(handles.count()):
        handles.nth(i).focus()
        for _ in range(steps):
            page.keyboard.press("ArrowLeft" if i % 2 else "ArrowRight")
        driving.settle(page)


def test_own_file_and_model_from_upload_to_a_signature_that_is_found_again(
    visit: Visit, german: tuple[Path, Path]
) -> None:
    table, model = german
    page = visit()
    _upload(page, "Data file", table)
    expect(page.locator("[data-testid=stMain]")).to_contain_text("german.csv")
    page.get_by_role("button", name="Confirm roles").click()
    driving.settle(page)
    _upload(page, "Model file", model)
    expect(page.locator("[data-testid=stMain]")).to_contain_text("scikit-learn LogisticRegression")
    query = page.url.split("?", 1)[1]
    assert "case=" in query

    for name in PAGES:
        visit(_with(name, query), page)
        _no_error(page)
        expect(page.locator("[data-testid=stSidebar]")).to_contain_text("german.csv")
        _move(page)
        _no_error(page)

    main = page.locator("[data-testid=stMain]")
    main.get_by_label("Your name").fill("Erika Musterfrau")
    main.get_by_label("Your name").press("Enter")
    driving.settle(page)
    page.get_by_label("What does a wrong approval do").fill(
        "A household takes on a debt that it cannot carry."
    )
    page.get_by_label("What does a wrong refusal do").fill("Somebody who would have repaid gets no loan.")
    page.get_by_label("Who answers for it?").fill("Head of lending")
    page.get_by_label("What changes for the people").fill(
        "The officers see the unsure third, as a team of four."
    )
    page.get_by_role("button", name="Send to review", exact=True).click()
    driving.settle(page)
    expect(main).to_contain_text("is in review since")
    page.reload()
    driving.settle(page, timeout_s=120)
    expect(main).to_contain_text("Erika Musterfrau, author")


def test_a_refresh_keeps_the_case_and_the_choices(visit: Visit) -> None:
    page = visit("fairness")
    slider = page.locator(
        "[data-testid=stSlider] [role=slider], [data-testid=stSlider] input[type=range]"
    ).first
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    driving.settle(page)
    expect(page.locator("[data-testid=stSlider]")).to_contain_text("52.0 %")
    address = page.url

    page.reload()
    driving.settle(page)

    assert page.url == address
    expect(page.locator("[data-testid=stSlider]")).to_contain_text("52.0 %")


def test_a_change_of_page_keeps_case_and_choices(visit: Visit) -> None:
    page = visit("fairness?case=story.keeps&threshold=0.4&data=living")
    page.locator("[data-testid=stSidebarNavLink]").filter(has_text="Performance").click()
    driving.settle(page)

    expect(page.locator("[data-testid=stSlider]")).to_contain_text("40.0 %")
    assert "case=story.keeps" in page.url
    assert "data=living" in page.url


def test_two_tabs_and_two_people_do_not_disturb_each_other(visit: Visit) -> None:
    first, second = visit("fairness"), visit("fairness")
    one, two = (p.url.split("case=")[1].split("&")[0] for p in (first, second))

    assert one != two
    first.locator(
        "[data-testid=stSlider] [role=slider], [data-testid=stSlider] input[type=range]"
    ).first.focus()
    first.keyboard.press("ArrowRight")
    driving.settle(first)
    second.reload()
    driving.settle(second)
    expect(second.locator("[data-testid=stSlider]")).to_contain_text("50.0 %")


def test_no_page_asks_for_anything_but_the_app_even_with_hostile_names(
    visit: Visit, address: str, tmp_path: Path
) -> None:
    hostile = "![x](https://evil.example/a.png) [link](https://evil.example) $a$ :red[x] <img src=https://evil.example>"
    rows = "".join(
        f"{i % 2},__proto__,0.{i % 9 + 1},{i}\n{i % 2},{hostile},0.{i % 7 + 1},{i}\n" for i in range(40)
    )
    path = tmp_path / "hostile.csv"
    path.write_text(f'approved,"gender",score,"{hostile}"\n' + rows)
    page = visit()
    foreign: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else foreign.append(r.url)
    )
    _upload(page, "Data file", path)
    query = page.url.split("?", 1)[1]

    for name in PAGES:
        visit(_with(name, query), page)
        _no_error(page)
        assert page.locator("a[href*='evil.example'], img[src*='evil.example']").count() == 0

    assert foreign == []


def test_a_pickle_is_refused_with_the_way_out_and_the_next_file_works(
    visit: Visit, tmp_path: Path, german: tuple[Path, Path]
) -> None:
    bad = tmp_path / "model.skops"
    bad.write_bytes(b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.")
    page = visit()
    _upload(page, "Model file", bad)
    expect(page.locator("[data-testid=stMain]")).to_contain_text("skops.io.dump")
    _no_error(page)

    _upload(page, "Data file", german[0])
    expect(page.locator("[data-testid=stMain]")).to_contain_text("german.csv")
