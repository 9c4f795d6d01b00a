"""ONNX models in their own process: fidelity on real data, explanations, and files that attack it."""

from __future__ import annotations

import warnings

import numpy as np
import onnx
import pandas as pd
import pytest

from rai_dash.core.errors import RaiError, RefusedModel, WorkerFailed
from rai_dash.models.client import load_model
from rai_dash.models.onnx_format import load
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child
from tests.unit.models.onnx_files import (
    column,
    converted,
    doubling,
    linear,
    node,
    pipeline,
    saved,
    softmax,
    stump,
)

ROWS = 1_500


def _german(folder):
    frame = pd.read_csv(folder / "german-credit" / "german_credit_decoded.csv.gz", keep_default_na=False)
    return frame.drop(columns="credit_risk"), frame["credit_risk"]


def _census(folder):
    frame = pd.read_csv(folder / "census-loan" / "census.csv.gz").sample(ROWS, random_state=0)
    return frame.drop(columns=["loan", frame.columns[0]]).reset_index(drop=True), frame["loan"].to_numpy()


def _boston(folder):
    frame = pd.read_csv(folder / "boston-mortgage" / "loanapp.csv.gz").head(ROWS)
    frame = frame.drop(columns=["action", "reject"]).assign(
        purchaser=np.where(frame["typur"] > 0, "sold", "kept"),
        size=np.where(frame["loanamt"] > 150, "large", "small"),
    )
    return frame.drop(columns="approve"), np.where(frame["approve"] == 1, "yes", "no")


DATA = {"german": _german, "census": _census, "boston": _boston}


def _estimators():
    from lightgbm import LGBMClassifier
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.neural_network import MLPClassifier
    from xgboost import XGBClassifier

    # name: estimator, whether its numbers are scaled, what it is held to
    return {
        "logistic": (LogisticRegression(max_iter=300), True, 5e-7),  # 59 columns: 3.9e-7, else below 3.2e-7
        "boosting": (GradientBoostingClassifier(n_estimators=30, random_state=0), False, 3.2e-7),
        "forest": (RandomForestClassifier(30, max_depth=8, random_state=0), False, 5e-7),
        "network": (MLPClassifier((8, 4), max_iter=30, random_state=0), True, 1e-6),
        "lightgbm": (LGBMClassifier(n_estimators=20, verbose=-1, n_jobs=1, random_state=0), False, 3.2e-7),
        "xgboost": (XGBClassifier(n_estimators=20, max_depth=4, n_jobs=1), False, 3.2e-7),
    }


KINDS = ("logistic", "boosting", "forest", "network", "lightgbm", "xgboost")


@pytest.fixture(scope="module", params=list(DATA))
def table(request, shared):
    frame, label = DATA[request.param](shared / "data")
    texts = [c for c in frame if not pd.api.types.is_numeric_dtype(frame[c])]
    names = {c: c.replace("-", "_").replace("/", "_").replace(" ", "_") for c in frame}
    return frame.rename(columns=names), np.asarray(label), tuple(names[c] for c in texts)


def _trained(table, kind, *, scaled=None):
    frame, label, texts = table
    estimator, usually, tolerance = _estimators()[kind]
    target = (label == np.unique(label)[1]).astype(int) if kind in {"lightgbm", "xgboost"} else label
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = pipeline(frame, texts, estimator, scaled=usually if scaled is None else scaled)
        return made.fit(frame, target), tolerance


