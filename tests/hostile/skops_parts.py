"""Builders of skops files that call, read or unfold something, or contradict themselves."""

from __future__ import annotations

import io
import json
import re
import zipfile

import numpy as np

from tests.hostile.model_parts import LABEL, array_of, fitted, logistic, rewritten, skops_of
from tests.hostile.table_foreign import MARKER
from tests.hostile.zips import MEGABYTE, archive, deflated, raw_zip, repeated_deflate

COMMAND = f"echo ran > {MARKER}"


def with_function(function, **more):
    """Build a pipeline whose first step calls a function."""

    def build():
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import FunctionTransformer

        def change(model):
            model.steps[0][1].set_params(func=function, **more)

        return skops_of(fitted(FunctionTransformer(np.exp), LogisticRegression()), change)

    return build


def renamed_node(old, module, name):
    """Build a tree whose node of some class names another one."""

    def build():
        from sklearn.tree import DecisionTreeClassifier

        def change(parts):
            schema = json.loads(parts["schema.json"])
            node = find(schema, old)
            node["__module__"], node["__class__"] = module, name
            parts["schema.json"] = json.dumps(schema).encode()

        return rewritten(skops_of(fitted(DecisionTreeClassifier(max_depth=3, random_state=0))), change)

    return build


def find(schema, name):
    """Return the first node of a class in a schema."""
    waiting = [schema]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            if found.get("__class__") == name:
                return found
            waiting += found.values()
        elif isinstance(found, list):
            waiting += found
    raise LookupError(name)


def called_at_load():
    """Return a file whose top node is to be built by calling a command."""
    text = {
        "__class__": "str",
        "__module__": "builtins",
        "__loader__": "JsonNode",
        "content": json.dumps(COMMAND),
    }
    arguments = {"__class__": "tuple", "__module__": "builtins", "__loader__": "TupleNode", "content": [text]}
    called = {"__class__": "system", "__module__": "os", "__loader__": "ReduceNode"}
    schema = called | {"__reduce__": {"args": arguments}, "protocol": 2, "_skops_version": "0.16"}
    return archive({"schema.json": json.dumps(schema).encode()})


def reads_files():
    """Return a pipeline that counts the words of the files that a column names."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = pd.DataFrame({"a": ["/etc/passwd one", "/etc/shadow two"] * 10})
    model = make_pipeline(ColumnTransformer([("t", CountVectorizer(), "a")]), LogisticRegression())
    model.fit(words, [0, 1] * 10)
    model.steps[0][1].named_transformers_["t"].input = "filename"
    return skops_of(model)


def array_bomb():
    """Return a model whose coefficients are 2 GB of zeros in a few megabytes."""
    with zipfile.ZipFile(io.BytesIO(logistic())) as old:
        parts = {name: deflated(old.read(name)) for name in old.namelist()}
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (1, 2 * 1_024 * MEGABYTE // 8)}
    )
    parts[array_of(parts)] = repeated_deflate(head.getvalue(), bytes(MEGABYTE), 2_048)
    return raw_zip(parts)


def part(change):
    """Build a logistic regression whose first array is replaced."""

    def build():
        def put(parts):
            name = array_of(parts)
            parts[name] = change(parts[name])

        return rewritten(logistic(), put)

    return build


def schema(change):
    """Build a logistic regression whose schema, as text, is replaced."""

    def build():
        def put(parts):
            parts["schema.json"] = change(parts["schema.json"])

        return rewritten(logistic(), put)

    return build


def tree(column, place, value):
    """Build a decision tree with another number in a node."""

    def build():
        from sklearn.tree import DecisionTreeClassifier

        def change(model):
            getattr(model.tree_, column)[place] = value

        return skops_of(fitted(DecisionTreeClassifier(max_depth=3, random_state=0)), change)

    return build


def histogram(column, value):
    """Build a histogram boosting whose first tree has another number in its root."""

    def build():
        from sklearn.ensemble import HistGradientBoostingClassifier

        def change(model):
            model._predictors[0][0].nodes[column][0] = value

        return skops_of(fitted(HistGradientBoostingClassifier(max_iter=2)), change)

    return build


def saved(room, name, *, label=LABEL, change=None, **settings):
    """Build a fitted estimator of scikit-learn."""

    def build():
        import importlib

        kind = getattr(importlib.import_module(f"sklearn.{room}"), name)
        return skops_of(fitted(kind(**settings), label=label), change)

    return build


def unfitted():
    """Return a model that was never fitted."""
    from sklearn.linear_model import LogisticRegression

    return skops_of(LogisticRegression())


def no_numbers(model):
    model.coef_[:] = np.nan


def shorter(raw):
    return raw[:-8]


def longer(raw):
    return re.sub(rb"'shape': \(\d", b"'shape': (9", raw)
