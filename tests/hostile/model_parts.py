"""Small honest models of each format, to be damaged; and ways to damage them."""

from __future__ import annotations

import io
import json
import re
import warnings
import zipfile
from functools import cache

import numpy as np
import pandas as pd

RNG = np.random.default_rng(5)
ROWS = pd.DataFrame({"a": RNG.normal(size=200).round(3), "b": RNG.normal(size=200).round(3)})
LABEL = ((ROWS["a"] + ROWS["b"] + RNG.normal(size=200)) > 0).astype(int)
#: A table with an outcome and the columns of every model here.
TABLE = ROWS.assign(y=LABEL, g=np.where(np.arange(200) % 2, "f", "m")).to_csv(index=False).encode()


def fitted(*steps, label=LABEL):
    """Fit one estimator, or several as a pipeline."""
    from sklearn.pipeline import make_pipeline

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (make_pipeline(*steps) if len(steps) > 1 else steps[0]).fit(ROWS, label)


def skops_of(model, change=None):
    """Save a scikit-learn model, changed before that."""
    import skops.io

    if change is not None:
        change(model)
    return skops.io.dumps(model)


@cache
def logistic():
    """Return a saved logistic regression."""
    from sklearn.linear_model import LogisticRegression

    return skops_of(fitted(LogisticRegression()))


def rewritten(content, change):
    """Write an archive again; ``change`` gets a dict of its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return out.getvalue()


def array_of(parts):
    """Return the name of the first array among the parts of a skops file."""
    return next(name for name in parts if name.endswith(".npy"))


@cache
def booster(objective="binary:logistic", classes=0):
    """Train a small XGBoost model."""
    import xgboost

    label = np.arange(200) % classes if classes else LABEL
    settings = {"objective": objective, "nthread": 1, "max_depth": 3} | (
        {"num_class": classes} if classes else {}
    )
    return xgboost.train(settings, xgboost.DMatrix(ROWS, label=label), 3)


def ubj():
    """Return an XGBoost model in UBJSON."""
    return bytes(booster().save_raw("ubj"))


def document():
    """Return an XGBoost model as plain values."""
    return json.loads(booster().save_raw("json"))


def xgb_with(*places):
    """Build an XGBoost model with another value: the way to it, and the value itself."""

    def build():
        made = document()
        part = made["learner"]
        for place in places[:-2]:
            part = part[place]
        part[places[-2]] = places[-1]
        return json.dumps(made).encode()

    return build


@cache
def light(objective="binary", **settings):
    """Train a small LightGBM model and write it as text."""
    import lightgbm

    label = np.arange(200) % 3 if objective == "multiclass" else LABEL
    given = {"objective": objective, "num_leaves": 6, "verbose": -1, "num_threads": 1, "min_data_in_leaf": 5}
    return lightgbm.train(given | settings, lightgbm.Dataset(ROWS, label=label), 3).model_to_string().encode()


def light_with(key, value, *, sized=True):
    """Build a LightGBM model whose first line of a name holds another value; sizes are made right again."""

    def build():
        changed = re.sub(rb"(?m)^%s=.*$" % key.encode(), b"%s=%s" % (key.encode(), value), light(), count=1)
        return resized(changed) if sized else changed

    return build


def light_first(key, value):
    """Build a LightGBM model with another first number in a line."""

    def build():
        return resized(
            re.sub(rb"(?m)^%s=\S+" % key.encode(), b"%s=%s" % (key.encode(), value), light(), count=1)
        )

    return build


def resized(content):
    """Write the true sizes of the trees into the header of a LightGBM text."""
    start, end = content.index(b"Tree=0"), content.index(b"end of trees")
    blocks = re.split(rb"(?m)^(?=Tree=)", content[start:end])[1:]
    sizes = b" ".join(b"%d" % len(block) for block in blocks)
    return re.sub(rb"(?m)^tree_sizes=.*$", b"tree_sizes=" + sizes, content)
