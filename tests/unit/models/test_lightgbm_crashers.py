"""Damage that makes LightGBM crash, hang or answer with foreign memory, by class; refused by the review."""

from __future__ import annotations

import re

import lightgbm
import numpy as np
import pandas as pd
import pytest

from rai_dash.core.errors import RefusedModel
from rai_dash.models._lightgbm.review import review_text
from rai_dash.models.lightgbm_format import load, review


@pytest.fixture(scope="module")
def content():
    """Three trees with splits by number and by category."""
    rng = np.random.default_rng(0)
    n = 400
    frame = pd.DataFrame(
        {
            "pay": rng.normal(size=n),
            "job": pd.Categorical(rng.choice(["a", "b", "c", "d", "e", "f"], n)),
            "age": rng.integers(18, 80, n),
        }
    )
    label = (frame["pay"] + frame["job"].isin(["a", "c", "f"]) + rng.normal(size=n) > 0.5).astype(int)
    model = lightgbm.LGBMClassifier(
        n_estimators=3, num_leaves=8, n_jobs=1, verbose=-1, min_data_per_group=5, cat_smooth=1
    )
    return model.fit(frame, label).booster_.model_to_string().encode()


def sized(content):
    """Write the true sizes of the trees into the header, so that only the damage itself is wrong."""
    start, end = content.index(b"Tree=0"), content.index(b"end of trees")
    blocks = re.split(rb"(?m)^(?=Tree=)", content[start:end])[1:]
    sizes = b" ".join(b"%d" % len(block) for block in blocks)
    return re.sub(rb"(?m)^tree_sizes=.*$", b"tree_sizes=" + sizes, content)


def line(content, key):
    """Return the numbers of a line, of the first tree that has some there."""
    return re.search(rb"(?m)^%s=(.+)$" % key.encode(), content)[1].split(b" ")


def numbers(key, change):
    """Damage the numbers of one line of the first tree that has some there."""

    def damage(content):
        old = line(content, key)
        new = list(old)
        change(new)
        before, after = (key.encode() + b"=" + b" ".join(values) for values in (old, new))
        return sized(content.replace(before + b"\n", after + b"\n", 1))

    return damage


def put(place, value):
    return lambda values: values.__setitem__(place, value)


def header(key, value):
    """Write another value into a line of the header."""
    return lambda content: re.sub(rb"(?m)^%s=.*$" % key.encode(), b"%s=%s" % (key.encode(), value), content)


def without(key):
    """Take a line out, wherever it is."""
    return lambda content: sized(re.sub(rb"(?m)^%s=.*\n" % key.encode(), b"", content))


def swapped(old, new):
    def damage(content):
        assert old in content
        return sized(content.replace(old, new, 1))

    return damage


def _same_child_twice(content):
    left = line(content, "left_child")
    inner = next(child for child in left if not child.startswith(b"-"))
    return numbers("right_child", put(left.index(inner), inner))(content)


def _split_by_category_of_a_number(content):
    kinds = line(content, "decision_type")
    node = next(i for i, kind in enumerate(kinds) if int(kind) & 1 == 0)
    return numbers("threshold", put(node, b"0"))(numbers("decision_type", put(node, b"1"))(content))


def _category_node(content):
    return next(i for i, kind in enumerate(line(content, "decision_type")) if int(kind) & 1)


def _table_that_is_not_there(content):
    return numbers("threshold", put(_category_node(content), b"99"))(content)


def _half_a_table(content):
    return numbers("threshold", put(_category_node(content), b"0.5"))(content)


def _no_tables(content):
    return sized(re.sub(rb"(?m)^num_cat=.*$", b"num_cat=0", content))


def _huge_leaves(content):
    return sized(re.sub(rb"(?m)^leaf_value=\S+", b"leaf_value=1.7e308", content))


