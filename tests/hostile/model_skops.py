"""Skops files that call something, read something, unfold without end, or hold trees that lead outside."""

from __future__ import annotations

import operator
import os
import subprocess
from functools import partial

import numpy as np

from tests.hostile.hostile_file import accepted, refused
from tests.hostile.model_parts import logistic
from tests.hostile.skops_parts import (
    COMMAND,
    array_bomb,
    called_at_load,
    histogram,
    longer,
    no_numbers,
    part,
    reads_files,
    renamed_node,
    saved,
    schema,
    shorter,
    tree,
    unfitted,
    with_function,
)
from tests.hostile.table_foreign import object_array, pickled
from tests.hostile.zips import archive

CALLS = [
    refused("code", "skops with os.system as a step", with_function(os.system), "foreign_type", "os"),
    refused("code", "skops with eval as a step", with_function(eval), "foreign_type", "eval"),
    refused("code", "skops with exec as a step", with_function(exec), "foreign_type", "exec"),
    refused(
        "code",
        "skops with subprocess as a step",
        with_function(subprocess.check_output),
        "foreign_type",
        "subprocess",
    ),
    refused(
        "code",
        "skops with a half-filled call",
        with_function(partial(os.system, COMMAND)),
        "foreign_type",
        "partial",
    ),
    refused(
        "code",
        "skops with an operator",
        with_function(operator.attrgetter("__class__.__mro__")),
        "foreign_type",
        "operator",
    ),
    refused(
        "code", "skops with a function that loads files", with_function(np.load), "foreign_type", "numpy"
    ),
    refused(
        "code",
        "skops with arguments for a function",
        with_function(np.exp, kw_args={"out": "x"}),
        "foreign_type unsupported_model cannot_score damaged_model not_fitted",
    ),
    refused("code", "skops that calls while it loads", called_at_load, "foreign_type", "os"),
    refused(
        "code", "skops with a class of the system", renamed_node("Tree", "os", "system"), "foreign_type", "os"
    ),
    refused(
        "code",
        "skops with a class of its own",
        renamed_node("DecisionTreeClassifier", "acme.models", "Tree"),
        "foreign_type",
        "acme",
        "ONNX",
    ),
    refused(
        "code",
        "skops with a way into a class",
        renamed_node("DecisionTreeClassifier", "builtins", "getattr"),
        "foreign_type",
        "getattr",
    ),
    refused(
        "code", "skops with an array of objects", part(lambda _: object_array()), "damaged_model", "array"
    ),
    refused(
        "code",
        "skops that is a pickle in a zip",
        lambda: archive({"model.pkl": pickled(4)()}),
        "unknown_format pickle",
        "zip archive",
    ),
    refused("code", "skops with a pickle for a schema", schema(lambda _: pickled(4)()), "damaged_model"),
    refused("code", "skops that reads files", reads_files, "foreign_type", "CountVectorizer"),
]
DAMAGED = [
    refused("bomb", "skops of 2 GB of zeros", array_bomb, "too_large damaged_model"),
    refused("bomb", "skops with 100,000 levels", schema(lambda _: b'{"content":' * 100_000), "damaged_model"),
    refused("skops", "an array of a lying length", part(longer), "damaged_model"),
    refused("skops", "an array cut off", part(shorter), "damaged_model"),
    refused("skops", "a schema that is a list", schema(lambda _: b"[]"), "damaged_model"),
    refused("skops", "a schema without an end", schema(lambda raw: raw[:-20]), "damaged_model"),
    refused(
        "skops", "cut off at half", lambda: logistic()[: len(logistic()) // 2], "damaged_model unknown_format"
    ),
    refused(
        "skops",
        "an unsafe name",
        lambda: archive({"schema.json": b"{}", "../../x.npy": b"x"}),
        "damaged_model",
    ),
    refused(
        "skops",
        "a part twice",
        lambda: archive([("schema.json", b"{}"), ("schema.json", b"[]")]),
        "damaged_model",
    ),
    refused("skops", "a tree that runs in a circle", tree("children_left", 0, 0), "damaged_model", "tree"),
    refused("skops", "a tree that leads outside", tree("children_right", 0, 10**6), "damaged_model", "tree"),
    refused("skops", "a tree of a column outside", tree("feature", 0, 10**6), "damaged_model", "tree"),
    refused("skops", "a boosted tree that runs in a circle", histogram("left", 0), "damaged_model", "tree"),
    refused(
        "skops",
        "a boosted tree that leads outside",
        histogram("right", 4_000_000_000),
        "damaged_model",
        "tree",
    ),
    refused(
        "skops",
        "a boosted tree of a column outside",
        histogram("feature_idx", 4_000),
        "damaged_model",
        "tree",
    ),
    refused(
        "skops",
        "coefficients that are no numbers",
        saved("linear_model", "LogisticRegression", change=no_numbers),
        "no_number damaged_model",
    ),
]
OTHERS = [
    refused(
        "kind", "a regression", saved("linear_model", "LinearRegression"), "no_probabilities", "probabilit"
    ),
    refused(
        "kind",
        "groups without an outcome",
        saved("cluster", "KMeans", n_clusters=2, n_init=1),
        "foreign_type no_probabilities",
    ),
    refused(
        "kind",
        "three classes",
        saved("tree", "DecisionTreeClassifier", label=np.arange(200) % 3, max_depth=2),
        "multiclass",
        "3 classes",
    ),
    refused(
        "kind",
        "one class",
        saved("dummy", "DummyClassifier", label=np.zeros(200, int)),
        "one_class multiclass no_probabilities",
    ),
    refused("kind", "no probabilities", saved("svm", "LinearSVC"), "no_probabilities", "probabilit"),
    refused("kind", "never fitted", unfitted, "not_fitted", "not trained"),
    accepted(
        "skops",
        "a forest for 100,000 threads",
        saved(
            "ensemble",
            "RandomForestClassifier",
            n_estimators=3,
            max_depth=2,
            change=lambda m: m.set_params(n_jobs=100_000),
        ),
        (0, 0),
    ),
]
SKOPS = [*CALLS, *DAMAGED, *OTHERS]