def _own_scores(model, frame):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # lightgbm about the names of a bare array
        return model.predict_proba(frame)[:, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_scores_equal_the_pipeline_itself_on_real_data(kind, table):
    """Without scaling before trees every kind stays within float32 of the pipeline."""
    frame, _, texts = table
    trained, tolerance = _trained(table, kind)
    model = load(converted(trained, frame, texts))

    score = model.probability(frame)

    assert np.abs(score - _own_scores(trained, frame)).max() <= tolerance
    assert "rounded_splits" not in [n.code for n in model.info.warnings]


def test_scaled_numbers_before_trees_change_some_rows_and_the_file_is_marked(shared):
    """Why converted forests can be far off: the scaling is rounded to 32 bits, then compared."""
    frame, label = DATA["german"](shared / "data")
    texts = tuple(c for c in frame if not pd.api.types.is_numeric_dtype(frame[c]))
    frame = frame.set_axis([c.replace("/", "_") for c in frame], axis=1)
    texts = tuple(c.replace("/", "_") for c in texts)
    table = (frame, label.to_numpy(), texts)
    gaps = {}
    for scaled in (False, True):
        trained, _ = _trained(table, "xgboost", scaled=scaled)
        model = load(converted(trained, frame, texts))
        gaps[scaled] = np.abs(model.probability(frame) - _own_scores(trained, frame)).max()
        assert ("rounded_splits" in [n.code for n in model.info.warnings]) is scaled

    assert gaps[False] <= 3.2e-7
    assert gaps[True] > 1e-3


@pytest.fixture(scope="module")
def german_onnx(shared):
    from sklearn.linear_model import LogisticRegression

    frame, label = DATA["german"](shared / "data")
    frame = frame.rename(columns={c: c.replace("/", "_") for c in frame})
    texts = tuple(c for c in frame if not pd.api.types.is_numeric_dtype(frame[c]))
    trained = pipeline(frame, texts, LogisticRegression(max_iter=300)).fit(frame, label)
    return converted(trained, frame, texts), trained, frame


def test_the_real_process_gives_the_same_scores_and_counts_what_it_never_saw(german_onnx):
    content, trained, frame = german_onnx
    odd = frame.copy()
    odd.loc[[3, 5], "purpose"] = "a yacht"

    with load_model(content, favourable=["good"]) as model:
        found = model.score(odd[odd.columns[::-1]].assign(extra=1))

    expected = trained.predict_proba(odd)[:, 1]
    assert model.model_class == "good"
    assert np.abs(found.scores - expected).max() <= 3.2e-7
    assert [(n.code, n.column, n.rows) for n in found.notices] == [("unseen_category", "purpose", 2)]


def test_other_column_names_are_matched_by_position_in_the_real_process(german_onnx):
    content, trained, frame = german_onnx
    names = [f"column {i} [€]" for i in range(frame.shape[1])]

    with load_model(content, favourable=["good"], feature_names=names) as model:
        score = model.score(frame.set_axis(names, axis=1)).scores

    assert np.abs(score - trained.predict_proba(frame)[:, 1]).max() <= 3.2e-7


@pytest.mark.parametrize("space", ["log-odds", "probability"])
def test_a_decision_is_explained_by_original_columns_that_add_up(german_onnx, space):
    from rai_dash.explain.client import shap_values

    content, _, frame = german_onnx
    with load_model(content, favourable=["good"]) as model:
        found = shap_values(model, frame.iloc[[4]], frame.head(60), row_ids=[4], space=space)[0]
        score = model.score(frame.iloc[[4]]).scores[0]

    own = np.log(score / (1 - score)) if space == "log-odds" else score
    assert list(found.values) == list(frame.columns)
    assert found.base + sum(found.values.values()) == pytest.approx(own, abs=1e-4)
    assert found.additivity_error < 1e-4


def test_explanations_of_a_linear_model_are_its_coefficients_times_the_distance_to_the_mean():
    """For a logistic model the Shapley values in log-odds are known in closed form."""
    from rai_dash.explain.client import shap_values

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"f0": rng.normal(size=40), "f1": rng.normal(size=40)})
    with load_model(saved(linear()), model_class="good") as model:
        found = shap_values(model, frame.iloc[[3]], frame, row_ids=[3])[0]

    distance = frame.iloc[3] - frame.mean()
    assert found.values["f0"] == pytest.approx(1.0 * distance["f0"], abs=1e-5)
    assert found.values["f1"] == pytest.approx(-0.5 * distance["f1"], abs=1e-5)


def rows_times_rows():
    """Every row is compared with every other one: the numbers grow with the square of the rows."""
    model = softmax(
        [
            node("Transpose", ["a"], ["at"], perm=[1, 0]),
            node("Mul", ["a", "at"], ["square"]),
            node("ReduceMean", ["square"], ["m"], axes=[1], keepdims=1),
            node("Concat", ["m", "a"], ["y"], axis=1),
        ],
        before="y",
        inputs=[column("a")],
    )
    return saved(model)


def grown_by_the_rows(times):
    """The number of ROWS is doubled again and again, which shapes for one row do not show."""
    steps = [node("Concat", [f"c{i}"] * 2, [f"c{i + 1}"], axis=0) for i in range(times)]
    last = [
        node("ReduceMean", [f"c{times}"], ["m"], axes=[0], keepdims=1),
        node("Add", ["x", "m"], ["y"]),
    ]
    return saved(softmax([node("Identity", ["x"], ["c0"]), *steps, *last], before="y"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(grown_by_the_rows(40), id="memory that the static review cannot foresee"),
        pytest.param(saved(doubling(40)), id="memory that it can"),
        pytest.param(saved(stump())[:-30], id="cut off"),
    ],
)
def test_a_file_that_attacks_memory_is_refused_and_the_next_good_one_works(content, german_onnx):
    with pytest.raises(RefusedModel) as refused:
        load_model(content, model_class="1")

    assert refused.value.code in {"damaged_model", "too_large"}
    with load_model(german_onnx[0], favourable=["good"]) as model:
        assert np.isfinite(model.score(german_onnx[2].head(5)).scores).all()


