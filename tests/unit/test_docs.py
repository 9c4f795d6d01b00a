"""The documents say everything that there is, and nothing that there is not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rai_dash.core.settings import Settings
from rai_dash.data import _findings_columns
from rai_dash.govern._findings import Tampering
from rai_dash.govern.monitor.limits import TOLERANCES
from rai_dash.metrics._base import METRICS
from rai_dash.metrics.parity import MEANINGS
from rai_dash.report import first_look
from rai_dash.review._routed import SHARES
from rai_dash.review.people import POST_SHARES
from tests.source_facts import Codes, pages, variables

REPO = Path(__file__).resolve().parents[2]
DOCS = REPO / "docs"
DOCUMENTS = [*sorted(REPO.glob("*.md")), *sorted(DOCS.rglob("*.md"))]
#: Variables of the system, Python and pip, which are theirs to explain.
SYSTEM = {"HOME", "PATH", "PIP_DISABLE_PIP_VERSION_CHECK", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
SYSTEM |= {"PYTHONUNBUFFERED"}
SECTIONS = ["How to read it", "What it computes", "What is counted, what is sampled", "What it does not say"]
#: Where a code is worked out and cannot be read off the source, and what it can be there.
WORKED_OUT = {
    "data/_findings_columns.py": set(_findings_columns._WORDS),
    "report/first_look.py": {first_look.LEFT_OUT, *first_look.ORDER},
    "ui/reviewing/warnings.py": {f"band_{what}" for what in ("seen", "promise", "target", "people", "gaps")}
    | {"band_condition"},
    # The same ones again.
    "ui/signing/stating.py": set(),
}


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """All names that stand in backticks."""
    return {name for span in re.findall(r"`([^`\n]+)`", text) for name in re.split(r"[\s,/]+", span)}


# --- settings, variables ---


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name):
    field = Settings.model_fields[name]
    is_empty = field.default is None or field.default == frozenset()
    # Operators type lists as JSON.
    shown = json.dumps(field.default) if isinstance(field.default, tuple) else str(field.default)
    default = "" if is_empty else shown.replace(str(Path.home()), "~")

    row = f"| `RAI_DASH_{name.upper()}` | {default or '(empty)'} | {field.description} |"

    assert row in text_of("settings.md")


def test_every_environment_variable_is_documented():
    found = variables()

    assert found >= {"CHROMIUM", "STREAMLIT_SECRETS_FILES", "NUMBA_CACHE_DIR", "PORT"}
    assert found - SYSTEM - named(text_of("settings.md")) == set()


def test_no_document_names_a_variable_that_does_not_exist():
    known = {f"RAI_DASH_{name.upper()}" for name in Settings.model_fields} | variables()
    said = {v for page in DOCUMENTS for v in re.findall(r"RAI_DASH_[A-Z0-9_]+", page.read_text("utf-8"))}

    unknown = {v for v in said if not any(k == v or (v.endswith("_") and k.startswith(v)) for k in known)}

    assert unknown == set()


# --- codes, numbers, pages ---


def test_every_code_is_documented_and_no_other():
    codes = Codes()
    text = text_of("warnings.md").split("## What the check of the ledger finds")[0]
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    said = named("".join(rows))
    known = set(codes.found).union(*WORKED_OUT.values())

    assert codes.unclear == set(WORKED_OUT)
    assert len(codes.found) > 200
    assert (known - said, said - known) == (set(), set())


def test_what_the_review_band_warns_of_is_documented():
    source = (REPO / "rai_dash" / "ui" / "reviewing" / "warnings.py").read_text(encoding="utf-8")
    keys = set(re.findall(r'found\[f?"([a-z]+)', source))

    assert {f"band_{key}" for key in keys} == WORKED_OUT["ui/reviewing/warnings.py"]


def test_every_finding_about_the_ledger_is_documented():
    text = text_of("warnings.md").split("## What the check of the ledger finds")[1]

    assert named(text) >= {kind.value for kind in Tampering}


@pytest.mark.parametrize(
    "names", [METRICS, MEANINGS, SHARES, POST_SHARES], ids=["metrics", "parity", "band", "after"]
)
def test_every_number_has_its_formula(names):
    assert len(names) > 5
    assert set(names) - named(text_of("formulas.md")) == set()


def test_every_line_of_the_monitor_is_documented():
    assert set(TOLERANCES) - named(text_of("monitor.md")) == set()


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(REPO).as_posix())
def test_places_in_the_code_exist(page):
    """As they are written: from the top of the checkout, or below the package."""
    said = re.findall(r"`((?:\w+/)+[\w*.-]*)`", page.read_text(encoding="utf-8"))
    rooms = {p.name for p in (REPO / "rai_dash").iterdir() if p.is_dir()}
    places = [
        p for p in said if p.split("/")[0] in {*rooms, "rai_dash", "tests", "scripts", "benchmarks", "pages"}
    ]

    def is_there(place: str) -> bool:
        return any(list(top.glob(place.rstrip("/"))) for top in (REPO, REPO / "rai_dash"))

    assert [place for place in places if not is_there(place)] == []


@pytest.mark.parametrize(("name", "page"), pages().items(), ids=list(pages()))
def test_every_page_of_the_app_has_its_page(name, page):
    text = text_of(f"pages/{name}.md")

    assert text.startswith(f"# {page['title']}\n\n> {page['question']}\n")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == SECTIONS


def test_every_page_of_the_documents_is_one_of_the_app():
    assert {p.stem for p in (DOCS / "pages").glob("*.md")} == set(pages())


# --- links ---


def anchors(path: Path) -> set[str]:
    """Anchors of the headings of a document, as MkDocs and code hosts make them, or as they are stated."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    stated = {found[1] for h in headings if (found := re.search(r"\{ *#([\w-]+) *\}$", h))}
    return stated | {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", h).strip().lower()) for h in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(REPO).as_posix())
def test_links_between_documents_lead_somewhere(page):
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
