"""What is measured inside a process of its own: each says when it is ready, and returns what it found."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from _scale.process import ready
from _scale.tables import CATEGORIES, FEATURES, NUMBERS, RACES, SENSITIVE, SEXES, THREADS, matrix

RATES: Final = ("selection_rate", "recall", "fpr", "accuracy")
MOVES: Final = 300


def _roles() -> Any:
    from rai_dash.core.types import Roles

    return Roles(target="outcome", favourable=("repaid",), sensitive=SENSITIVE, score="score")


def _counts(table: Path, before: Callable[[], None] = lambda: None) -> Any:
    from rai_dash.data.portfolio.opening import open_portfolio
    from rai_dash.data.portfolio.whole import ScoreColumn, Whole

    whole = Whole(portfolio=open_portfolio(table), roles=_roles(), score=ScoreColumn("score"))
    before()
    return whole.counts(SENSITIVE)


def _digest(counts: Any) -> str:
    """Fingerprint counts, so that two processes can be compared."""
    from rai_dash.core.fingerprint import fingerprint_bytes

    return fingerprint_bytes(np.ascontiguousarray(counts, dtype=np.int64).tobytes())


def counts_ours(table: Path) -> dict[str, Any]:
    """Count two sensitive columns × outcome × 1,002 cells where the rows lie."""
    from rai_dash.metrics.table import METRICS

    list(METRICS)  # found now: the rates are not what is measured
    found = _counts(table, ready)
    return {"digest": _digest(found.counts[:, :2]), "rows": int(found.n.sum()), "rates": _rates(found)}


def _rates(counts: Any) -> dict[str, list[float]]:
    """Return four rates of every group at 0.5."""
    from rai_dash.metrics.table import metric_table

    found = metric_table(counts, 0.5, bootstrap=0, metrics=RATES)
    return {
        group: [float(found.values[name].value[i]) for name in RATES] for i, group in enumerate(found.groups)
    }


def counts_pandas(table: Path) -> dict[str, Any]:
    """Count the same with pandas."""
    import pandas as pd

    ready()
    frame = pd.read_parquet(table, columns=[*SENSITIVE, "outcome", "score"])
    score = frame["score"].to_numpy()
    edges = np.arange(1001) / 1000.0
    frame["cell"] = np.where(np.isfinite(score), np.searchsorted(edges, score, side="right") - 1, 1001)
    keys = [frame[c].fillna("(missing)") for c in SENSITIVE]
    found = frame.groupby([*keys, "outcome", "cell"], observed=True).size()
    cells = np.zeros((len(SEXES) * len(RACES), 2, 1002), np.int64)
    for (sex, race, outcome, cell), n in found.items():
        cells[SEXES.index(sex) * len(RACES) + RACES.index(race), int(outcome == "repaid"), int(cell)] = n
    return {"digest": _digest(cells), "rows": len(frame)}


def rates_fairlearn(table: Path) -> dict[str, Any]:
    """Compute four metrics by the same groups with fairlearn, from the same files."""
    import fairlearn.metrics as fm
    import pandas as pd
    from sklearn.metrics import accuracy_score

    ready()
    frame = pd.read_parquet(table, columns=[*SENSITIVE, "outcome", "score"]).dropna(subset=["score"])
    metrics = (fm.selection_rate, fm.true_positive_rate, fm.false_positive_rate, accuracy_score)
    found = fm.MetricFrame(
        metrics=dict(zip(RATES, metrics, strict=True)),
        y_true=(frame["outcome"] == "repaid").astype(np.int8),
        y_pred=(frame["score"] >= 0.5).astype(np.int8),
        sensitive_features=frame[list(SENSITIVE)].fillna("(missing)"),
    )
    by_group = found.by_group.dropna()
    return {
        "rates": {
            " × ".join(group): list(map(float, row))
            for group, row in zip(by_group.index, by_group.to_numpy(), strict=True)
        }
    }


def threshold_moves(*tables: Path) -> dict[str, Any]:
    """Compute every rate with its interval at one threshold after another, from the counts of tables in turns."""
    from rai_dash.metrics.table import METRICS, metric_table

    names = tuple(name for name in METRICS if METRICS[name].family == "rate")
    every = [_counts(table) for table in tables]
    seconds = np.empty((MOVES, len(every)))
    ready()
    for i, threshold in enumerate(np.random.default_rng(0).integers(200, 800, MOVES) / 1000):
        for k, counts in enumerate(every):
            start = time.perf_counter()
            metric_table(counts, float(threshold), bootstrap=0, metrics=names)
            seconds[i, k] = time.perf_counter() - start
    return {
        "seconds": np.median(seconds, axis=0).tolist(),
        "metrics": len(names),
        "groups": len(every[0].groups),
    }


def _dataset(table: Path) -> Any:
    from rai_dash.data.portfolio.opening import dataset_of, open_portfolio

    return dataset_of(open_portfolio(table), _roles())


def associations_ours(table: Path) -> dict[str, Any]:
    """Associate ten columns of numbers and four of categories with one another."""
    from rai_dash.data.portfolio.associations import associations_of

    dataset = _dataset(table)
    ready()
    found = associations_of(dataset, [*NUMBERS, *CATEGORIES])
    return {"pairs": int(np.isfinite(found.value).sum())}


def profile_ours(table: Path) -> dict[str, Any]:
    """Describe every column over all rows."""
    from rai_dash.data.profile import profile_of

    dataset = _dataset(table)
    ready()
    return {"columns": len(profile_of(dataset))}


def opening_ours(table: Path) -> dict[str, Any]:
    """Open a folder as the app does, and find what Start and Data say first."""
    from dataclasses import replace

    from rai_dash.case import Case, CaseData, DataRole
    from rai_dash.data.column_facts import facts_of
    from rai_dash.data.findings import findings
    from rai_dash.data.portfolio.opening import dataset_of, open_portfolio
    from rai_dash.data.profile import profile_of
    from rai_dash.data.roles import guess_roles
    from rai_dash.metrics.base_rates import base_rates
    from rai_dash.report.first_look import first_look

    ready()
    start, said = time.perf_counter(), {}
    portfolio = open_portfolio(table)
    dataset = dataset_of(portfolio)
    dataset = dataset.with_roles(guess_roles(dataset.frame).roles)
    said["opened"] = time.perf_counter() - start
    Case(
        id="0", title="", data=(CaseData(key="data", title="", role=DataRole.TRAINING, dataset=dataset),)
    ).judge()
    findings(replace(dataset, portfolio=None))
    said["start"] = time.perf_counter() - start
    facts = facts_of(dataset, lambda: profile_of(dataset))
    found = first_look(dataset, rates=base_rates(dataset), told=findings(dataset, facts=facts), facts=facts)
    said["data"] = time.perf_counter() - start
    return said | {"findings": len(found), "roles": [*dataset.roles.sensitive, dataset.roles.target]}


def predict_raw(table: Path, model: Path) -> dict[str, Any]:
    """Read the columns of a model batch by batch and let the booster score them, in this process; nothing is kept."""
    import pyarrow.dataset as ds
    import xgboost

    booster = xgboost.Booster(model_file=model)
    booster.set_param({"nthread": THREADS})
    ready()
    total, rows = 0.0, 0
    for batch in ds.dataset(table).to_batches(columns=list(FEATURES), batch_size=1 << 16):
        total += float(booster.inplace_predict(matrix(batch)).sum(dtype=np.float64))
        rows += batch.num_rows
    return {"mean": total / rows, "rows": rows}


def shap_kernel(table: Path, model: Path, background: Path) -> dict[str, Any]:
    """Explain rows in memory with the kernel alone; its tables are there already."""
    import pyarrow.parquet as pq
    import xgboost

    from rai_dash.explain.trees.kernel import TreeKernel
    from rai_dash.explain.trees.readers import read_trees

    booster = xgboost.Booster(model_file=model)
    booster.set_param({"nthread": THREADS})
    reading = read_trees(booster)
    rows = reading.matrix(matrix(pq.read_table(table, columns=list(FEATURES))))
    start = time.process_time()
    reference = pq.read_table(background, columns=list(FEATURES))
    kernel = TreeKernel.interventional(reading.trees, reading.matrix(matrix(reference)))
    built = time.process_time() - start
    start = time.process_time()
    data = xgboost.DMatrix(rows, feature_names=list(FEATURES), nthread=THREADS)
    booster.predict(data, output_margin=True)
    own = time.process_time() - start
    kernel.values(rows[:1000])
    ready()
    values = kernel.values(rows)
    return {"build": built, "own": own, "rows": len(rows), "mean": float(values[:, 0].mean())}


MEASURES: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    work.__name__: work
    for work in (
        counts_ours,
        counts_pandas,
        rates_fairlearn,
        threshold_moves,
        associations_ours,
        profile_ours,
        opening_ours,
        predict_raw,
        shap_kernel,
    )
}
