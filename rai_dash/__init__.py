"""Judge a loan-approval model together: imbalance, groups, explanations, the review band, its signature.

Examples
--------
>>> import rai_dash
>>> roles = rai_dash.Roles(target="loan", favourable=("Approved",), sensitive=("gender",))
>>> dataset = rai_dash.read_dataset("sample_data/story_living_1100.csv.gz", roles)
>>> with rai_dash.load_model("sample_data/story_biased.ubj") as model:
...     found = rai_dash.audit(dataset, model)
>>> found.content["groups"]["gender"]["Female"]["recall"]["numerator"]
3.0
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from rai_dash.core.types import ReviewBand, Roles

if TYPE_CHECKING:
    from rai_dash.audit import Audit, audit
    from rai_dash.core.review_cube import ReviewCube, add_cubes, edges_of
    from rai_dash.data.dataset import Dataset
    from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
    from rai_dash.data.portfolio.portfolio import Portfolio
    from rai_dash.data.read import read_dataset
    from rai_dash.data.review_counting import review_cube
    from rai_dash.data.slices import Slice, parse_slice, rows_of_slice, slice_words
    from rai_dash.govern.desk import Desk
    from rai_dash.govern.drafting import draft_policy
    from rai_dash.govern.export import verify_export
    from rai_dash.govern.monitor.counting import batch_of, count_batch
    from rai_dash.govern.monitor.judging import judge_batch
    from rai_dash.govern.monitor.reference import reference_of
    from rai_dash.govern.people import AppRole, Person
    from rai_dash.govern.policy import Policy, policy_schema
    from rai_dash.govern.policy_export import exported_from, read_policy_file
    from rai_dash.govern.problems import Problem, ProblemDesk
    from rai_dash.govern.standing import Standing
    from rai_dash.govern.store import Store, verify_store
    from rai_dash.metrics.paired import PairedDifference, paired_difference
    from rai_dash.models.client import Model, load_model
    from rai_dash.report.band_choices import BandChoices
    from rai_dash.report.band_json import evaluate_band, grid_bands, optimise_band
    from rai_dash.report.band_rows import RowChoices, band_rows
    from rai_dash.report.certificate_page import certificate_page
    from rai_dash.report.changed import Change, changed
    from rai_dash.report.drift_json import Comparison, compare_datasets
    from rai_dash.report.drivers_json import DriversOptions, drive_dataset
    from rai_dash.report.explain_json import ExplainOptions, explain_dataset, explain_everyone
    from rai_dash.report.finder_json import FinderOptions, find_dataset
    from rai_dash.report.first_look import first_look
    from rai_dash.report.models_case import compare_candidates
    from rai_dash.report.models_found import CompareOptions, ModelComparison
    from rai_dash.report.pdf import certificate_pdf
    from rai_dash.report.problems_work import evaluate_problems
    from rai_dash.report.profile_json import Profile, profile_dataset
    from rai_dash.report.run_record import Run, read_run
    from rai_dash.report.slices_json import find_dataset_slices
    from rai_dash.review.capacity import capacity
    from rai_dash.review.constraints import parse_constraint
    from rai_dash.review.cost import theory_band
    from rai_dash.review.evaluate import Evaluation, evaluate
    from rai_dash.review.exported import python_source, sql_case
    from rai_dash.review.grid import band_grid
    from rai_dash.review.guarantee import fixed_sequence, sgr
    from rai_dash.review.optimise import optimise
    from rai_dash.review.pareto import pareto_front
    from rai_dash.review.risk_coverage import risk_coverage
    from rai_dash.review.row_routes import route_rows
    from rai_dash.review.settings import BandCosts, Reviewer, Workload
    from rai_dash.review.stability import band_spreads
    from rai_dash.review.two_sided import two_sided
    from rai_dash.trials.slices.finder import SliceOptions, find_slices

#: Imported on first use, so that ``import rai_dash`` stays light.
_LAZY = {
    "Audit": "rai_dash.audit",
    "audit": "rai_dash.audit",
    "Dataset": "rai_dash.data.dataset",
    "read_dataset": "rai_dash.data.read",
    "Portfolio": "rai_dash.data.portfolio.portfolio",
    "open_portfolio": "rai_dash.data.portfolio.opening",
    "dataset_of": "rai_dash.data.portfolio.opening",
    "Model": "rai_dash.models.client",
    "load_model": "rai_dash.models.client",
    "ExplainOptions": "rai_dash.report.explain_json",
    "explain_dataset": "rai_dash.report.explain_json",
    "explain_everyone": "rai_dash.report.explain_json",
    "Comparison": "rai_dash.report.drift_json",
    "compare_datasets": "rai_dash.report.drift_json",
    "first_look": "rai_dash.report.first_look",
    "CompareOptions": "rai_dash.report.models_found",
    "ModelComparison": "rai_dash.report.models_found",
    "compare_candidates": "rai_dash.report.models_case",
    "PairedDifference": "rai_dash.metrics.paired",
    "paired_difference": "rai_dash.metrics.paired",
    "Profile": "rai_dash.report.profile_json",
    "profile_dataset": "rai_dash.report.profile_json",
    "add_cubes": "rai_dash.core.review_cube",
    "band_grid": "rai_dash.review.grid",
    "band_spreads": "rai_dash.review.stability",
    "BandCosts": "rai_dash.review.settings",
    "capacity": "rai_dash.review.capacity",
    "edges_of": "rai_dash.core.review_cube",
    "evaluate": "rai_dash.review.evaluate",
    "Evaluation": "rai_dash.review.evaluate",
    "fixed_sequence": "rai_dash.review.guarantee",
    "optimise": "rai_dash.review.optimise",
    "pareto_front": "rai_dash.review.pareto",
    "parse_constraint": "rai_dash.review.constraints",
    "python_source": "rai_dash.review.exported",
    "review_cube": "rai_dash.data.review_counting",
    "ReviewCube": "rai_dash.core.review_cube",
    "Reviewer": "rai_dash.review.settings",
    "risk_coverage": "rai_dash.review.risk_coverage",
    "route_rows": "rai_dash.review.row_routes",
    "sgr": "rai_dash.review.guarantee",
    "sql_case": "rai_dash.review.exported",
    "theory_band": "rai_dash.review.cost",
    "two_sided": "rai_dash.review.two_sided",
    "Workload": "rai_dash.review.settings",
    "BandChoices": "rai_dash.report.band_choices",
    "DriversOptions": "rai_dash.report.drivers_json",
    "RowChoices": "rai_dash.report.band_rows",
    "band_rows": "rai_dash.report.band_rows",
    "drive_dataset": "rai_dash.report.drivers_json",
    "evaluate_band": "rai_dash.report.band_json",
    "grid_bands": "rai_dash.report.band_json",
    "optimise_band": "rai_dash.report.band_json",
    "FinderOptions": "rai_dash.report.finder_json",
    "find_dataset": "rai_dash.report.finder_json",
    "AppRole": "rai_dash.govern.people",
    "Desk": "rai_dash.govern.desk",
    "Person": "rai_dash.govern.people",
    "Policy": "rai_dash.govern.policy",
    "Problem": "rai_dash.govern.problems",
    "ProblemDesk": "rai_dash.govern.problems",
    "evaluate_problems": "rai_dash.report.problems_work",
    "Standing": "rai_dash.govern.standing",
    "Store": "rai_dash.govern.store",
    "certificate_page": "rai_dash.report.certificate_page",
    "certificate_pdf": "rai_dash.report.pdf",
    "draft_policy": "rai_dash.govern.drafting",
    "Change": "rai_dash.report.changed",
    "changed": "rai_dash.report.changed",
    "Run": "rai_dash.report.run_record",
    "read_run": "rai_dash.report.run_record",
    "exported_from": "rai_dash.govern.policy_export",
    "batch_of": "rai_dash.govern.monitor.counting",
    "count_batch": "rai_dash.govern.monitor.counting",
    "judge_batch": "rai_dash.govern.monitor.judging",
    "reference_of": "rai_dash.govern.monitor.reference",
    "policy_schema": "rai_dash.govern.policy",
    "read_policy_file": "rai_dash.govern.policy_export",
    "verify_export": "rai_dash.govern.export",
    "verify_store": "rai_dash.govern.store",
    "Slice": "rai_dash.data.slices",
    "parse_slice": "rai_dash.data.slices",
    "rows_of_slice": "rai_dash.data.slices",
    "slice_words": "rai_dash.data.slices",
    "SliceOptions": "rai_dash.trials.slices.finder",
    "find_slices": "rai_dash.trials.slices.finder",
    "find_dataset_slices": "rai_dash.report.slices_json",
}

__all__ = [
    "AppRole",
    "Audit",
    "BandChoices",
    "BandCosts",
    "Change",
    "CompareOptions",
    "Comparison",
    "Dataset",
    "Desk",
    "DriversOptions",
    "Evaluation",
    "ExplainOptions",
    "FinderOptions",
    "Model",
    "ModelComparison",
    "PairedDifference",
    "Person",
    "Policy",
    "Portfolio",
    "Problem",
    "ProblemDesk",
    "Profile",
    "ReviewBand",
    "ReviewCube",
    "Reviewer",
    "Roles",
    "RowChoices",
    "Run",
    "Slice",
    "SliceOptions",
    "Standing",
    "Store",
    "Workload",
    "add_cubes",
    "audit",
    "band_grid",
    "band_rows",
    "band_spreads",
    "batch_of",
    "capacity",
    "certificate_page",
    "certificate_pdf",
    "changed",
    "compare_candidates",
    "compare_datasets",
    "count_batch",
    "dataset_of",
    "draft_policy",
    "drive_dataset",
    "edges_of",
    "evaluate",
    "evaluate_band",
    "evaluate_problems",
    "explain_dataset",
    "explain_everyone",
    "exported_from",
    "find_dataset",
    "find_dataset_slices",
    "find_slices",
    "first_look",
    "fixed_sequence",
    "grid_bands",
    "judge_batch",
    "load_model",
    "open_portfolio",
    "optimise",
    "optimise_band",
    "paired_difference",
    "pareto_front",
    "parse_constraint",
    "parse_slice",
    "policy_schema",
    "profile_dataset",
    "python_source",
    "read_dataset",
    "read_policy_file",
    "read_run",
    "reference_of",
    "review_cube",
    "risk_coverage",
    "route_rows",
    "rows_of_slice",
    "sgr",
    "slice_words",
    "sql_case",
    "theory_band",
    "two_sided",
    "verify_export",
    "verify_store",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import a public name from its room."""
    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_LAZY[name]), name)
