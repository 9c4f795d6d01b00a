"""Damaged and foreign files: refused by name, and never fatal to the app."""

from __future__ import annotations

import io
import json
import pickle  # noqa: TID251 - to build what must be refused
import zipfile

import numpy as np
import pytest
import skops.io
import xgboost
from sklearn.linear_model import LogisticRegression

from rai_dash.core.errors import RaiError, RefusedModel
from rai_dash.models._nesting import nesting
from rai_dash.models._skops import review as _skops_review
from rai_dash.models._xgboost import review as _xgboost_review
from rai_dash.models.sniff import accepted_format, sniff_model
from rai_dash.models.xgboost_format import load
from rai_dash.sandbox.arrow import frame_to_ipc
from rai_dash.sandbox.client import Child


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def rewritten(content, change):
    """Rewrite a skops file with another schema or other parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        held = {name: old.read(name) for name in old.namelist()}
    change(held)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, part in held.items():
            made.writestr(name, part)
    return out.getvalue()


@pytest.fixture(scope="module")
def small_skops(toy):
    return skops.io.dumps(LogisticRegression().fit(toy[0][["pay", "code"]], toy[1]))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (pickle.dumps([1], protocol=2), "pickle", r"would run code.*skops\.io\.dump"),
        (pickle.dumps({"a": 1}, protocol=0), "pickle", "pickle"),
        (b"ccopy_reg\n_reconstructor\np0\n", "pickle", "pickle"),
        (b"\x78\x9cjoblib", None, "joblib"),
        (b"CBM1\x00\x00rest", "catboost", "CatBoost"),
        (b"binf\x00\x00", "old_xgboost", "save it again"),
        (b"\x89HDF\r\n\x1a\n", "hdf5", "Keras"),
        (archive(archive__data_pkl="x").replace(b"data_pkl", b"data.pkl"), "torch", "PyTorch"),
        (archive(a="1"), None, "zip archive"),
        (b'{"target": "loan"}', "json", "not an XGBoost model"),
        (bytes(range(200, 256)) * 3, None, "not a model file"),
    ],
)
def test_foreign_files_are_named_with_the_way_out(content, name, words):
    assert sniff_model(content[:4096]) == name
    with pytest.raises(RefusedModel, match=words):
        accepted_format(content)


def test_tables_are_left_to_the_reader_of_tables(repo):
    for name in ("story_living_1100.csv.gz", "README.md"):
        assert sniff_model((repo / "sample_data" / name).read_bytes()[:4096]) is None
    assert sniff_model(b"a,b\n1,2\n") is None
    assert sniff_model(b"PAR1") is None


def test_both_accepted_formats_are_known_by_their_first_bytes(repo, story_ubj):
    assert sniff_model(story_ubj[:4096]) == "xgboost"
    assert sniff_model((repo / "sample_data" / "boston_pipeline.skops").read_bytes()[:4096]) == "skops"


def of_story(content, *places):
    model = json.loads(as_json(content))
    part = model["learner"]
    for place in places[:-2]:
        part = part[place]
    part[places[-2]] = places[-1]
    return json.dumps(model).encode()


def as_json(content):
    booster = xgboost.Booster()
    booster.load_model(bytearray(content))
    return bytes(booster.save_raw("json"))


MODEL = ("gradient_booster", "model")
TREE = (*MODEL, "trees", 0)


@pytest.mark.parametrize(
    ("places", "words"),
    [
        ((*TREE, "split_conditions", 0, float("nan")), "not finite"),
        ((*TREE, "categories_nodes", []), "different length"),
        ((*TREE, "right_children", 0, -1), "one child"),
        ((*TREE, "categories", 0, -5), "impossible category"),
        ((*MODEL, "iteration_indptr", 200, 10**6), "list of rounds"),
        ((*MODEL, "iteration_indptr", 0, -1), "list of rounds"),
        ((*MODEL, "tree_info", 0, 7), "list of classes"),
        ((*MODEL, "cats", "sorted_idx", 3, 10**6), "points outside"),
        ((*MODEL, "cats", "feature_segments", 1, -3), "does not fit its columns"),
        ((*MODEL, "cats", "enc", 1, "offsets", 2, 10**6), "lies outside"),
        (("feature_names", ["age"] * 12), "same name"),
        (("feature_names", ["age"]), "another number of columns"),
        (("learner_model_param", "num_feature", "1000000000"), "declares"),
        (("learner_model_param", "num_feature", "3"), "number of columns"),
    ],
)
def test_each_way_to_point_outside_is_refused_before_the_library_sees_it(story_ubj, places, words):
    with pytest.raises(RefusedModel, match=words):
        _xgboost_review.review(of_story(story_ubj, *places))


def test_nesting_is_counted_before_anything_is_parsed():
    deep = b'{"learner":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(RefusedModel, match="nested deeper"):
        _xgboost_review.review(deep)
    with pytest.raises(RefusedModel, match="nested deeper"):
        _xgboost_review.review(b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner" + b"[" * 100_000)
    assert nesting(b'{"a":"[[[[\\"[[","b":[]}') == 2


def test_truncated_files_are_refused(story_ubj, small_skops):
    for cut in (15, 1000, len(story_ubj) // 2, len(story_ubj) - 1):
        with pytest.raises(RefusedModel):
            _xgboost_review.review(story_ubj[:cut])
    for cut in (30, len(small_skops) // 2, len(small_skops) - 1):
        with pytest.raises(RefusedModel):
            _skops_review.review(small_skops[:cut])


def test_the_same_category_twice_is_refused(story_ubj):
    model = json.loads(as_json(story_ubj))
    column = model["learner"]["gradient_booster"]["model"]["cats"]["enc"][8]  # gender: Female, Male
    column["offsets"], column["values"] = [0, 1, 2], [65, 65]
    content = json.dumps(model).encode()
    _xgboost_review.review(content)
    with pytest.raises(RefusedModel):
        load(content)


def add_link(held):
    held["../outside"] = b"x"


def false_size(held):
    name = next(n for n in held if n.endswith(".npy"))
    held[name] = held[name][:-8]


def objects(held):
    name = next(n for n in held if n.endswith(".npy"))
    out = io.BytesIO()
    np.save(out, np.array([{}], dtype=object), allow_pickle=True)
    held[name] = out.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [(add_link, "leads outside"), (false_size, "another size"), (objects, "another size")],
)
def test_a_skops_archive_with_a_false_part_is_refused(small_skops, change, words):
    with pytest.raises(RefusedModel, match=words):
        _skops_review.review(rewritten(small_skops, change))


@pytest.mark.parametrize(
    ("loader", "module", "name"),
    [
        ("ObjectNode", "os", "system"),
        ("ObjectNode", "sklearn.feature_extraction.text", "CountVectorizer"),
        ("ObjectNode", "sklearn.datasets", "load_files"),
        ("ObjectNode", "numpy", "load"),
        ("FunctionNode", "numpy", "fromfile"),
        ("FunctionNode", "builtins", "eval"),
        ("TypeNode", "builtins", "open"),
        ("LossNode", "sklearn.pipeline", "Pipeline"),
        ("ConstructorFromReduceNode", "zoneinfo", "ZoneInfo"),
        ("MethodNode", "sklearn.pipeline", "Pipeline"),
        ("OperatorFuncNode", "operator", "methodcaller"),
        ("PartialNode", "functools", "partial"),
        ("NewNode", "sklearn.pipeline", "Pipeline"),
    ],
)
def test_every_node_outside_our_list_is_refused_by_name(small_skops, loader, module, name):
    def change(held):
        schema = json.loads(held["schema.json"])
        schema["content"]["extra"] = {"__class__": name, "__module__": module, "__loader__": loader}
        held["schema.json"] = json.dumps(schema).encode()

    with pytest.raises(RefusedModel, match=rf"{module}\.{name}"):
        _skops_review.review(rewritten(small_skops, change))


def test_an_xgboost_model_inside_a_skops_file_goes_through_its_own_review(toy):
    frame = toy[0][["pay", "code"]]
    content = skops.io.dumps(xgboost.XGBClassifier(n_estimators=2, max_depth=2, n_jobs=1).fit(frame, toy[1]))
    _skops_review.review(content)

    def change(held):
        name = next(n for n in held if n.endswith(".bin"))
        held[name] = held[name].replace(b"left_children", b"lost_children")

    with pytest.raises(RefusedModel, match="XGBoost file is damaged"):
        _skops_review.review(rewritten(content, change))


def test_random_damage_never_ends_in_anything_but_a_score_or_a_refusal(toy, story_ubj, small_skops, living):
    rng = np.random.default_rng(1)
    rows = {story_ubj: living.head(20), small_skops: toy[0].head(20)}
    child = Child()
    try:
        for content, frame in rows.items():
            blob = frame_to_ipc(frame)
            for _ in range(30):
                damaged = bytearray(content)
                for place in rng.integers(0, len(content), 2):
                    damaged[place] ^= int(rng.integers(1, 256))
                child = child if child.alive else Child()
                try:
                    child.call("rai_dash.models.ops:load", {}, [bytes(damaged)], timeout=20)
                    reply = child.call("rai_dash.models.ops:score", {}, [blob], timeout=20)
                except RaiError:
                    continue
                assert len(reply.blobs[0]) == 8 * len(frame)
    finally:
        child.close()
