"""500 damaged skops files through a model's own process: a score, or a refusal by name; the app goes on."""

from __future__ import annotations

import io
import json
import warnings
import zipfile

import lightgbm
import numpy as np
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer
from sklearn.svm import SVC

from rai_dash.core.errors import RaiError, RefusedModel, WorkerFailed
from rai_dash.models.client import load_model
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child

LOAD, SCORE = "rai_dash.models.ops:load", "rai_dash.models.ops:score"
MUTATIONS = 500


def piped(last):
    encode = OneHotEncoder(handle_unknown="ignore", min_frequency=0.01)
    prepare = ColumnTransformer(
        [("t", encode, ["home", "code"]), ("n", SplineTransformer(n_knots=4), ["pay"])]
    )
    return make_pipeline(prepare, last)


def models():
    return [
        piped(LogisticRegression()),
        piped(RandomForestClassifier(3, max_depth=4, random_state=0)),
        piped(GradientBoostingClassifier(n_estimators=3, random_state=0)),
        HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype"),
        piped(SVC(probability=True, random_state=0)),
        piped(KNeighborsClassifier(algorithm="brute")),
        make_pipeline(
            ColumnTransformer([("n", "passthrough", ["pay", "code"])]),
            KNeighborsClassifier(algorithm="kd_tree"),
        ),
        piped(MLPClassifier((4,), max_iter=5, random_state=0)),
        piped(CalibratedClassifierCV(LogisticRegression(), method="isotonic", cv=2)),
        piped(StackingClassifier([("l", LogisticRegression())], cv=2)),
        piped(lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1)),
    ]


@pytest.fixture(scope="module")
def files(toy):
    frame, target = toy
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = [skops.io.dumps(m.fit(frame.astype({"home": "category"}), target)) for m in models()]
    out = []
    for content in made:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            out.append({name: archive.read(name) for name in archive.namelist()})
    return out


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def pick(rng, values):
    return values[int(rng.integers(len(values)))]


def bytes_of_a_part(parts, rng):
    name = pick(rng, list(parts))
    part = bytearray(parts[name])
    for place in rng.integers(0, len(part), int(rng.integers(1, 5))):
        part[place] ^= int(rng.integers(1, 256))
    return parts | {name: bytes(part)}


def numbers_of_an_array(parts, rng):
    """Put absurd numbers into an array whose header stays right."""
    name = pick(rng, [n for n in parts if n.endswith(".npy")])
    values = np.load(io.BytesIO(parts[name])).copy()
    holder = values[pick(rng, values.dtype.names)] if values.dtype.names else values
    if holder.size and holder.dtype.kind in "iuf":
        absurd = pick(rng, [0, 1, 255, 10**9, -1, np.nan, 1e300, 7])
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            place = int(rng.integers(holder.size))
            holder.flat[place] = np.array(absurd, dtype=np.float64).astype(holder.dtype)
    out = io.BytesIO()
    np.save(out, values)
    return parts | {name: out.getvalue()}


def shape_of_an_array(parts, rng):
    name = pick(rng, [n for n in parts if n.endswith(".npy")])
    values = np.load(io.BytesIO(parts[name]))
    shorter = [values[:0], values[..., :-1]] if values.ndim else []
    other = pick(rng, [*shorter, values.ravel(), values[None]])
    out = io.BytesIO()
    np.save(out, np.ascontiguousarray(other))
    return parts | {name: out.getvalue()}


def swapped_parts(parts, rng):
    arrays = [n for n in parts if n.endswith(".npy")]
    one, other = pick(rng, arrays), pick(rng, arrays)
    return parts | {one: parts[other], other: parts[one]}


def schema_of_a_file(parts, rng):
    """Change, swap or take away nodes of the schema."""
    schema = json.loads(parts["schema.json"])
    waiting, holders = [schema], []
    while waiting:
        found = waiting.pop()
        children = found.items() if isinstance(found, dict) else enumerate(found)
        nodes = [(key, value) for key, value in children if isinstance(value, (dict, list))]
        holders += [(found, key) for key, value in nodes if isinstance(value, dict) and "__class__" in value]
        waiting += [value for _, value in nodes]
    holder, key = pick(rng, holders)
    other = pick(rng, holders)
    node = holder[key]
    what = int(rng.integers(5))
    if what == 0:
        holder[key] = other[0][other[1]]
    elif what == 1 and "content" in node:
        node["content"] = pick(rng, ["null", "1000000000", "-1", "[]", '"x"', "true", "NaN", "0"])
    elif what == 2:
        node["__id__"] = other[0][other[1]].get("__id__")
    elif what == 3:
        node["__loader__"] = other[0][other[1]].get("__loader__")
    elif isinstance(holder, dict):
        del holder[key]
    try:
        return parts | {"schema.json": json.dumps(schema).encode()}
    except ValueError:  # a node that was put into itself
        return parts


DAMAGE = [bytes_of_a_part, numbers_of_an_array, shape_of_an_array, swapped_parts, schema_of_a_file]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_500_damaged_files_end_in_a_score_or_a_refusal_and_a_sound_one_loads_after(files, toy):
    rng, frame = np.random.default_rng(11), toy[0].head(30)
    blob, outcomes, failed = frame_to_ipc(frame), [], []
    child = Child()
    try:
        for turn in range(MUTATIONS):
            damage, parts = DAMAGE[turn % len(DAMAGE)], files[turn % len(files)]
            content = packed(damage(parts, rng))
            try:
                child.call(LOAD, {}, [content], timeout=30)
                reply = child.call(SCORE, {}, [blob], timeout=30)
                assert np.isfinite(np.frombuffer(reply.blobs[0])).all()
                outcomes.append("scored")
            except RaiError as error:
                outcomes.append(error.code)
                failed += [(turn, damage.__name__, str(error))] if isinstance(error, WorkerFailed) else []
            if not child.alive:
                child = Child()
    finally:
        child.close()
    # No damaged file gets as far as ending its process.
    assert failed == []
    assert {"scored", "damaged_model"} <= set(outcomes)
    for parts in files:
        with load_model(packed(parts), model_class="1") as model:
            assert np.isfinite(model.score(frame).scores).all()


def test_a_damaged_file_is_refused_through_the_app_and_the_next_sound_one_loads(files, toy):
    name = next(n for n in files[1] if n.endswith(".npy"))
    with pytest.raises(RefusedModel) as caught:
        load_model(packed(files[1] | {name: b"\x93NUMPY"}))
    assert caught.value.code == "damaged_model"
    with load_model(packed(files[1])) as model:
        assert model.score(toy[0]).scores.shape == (len(toy[0]),)