DAMAGE = {
    "child outside the tree": (numbers("left_child", put(0, b"9999")), "outside the tree"),
    "child is its own parent": (numbers("right_child", put(2, b"2")), "outside the tree"),
    "cycle": (numbers("left_child", put(-1, b"0")), "outside the tree"),
    "leaf outside the tree": (numbers("left_child", put(-1, b"-9999")), "outside the tree"),
    "smallest whole number as leaf": (numbers("left_child", put(-1, b"-2147483648")), "outside the tree"),
    "child with two parents": (_same_child_twice, "contradict"),
    "leaf with two parents": (numbers("right_child", lambda v: v.__setitem__(-1, b"-1")), "contradict"),
    "column outside the table": (numbers("split_feature", put(0, b"3")), "does not have"),
    "huge column": (numbers("split_feature", put(0, b"2147483647")), "does not have"),
    "negative column": (numbers("split_feature", put(0, b"-1")), "does not have"),
    "table of categories not there": (_table_that_is_not_there, "not listed"),
    "half a table of categories": (_half_a_table, "not listed"),
    "category split of a number": (_split_by_category_of_a_number, "a number for a category"),
    "unknown kind of split": (numbers("decision_type", put(0, b"64")), "not known"),
    "table that starts late": (numbers("cat_boundaries", put(0, b"1")), "points outside"),
    "table that ends late": (numbers("cat_boundaries", put(-1, b"100000000")), "points outside"),
    "table that runs backwards": (numbers("cat_boundaries", put(0, b"-5")), "points outside"),
    "bits beyond 32": (numbers("cat_threshold", put(0, b"9999999999")), "impossible number"),
    "more tables than declared": (numbers("num_cat", put(0, b"1000000")), "splits by category"),
    "fewer tables than used": (_no_tables, "not listed"),
    "more leaves than listed": (numbers("num_leaves", put(0, b"9")), "lists 7 numbers where 8 should be"),
    "a billion leaves": (numbers("num_leaves", put(0, b"999999999")), "declares 999,999,999 leaves"),
    "no leaves": (numbers("num_leaves", put(0, b"0")), "declares 0 leaves"),
    "one leaf and many nodes": (numbers("num_leaves", put(0, b"1")), "declares 1 leaves"),
    "leaf is not a number": (numbers("leaf_value", put(0, b"nan")), "not a list of numbers"),
    "leaf is too large a number": (numbers("leaf_value", put(0, b"1e999")), "not finite"),
    "leaves that add up to infinity": (_huge_leaves, "add up to no finite number"),
    "threshold is no number": (numbers("threshold", put(0, b"nan")), "not a list of numbers"),
    "words in a list": (numbers("leaf_count", put(0, b"many")), "not a list of numbers"),
    "two blanks in a list": (numbers("leaf_count", put(0, b"1 ")), "not a list of numbers"),
    "line without an equals sign": (swapped(b"is_linear=0\n", b"is_linear\n"), "line that is not known"),
    "line not known": (swapped(b"is_linear=0\n", b"shell=1\n"), "not known"),
    "line twice": (swapped(b"is_linear=0\n", b"is_linear=0\nis_linear=0\n"), "twice"),
    "too many lines": (swapped(b"is_linear=0\n", b"is_linear=0\n" + b"x=1\n" * 30), "number of lines"),
    "no children": (without("left_child"), "lacks the line `left_child`"),
    "no leaf values": (without("leaf_value"), "declares"),
    "no number of leaves": (without("num_leaves"), "does not say its `num_leaves`"),
    "size of a tree too small": (header("tree_sizes", b"1 1 1"), "declares 1 bytes"),
    "size of a tree beyond the file": (
        header("tree_sizes", b"99999999999 1 1"),
        "declares 99,999,999,999 bytes",
    ),
    "negative size of a tree": (header("tree_sizes", b"-1 -1 -1"), "not a list of whole numbers"),
    "fewer sizes than trees": (header("tree_sizes", b"100"), "declares 1 trees and holds 3"),
    "no sizes": (lambda c: re.sub(rb"(?m)^tree_sizes=.*\n", b"", c), "lacks `tree_sizes`"),
    "no trees": (lambda c: re.sub(rb"(?s)\nTree=0.*end of trees", b"\nend of trees", c), "holds no trees"),
    "trees out of order": (swapped(b"Tree=1\n", b"Tree=7\n"), "not where it should be"),
    "no trees a round": (header("num_tree_per_iteration", b"0"), "0 trees a round"),
    "negative classes": (header("num_class", b"-2"), "-2 classes"),
    "fewer columns than named": (header("max_feature_idx", b"1"), "declares 2 columns"),
    "terabytes of columns": (header("max_feature_idx", b"2000000000"), "2,000,000,001 columns"),
    "no columns": (header("max_feature_idx", b"-1"), "declares 0 columns"),
    "column named twice": (header("feature_names", b"pay pay age"), "same name"),
    "column without name": (header("feature_names", b"pay  age"), "no name"),
    "values of a column unreadable": (header("feature_infos", b"[0:1 0:1 [0:1]"), "cannot be read"),
    "slope of zero": (header("objective", b"binary sigmoid:0"), "not a positive number"),
    "line of the header not known": (swapped(b"label_index=0\n", b"label_index=0\nshell=1\n"), "`shell`"),
    "line of the header twice": (swapped(b"label_index=0\n", b"label_index=0\nlabel_index=0\n"), "twice"),
    "bytes that are no text": (swapped(b"feature_names=pay", b"feature_names=p\xff"), "not UTF-8"),
    "a NUL in the middle": (swapped(b"Tree=1\n", b"Tree=1\0\n"), "NUL"),
    "categories nested deep": (
        swapped(b"pandas_categorical:[", b"pandas_categorical:" + b"[" * 5000),
        "list of lists",
    ),
    "categories that end early": (swapped(b'"f"]]', b'"f'), "list of lists"),
    "categories that are no lists": (
        swapped(b"pandas_categorical:[[", b'pandas_categorical:[{"a":1},['),
        "list of lists",
    ),
    "half a character": (swapped(b'"f"]]', b'"\\ud800"]]'), "no text"),
    "the same category twice": (swapped(b'"e", "f"', b'"f", "f"'), "same category twice"),
    "fewer categories than used": (swapped(b'["a", "b", "c", "d", "e", "f"]', b'["a"]'), "cannot be told"),
    "parameters without brackets": (swapped(b"[boosting: gbdt]", b"boosting: gbdt"), "not complete"),
    "parameters without an end": (swapped(b"end of parameters", b""), "not complete"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_refused_with_one_sentence_that_names_it(content, kind):
    damage, words = DAMAGE[kind]
    damaged = damage(content)
    assert damaged != content
    with pytest.raises(RefusedModel, match=words) as caught:
        review(damaged)
    assert caught.value.code in {"damaged_model", "unclear_categories"}
    assert "Traceback" not in caught.value.message


def test_the_same_file_unchanged_is_accepted(content):
    review_text(content)
    assert load(content).info.family == "LightGBM, 3 trees"


def test_a_cut_file_is_refused_wherever_it_is_cut_inside_what_a_score_needs(content):
    end = content.index(b"end of trees")
    for cut in range(5, end + 10, 97):
        with pytest.raises(RefusedModel):
            review(content[:cut])


def test_the_text_inside_another_file_is_taken_as_it_stands(content):
    # LightGBM itself reads that text: with other line ends it would look for trees in the wrong places.
    with pytest.raises(RefusedModel, match="line end"):
        review_text(content.replace(b"\n", b"\r\n"))


def test_a_tree_too_deep_to_be_walked_is_refused():
    n = 3_000
    inner = range(n - 1)
    lines = {
        "num_leaves": [n],
        "num_cat": [0],
        "split_feature": [0] * (n - 1),
        "threshold": [0.5] * (n - 1),
        "decision_type": [2] * (n - 1),
        "left_child": [*(i + 1 for i in inner[:-1]), -n],
        "right_child": [-1 - i for i in inner],
        "leaf_value": [0.1] * n,
    }
    block = "Tree=0\n" + "".join(f"{k}={' '.join(map(str, v))}\n" for k, v in lines.items()) + "\n\n"
    head = (
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=0\n"
        f"objective=binary sigmoid:1\nfeature_names=a\nfeature_infos=[0:1]\ntree_sizes={len(block)}\n\n"
    )
    with pytest.raises(RefusedModel, match="deeper than"):
        review((head + block + "end of trees\n").encode())
