"""What a script meets first: the names of the package, and how light it is to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import rai_dash


@pytest.mark.parametrize("name", rai_dash.__all__)
def test_every_public_name_is_there(name):
    assert getattr(rai_dash, name) is not None


def test_the_public_names_are_the_ones_of_the_contract():
    assert set(rai_dash.__all__) == {
        "Audit", "BandChoices", "BandCosts", "Comparison", "Dataset", "DriversOptions", "Evaluation",
        "ExplainOptions", "FinderOptions", "Model", "Profile", "ReviewBand", "ReviewCube", "Reviewer",
        "Roles", "RowChoices", "Workload", "add_cubes", "audit", "band_grid", "band_rows", "band_spreads",
        "capacity", "compare_datasets", "drive_dataset", "edges_of", "evaluate", "evaluate_band",
        "explain_dataset", "explain_everyone", "find_dataset", "first_look", "fixed_sequence",
        "grid_bands", "load_model", "optimise", "optimise_band", "pareto_front", "parse_constraint",
        "profile_dataset", "python_source", "read_dataset", "review_cube", "risk_coverage", "route_rows",
        "sgr", "sql_case", "theory_band", "two_sided",
        "AppRole", "Desk", "Person", "Policy", "Standing", "Store", "certificate_page", "certificate_pdf",
        "Change", "Run", "changed", "draft_policy", "exported_from", "read_run", "policy_schema", "read_policy_file",
        "Problem", "ProblemDesk", "evaluate_problems",
        "verify_export", "verify_store",
        "Slice", "SliceOptions", "find_dataset_slices", "find_slices", "parse_slice", "rows_of_slice", "slice_words",
        "batch_of", "count_batch", "judge_batch", "reference_of",
        "Portfolio", "dataset_of", "open_portfolio",
        "CompareOptions", "ModelComparison", "PairedDifference", "compare_candidates", "paired_difference",
    }  # fmt: skip


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'judge_me'"):
        _ = rai_dash.judge_me


@pytest.mark.parametrize("first", ["", "import rai_dash.audit; ", "from rai_dash.audit import Audit; "])
def test_audit_can_be_called_whatever_was_imported_before(repo, first):
    code = f"{first}from rai_dash import audit; import rai_dash; print(callable(audit), callable(rai_dash.audit))"

    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["True", "True"]


def test_the_import_loads_neither_tables_nor_models(repo):
    heavy = ("numpy", "pandas", "pyarrow", "scipy", "sklearn", "xgboost", "streamlit", "shap", "lime")
    code = f"import rai_dash, sys; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