def test_a_graph_that_compares_rows_with_rows_is_refused_and_the_next_good_one_works(german_onnx):
    with pytest.raises(RefusedModel, match="differently when other rows") as refused:
        load_model(rows_times_rows(), model_class="1")

    assert refused.value.code == "rows_mixed"
    with load_model(german_onnx[0], favourable=["good"]) as model:
        assert np.isfinite(model.score(german_onnx[2].head(5)).scores).all()


def _flipped(content, rng):
    out = bytearray(content)
    for place in rng.integers(0, len(out), rng.integers(1, 6)):
        out[place] = rng.integers(0, 256)
    return bytes(out)


def _cut(content, rng):
    return content[: int(rng.integers(1, len(content)))]


def _doubled(content, rng):
    at, length = rng.integers(0, len(content)), rng.integers(1, 200)
    return content[:at] + content[at : at + length] * 2 + content[at + length :]


def _edited(content, rng):
    """Change one number, text, wire or size of the container, keeping it well formed."""
    model = onnx.ModelProto.FromString(content)
    step = model.graph.node[int(rng.integers(len(model.graph.node)))]
    odd = int(rng.choice([-1, 0, 1, 7, 2**31, 2**62, -(2**62)]))
    kind = int(rng.integers(6))
    lists = [a for a in step.attribute if len(a.ints) or len(a.floats) or len(a.strings)]
    if kind == 0 and lists:
        chosen = lists[int(rng.integers(len(lists)))]
        values = next(v for v in (chosen.ints, chosen.floats, chosen.strings) if len(v))
        at = int(rng.integers(len(values)))
        values[at] = (
            b"\xf0odd" if values is chosen.strings else odd if values is chosen.ints else float("nan")
        )
    elif kind == 1 and lists:
        chosen = lists[int(rng.integers(len(lists)))]
        values = next(v for v in (chosen.ints, chosen.floats, chosen.strings) if len(v))
        del values[int(rng.integers(len(values)))]
    elif kind == 2 and model.graph.initializer:
        model.graph.initializer[0].dims[:] = [odd]
    elif kind == 3:
        names = [name for n in model.graph.node for name in (*n.input, *n.output)]
        step.input[:] = [str(rng.choice(names))] * len(step.input)
    elif kind == 4:
        known = [
            "Concat",
            "MatMul",
            "Where",
            "Gather",
            "Split",
            "Slice",
            "TopK",
            "Shape",
            "Softmax",
            "Reshape",
        ]
        step.op_type, step.domain = str(rng.choice(known)), ""
    else:
        shape = model.graph.input[0].type.tensor_type.shape.dim
        shape[1].dim_value = odd
    return onnx.ModelProto.SerializeToString(model)


MUTATIONS = (_flipped, _cut, _doubled, _edited, _edited)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
def test_500_damaged_files_are_refused_or_give_finite_scores_and_the_app_survives(german_onnx, loans):
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    frame, label = loans
    texts = ("job", "home")
    whole = [
        converted(pipeline(frame, texts, kind, scaled=False).fit(frame, label), frame, texts)
        for kind in (
            GradientBoostingClassifier(n_estimators=5, random_state=0),
            RandomForestClassifier(5, random_state=0),
        )
    ]
    whole += [saved(stump()), saved(linear()), saved(softmax())]
    tables = [frame.head(7)] * 2 + [pd.DataFrame({"f0": [1.0, -3.0], "f1": [0.2, 9e9]})] * 3
    rng = np.random.default_rng(20)
    outcomes = {"refused": 0, "scored": 0, "died": 0}
    child = Child()
    for i in range(500):
        chosen = int(rng.integers(len(whole)))
        content = MUTATIONS[i % len(MUTATIONS)](whole[chosen], rng)
        if not child.alive:
            child = Child()
        outcomes[_tried(child, content, tables[chosen])] += 1
    child.close()

    assert outcomes["refused"] > 200
    assert outcomes["scored"] > 10
    assert outcomes["died"] <= 5  # only ever the file's own process
    with load_model(german_onnx[0], favourable=["good"]) as model:
        assert np.isfinite(model.score(german_onnx[2].head(5)).scores).all()


def _tried(child, content, table):
    """Load and score a file in a process; anything but scores or a plain refusal fails the test."""
    said = None
    try:
        reply = child.call("rai_dash.models.ops:load", {"feature_names": None}, [content], timeout=20)
        names = [f["name"] for f in reply.data["info"]["features"]]
        fits = len(names) == table.shape[1]
        rows = table.set_axis(names, axis=1) if fits else pd.DataFrame(1.0, index=range(3), columns=names)
        reply = child.call("rai_dash.models.ops:score", {}, [frame_to_ipc(rows)], timeout=20)
    except RaiError as error:
        said = error
    if said is not None and not child.alive:
        return "died"
    if said is not None:
        assert not isinstance(said, WorkerFailed), said.message
        assert len(said.message) > 20
        return "refused"
    score = np.frombuffer(reply.blobs[0], dtype="<f8")
    assert ((score >= 0) & (score <= 1)).all()
    return "scored"
