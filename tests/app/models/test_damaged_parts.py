"""Damage inside the parts of a skops file whose checksums are right, so that the archive itself looks whole."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder

from rai_dash.core.errors import InvalidChoice, RaiError, RefusedModel
from rai_dash.models._skops.parts import check_parts
from rai_dash.models.skops_format import load, review
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def pipeline(last, encoder=None):
    encoder = encoder or OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(ColumnTransformer([("t", encoder, ["home"])], remainder="passthrough"), last)


MODELS = {
    "logistic": pipeline(LogisticRegression()),
    "forest": pipeline(RandomForestClassifier(3, max_depth=3, random_state=0)),
    "histogram": pipeline(HistGradientBoostingClassifier(max_iter=3, random_state=0), OrdinalEncoder()),
    "k-d tree": pipeline(KNeighborsClassifier(algorithm="kd_tree")),
    "ball tree": pipeline(KNeighborsClassifier(algorithm="ball_tree", leaf_size=4)),
    "network": pipeline(MLPClassifier((4,), tol=1.0, n_iter_no_change=2, random_state=0)),
}


@pytest.fixture(scope="module")
def files(toy):
    """Each model as a file, and its own predictions."""
    fitted = {name: model.fit(*toy) for name, model in MODELS.items()}
    return {n: (skops.io.dumps(m), m.predict_proba(toy[0])[:, 1]) for n, m in fitted.items()}


@pytest.mark.parametrize("name", list(MODELS))
def test_whole_files_pass_and_score_bit_for_bit(files, toy, name):
    content, direct = files[name]
    again = packed(unpacked(content))

    review(again)

    assert np.array_equal(load(again).probability(toy[0]), direct)


@pytest.mark.parametrize("change", [(b"(", b"["), (b"}", b"("), (b"'shape'", b"'shapo'"), (b"<f8", b"<?8")])
def test_a_damaged_header_of_an_array_is_refused_not_raised(files, change):
    parts = unpacked(files["network"][0])
    name = next(n for n, p in parts.items() if n.endswith(".npy") and b"<f8" in p)
    parts[name] = parts[name].replace(*change, 1)

    with pytest.raises(RefusedModel, match="damaged"):
        review(packed(parts))


@pytest.mark.parametrize("schema", [b"[]", b"1", b"null", b"{}", b'{"__class__": 1, "__loader__": []}', b"{"])
def test_a_schema_of_another_form_is_refused_not_raised(files, schema):
    parts = unpacked(files["logistic"][0]) | {"schema.json": schema}

    with pytest.raises(RefusedModel):
        load(packed(parts))


@pytest.mark.parametrize("kind", ["kd_tree", "ball_tree"])
@pytest.mark.parametrize(
    "change",
    [
        (None, 0, 10**9),
        (None, 0, -1),
        ("idx_end", 0, 301),
        ("idx_start", 1, -4),
        ("idx_start", 1, 200),
        ("is_leaf", -1, 0),
    ],
)
def test_a_tree_of_neighbours_that_points_outside_is_refused(toy, kind, change):
    frame, target = toy
    field, place, value = change
    model = KNeighborsClassifier(algorithm=kind).fit(frame[["pay", "code"]], target)
    check_parts(model)
    _, order, nodes, _ = (np.asarray(held) for held in model._tree.get_arrays())
    (order if field is None else nodes[field])[place] = value

    with pytest.raises(RefusedModel, match="neighbours points outside"):
        check_parts(model)


def test_a_model_that_lost_an_attribute_says_so_in_one_sentence(files, toy):
    model = load(files["k-d tree"][0])
    del model.native.steps[-1][1].n_neighbors

    with pytest.raises(InvalidChoice, match="cannot score this table"):
        model.probability(toy[0])


def test_random_damage_behind_right_checksums_ends_in_a_score_or_a_refusal(files, toy):
    rng = np.random.default_rng(4)
    blob = frame_to_ipc(toy[0].head(20))
    outcomes = []
    with Child() as child:
        for content, _ in files.values():
            whole = unpacked(content)
            names = [n for n, part in whole.items() if n.endswith(".npy") and len(part) > 128]
            for _ in range(6):
                name = names[rng.integers(len(names))]
                part = bytearray(whole[name])
                part[rng.integers(128, len(part))] ^= int(rng.integers(1, 256))
                damaged = packed(whole | {name: bytes(part)})
                try:
                    child.call("rai_dash.models.ops:load", {}, [damaged], timeout=20)
                    reply = child.call("rai_dash.models.ops:score", {}, [blob], timeout=20)
                    outcomes.append(len(reply.blobs[0]))
                except RaiError as error:
                    outcomes.append(type(error))
        assert child.alive
    # Most damage is a changed number, which no review can see; some has to be refused.
    assert {8 * 20, RefusedModel} <= set(outcomes) <= {8 * 20, RefusedModel, InvalidChoice}
