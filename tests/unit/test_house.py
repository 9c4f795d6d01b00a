"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from rai_dash.charts import theme
from rai_dash.core.settings import Settings

REPO = Path(__file__).resolve().parents[2]
SOURCES = [
    REPO / "app.py",
    *sorted((REPO / "pages").glob("*.py")),
    *sorted((REPO / "rai_dash").rglob("*.py")),
]
CONFIG = tomllib.loads((REPO / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
#: Each of them runs code from what it reads, or is a way to it.
UNPICKLERS = {"cloudpickle", "dill", "marshal", "multiprocessing", "pickle", "shelve"}
#: In the locked process: a file of the analyst's own, or one that the operator approved by its sha256.
OPENS_PICKLES = REPO / "rai_dash" / "models" / "unpickle.py"
HEAVY = {
    *("alembic", "fairlearn", "imblearn", "joblib", "lightgbm", "lime", "numba", "onnx", "onnxruntime"),
    *("python_calamine", "shap", "skops", "sklearn", "sqlalchemy", "vl_convert", "xgboost", "xlsxwriter"),
}
THEMES = [pytest.param(0, "light", id="light"), pytest.param(1, "dark", id="dark")]


def imported(path: Path) -> set[str]:
    """Top-level names of everything a file imports, at any depth."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def make(*arguments: str) -> str:
    """Run make in the checkout, as a person would and not as a child of another make."""
    outside = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS", "PORT"))}
    done = subprocess.run(
        ["make", *arguments], cwd=REPO, env=outside, capture_output=True, text=True, check=True
    )
    return done.stdout


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours, WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


def _tinted(ground: str, colour: str, share: float) -> str:
    """Lay a share of a colour over a ground."""
    pairs = [(int(ground[i : i + 2], 16), int(colour[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(under * (1 - share) + over * share):02x}" for under, over in pairs)


# --- code ---


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(REPO)))
def test_nothing_of_ours_can_unpickle(path):
    assert not imported(path) & UNPICKLERS
    found = re.findall(r"allow_pickle=True|read_pickle|to_pickle|joblib\.load", path.read_text())
    assert found == (["joblib.load"] if path == OPENS_PICKLES else [])


def test_the_one_file_that_opens_pickles_is_reached_by_the_approved_format_only():
    """The converter runs it by name in the locked process (see `rai_dash.models.convert`)."""
    users = {p.name for p in SOURCES if "from rai_dash.models.unpickle import" in p.read_text()}
    named = {p.name for p in SOURCES if '"rai_dash.models.unpickle:' in p.read_text()}
    assert users == {"pickle_format.py"}
    assert named == {"convert.py"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(REPO)))
def test_nothing_imports_the_top_of_the_house(path):
    assert not imported(path) & {"app", "pages", "tests", "sample_data", "scripts", "benchmarks"}


def test_app_and_pages_stay_thin():
    too_long = {
        path.name: lines
        for path, most in [(REPO / "app.py", 40), *((p, 120) for p in (REPO / "pages").glob("*.py"))]
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) >= most
    }

    assert too_long == {}


def test_the_app_starts_without_the_heavy_libraries():
    code = (
        "import sys, rai_dash.ui.shell, rai_dash.charts.theme, rai_dash.metrics.table, rai_dash.review.band\n"
        f"print(sorted({HEAVY!r} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=False)

    assert (done.stdout.strip(), done.stderr) == ("[]", "")


# --- commands ---


def test_make_alone_lists_the_targets():
    listed = set(re.findall(r"^  make ([a-z-]+) ", make(), flags=re.MULTILINE))

    assert listed >= {"install", "run", "test", "test-slow", "bench", "screenshots", "lock", "lint", "docs"}


def test_make_run_honours_the_port():
    assert "rai-dash run --port 9123" in make("-n", "run", "PORT=9123")


def test_ci_runs_make_test():
    script = REPO / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "make test" in script.read_text()


# --- locks ---

LOCKS = [f"requirements{which}.txt" for which in ("", "-extras", "-dev", "-build")]


def pins(name: str) -> dict[str, str]:
    """The version of each package of a lock."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (REPO / name).read_text(), flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_its_hash(name):
    entries = re.split(r"\n(?=[a-z0-9])", (REPO / name).read_text())[1:]

    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==[^ ]+ ", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("name", LOCKS)
def test_no_address_of_the_locking_machine_is_in_a_lock(name):
    text = (REPO / name).read_text()

    assert not re.search(r"://|--find-links|--index|--extra-index|^-", text, flags=re.MULTILINE)


def test_every_dependency_is_locked():
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [d for name, asked in project["optional-dependencies"].items() if name != "dev" for d in asked]

    def names(asked: list[str]) -> set[str]:
        return {re.split(r"[<>=\[; ]", d)[0] for d in asked if "== 'darwin'" not in d}

    assert names(project["dependencies"]) <= set(pins("requirements.txt"))
    assert names(extras) <= set(pins("requirements-extras.txt"))


def test_the_lock_with_extras_has_what_the_lock_without_them_has():
    everything = pins("requirements-extras.txt")

    assert {name: everything.get(name) for name in pins("requirements.txt")} == pins("requirements.txt")


# --- look and configuration ---


@pytest.mark.parametrize(("i", "name"), THEMES)
def test_charts_and_pages_have_the_same_colours(i, name):
    tokens = CONFIG["theme"][name]

    assert tokens["textColor"] == theme.INK[i]
    assert tokens["backgroundColor"] == theme.SURFACE[i]
    assert tuple(tokens["chartCategoricalColors"]) == (theme.GROUPS_LIGHT, theme.GROUPS_DARK)[i]
    assert tuple(tokens["chartSequentialColors"]) == (theme.RAMP_LIGHT, theme.RAMP_DARK)[i]
    assert len(tokens["chartDivergingColors"]) == 10


@pytest.mark.parametrize(("i", "name"), THEMES)
def test_text_buttons_and_groups_can_be_told_from_the_background(i, name):
    tokens = CONFIG["theme"][name]
    background = tokens["backgroundColor"]

    assert contrast(tokens["textColor"], background) >= 7
    assert contrast(tokens["textColor"], tokens["secondaryBackgroundColor"]) >= 7
    assert contrast(tokens["linkColor"], background) >= 4.5
    # Slider values are written in it, and chosen pills under the pointer on a fifth of it; one colour cannot also
    # carry white text on a dark page.
    assert contrast(tokens["primaryColor"], background) >= 4.5
    assert contrast(tokens["primaryColor"], _tinted(background, tokens["primaryColor"], 0.2)) >= 4.5
    assert min(contrast(c, background) for c in tokens["chartCategoricalColors"]) >= 4.5
    assert contrast(theme.MUTED[i], background) >= 4.5


def test_no_button_is_filled_with_the_primary_colour(repo):
    sources = [*(repo / "pages").glob("*.py"), *(repo / "rai_dash" / "ui").rglob("*.py")]

    assert [p.name for p in sources if 'type="primary"' in p.read_text(encoding="utf-8")] == []


def test_streamlit_knows_every_option_we_set():
    from streamlit import config

    def names(table: dict, prefix: str) -> set[str]:
        own = {f"{prefix}.{key}" for key, value in table.items() if not isinstance(value, dict)}
        return own.union(*(names(v, f"{prefix}.{k}") for k, v in table.items() if isinstance(v, dict)))

    ours = set().union(*(names(table, section) for section, table in CONFIG.items()))

    assert ours <= set(config.get_config_options())


def test_the_server_is_closed_by_default():
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableXsrfProtection"] is True
    assert CONFIG["server"]["enableCORS"] is True
    assert CONFIG["server"]["enableStaticServing"] is False
    assert CONFIG["server"]["enableAgentApi"] is False
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"


def test_the_upload_limit_is_one_number():
    assert CONFIG["server"]["maxUploadSize"] == Settings.model_fields["max_upload_mb"].default


# --- the map ---


def test_the_map_of_rooms_is_complete():
    text = (REPO / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = REPO / "rai_dash"
    rooms = {p.parent.name for p in package.glob("*/__init__.py")}
    modules = {p.name for p in package.glob("*.py")} - {"__init__.py"}

    assert {room for room in rooms if f"rai_dash/{room}" not in text} == set()
    assert {module for module in modules if module not in text} == set()
