"""The archive and the schema of a skops file: what does not belong, bombs, depth, and foreign types by name."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from rai_dash.core.errors import RefusedModel
from rai_dash.core.settings import get_settings
from rai_dash.models._nesting import nesting
from rai_dash.models._skops import archive as _skops_archive
from rai_dash.models._skops.review import review
from rai_dash.models.skops_format import load

ROWS = pd.DataFrame({"a": np.arange(40) % 7, "b": np.arange(40) % 3})
LABEL = np.arange(40) % 2
MODEL = LogisticRegression().fit(ROWS, LABEL)


@pytest.fixture(scope="module")
def parts():
    """The parts of a sound file, one of them a sparse matrix."""
    model = LogisticRegression().fit(ROWS, LABEL).sparsify()
    with zipfile.ZipFile(io.BytesIO(skops.io.dumps(model))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts, *, compression=zipfile.ZIP_STORED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def array(values, **settings):
    out = io.BytesIO()
    np.lib.format.write_array(out, values, **settings)
    return out.getvalue()


def first(parts, ending):
    return next(name for name in parts if name.endswith(ending))


def edited(parts, change):
    schema = json.loads(parts["schema.json"])
    return packed(parts | {"schema.json": json.dumps(change(schema) or schema).encode()})


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_a_sound_file_is_accepted_however_it_is_packed(parts, compression):
    found = load(packed(parts, compression=compression))
    assert np.array_equal(found.probability(ROWS), MODEL.predict_proba(ROWS)[:, 1])


def test_arrays_in_the_order_of_columns_are_accepted(parts):
    name = first(parts, ".npy")
    values = np.load(io.BytesIO(parts[name]))
    whole = packed(parts | {name: array(np.asfortranarray(values))})
    assert np.array_equal(load(whole).probability(ROWS), MODEL.predict_proba(ROWS)[:, 1])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("further.npy", "do not belong"),
        ("notes.txt", "do not belong"),
        ("../outside.npy", "leads outside"),
        ("/etc/outside.npy", "leads outside"),
        ("..\\outside.npy", "leads outside"),
        ("C:outside.npy", "leads outside"),
        ("folder/", "folder or a link"),
    ],
)
def test_a_part_that_does_not_belong_is_refused(parts, name, words):
    with pytest.raises(RefusedModel, match=words):
        review(packed(parts | {name: array(np.zeros(2)) if name.endswith("npy") else b""}))


def test_a_link_an_encrypted_part_and_a_part_that_is_there_twice_are_refused(parts):
    out = io.BytesIO(packed(parts))
    with zipfile.ZipFile(out, "a") as archive:
        link = zipfile.ZipInfo("link.npy")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(RefusedModel, match="folder or a link"):
        review(out.getvalue())
    encrypted = bytearray(packed(parts))
    encrypted[encrypted.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(RefusedModel, match="encrypted"):
        review(bytes(encrypted))
    twice = io.BytesIO(packed(parts))
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("schema.json", "{}")
    with pytest.raises(RefusedModel, match="twice"):
        review(twice.getvalue())


def test_more_parts_than_any_model_has_are_refused(parts, monkeypatch):
    monkeypatch.setattr(_skops_archive, "MAX_PARTS", 3)
    with pytest.raises(RefusedModel, match="more than 3 parts"):
        review(packed(parts))


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("inside", [False, True])
def test_a_bomb_is_refused_by_what_it_unpacks_to_also_inside_a_sparse_matrix(
    parts, monkeypatch, compression, inside
):
    monkeypatch.setenv("RAI_DASH_MAX_EXPANDED_MB", "1")
    get_settings.cache_clear()
    try:
        bomb = array(np.zeros(3 << 17))
        name = first(parts, ".npz")
        held = (
            {name: packed({"data.npy": bomb}, compression=compression)}
            if inside
            else {first(parts, ".npy"): bomb}
        )
        content = packed(parts | held, compression=compression)
        assert len(content) < 1 << 16
        with pytest.raises(RefusedModel) as caught:
            review(content)
    finally:
        get_settings.cache_clear()
    assert caught.value.code == "too_large"


def test_one_large_array_that_stands_in_many_places_is_counted_each_time(parts, monkeypatch):
    def change(schema):
        held, kinds = schema["content"]["content"], schema["content"]["key_types"]["content"]
        for i in range(20):
            held[f"again{i}"] = held["intercept_"]
            kinds.append(kinds[0])

    name = json.loads(parts["schema.json"])["content"]["content"]["intercept_"]["file"]
    content = edited(parts | {name: array(np.zeros(1 << 14))}, change)
    review(content)
    monkeypatch.setenv("RAI_DASH_MAX_EXPANDED_MB", "1")
    get_settings.cache_clear()
    try:
        with pytest.raises(RefusedModel) as caught:
            review(content)
    finally:
        get_settings.cache_clear()
    assert caught.value.code == "too_large"


def test_a_foreign_part_inside_a_sparse_matrix_is_refused(parts):
    name = first(parts, ".npz")
    with pytest.raises(RefusedModel, match="do not belong"):
        review(packed(parts | {name: packed({"data.npy": array(np.zeros(2)), "run.pkl": b"x"})}))
    objects = array(np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(RefusedModel, match="another size"):
        review(packed(parts | {name: packed({"data.npy": objects})}))


def header(shape, descr="<f8"):
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": descr, "fortran_order": False, "shape": shape})
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        header((10**12,)),
        header((10**18,), "<U0"),
        header((2, -1)),
        header((1,)) + b"\x00" * 16,
        b"\x93NUMPY\x01\x00\x10\x27" + b"(" * 9999 + b"\n",
        b"\x93NUMPY\x09\x00" + b"\x00" * 64,
        b"PK\x03\x04",
        b"",
    ],
)
def test_an_array_that_is_not_what_it_declares_is_refused(parts, content):
    with pytest.raises(RefusedModel, match="damaged") as caught:
        review(packed(parts | {first(parts, ".npy"): content}))
    assert caught.value.code == "damaged_model"


def test_an_array_that_is_another_kind_of_part_is_refused(parts):
    def change(schema):
        schema["content"]["content"]["intercept_"]["file"] = first(parts, ".npz")

    name = json.loads(parts["schema.json"])["content"]["content"]["intercept_"]["file"]
    rest = {n: p for n, p in parts.items() if n != name}
    with pytest.raises(RefusedModel, match="another kind"):
        review(edited(rest, change))


def test_nesting_is_counted_without_parsing_and_strings_do_not_count(parts):
    assert nesting(b'{"a": "[[[[\\"[", "b": [[1], {}]}') == 3
    for deep in (b"[" * 10**6, b'{"a":' * 500 + b"1" + b"}" * 500):
        with pytest.raises(RefusedModel, match="nested deeper"):
            review(packed(parts | {"schema.json": deep}))


@pytest.mark.parametrize("protocol", [0, -1, True, "2", None])
def test_a_schema_of_no_known_version_is_refused(parts, protocol):
    with pytest.raises(RefusedModel, match="no known version"):
        review(edited(parts, lambda schema: schema | {"protocol": protocol}))


def test_attributes_with_names_of_another_kind_are_refused(parts):
    def change(schema):
        schema["content"]["key_types"]["content"].pop()

    with pytest.raises(RefusedModel, match="no names"):
        review(edited(parts, change))


def node(loader, full, **held):
    module, name = full.rsplit(".", 1)
    return {"__class__": name, "__module__": module, "__loader__": loader, **held}


LOG = node("FunctionNode", "numpy.log1p")
OWN_CODE = (
    r"`acme\.features\.age_bands`, which is your own code and is not loaded here\. Replace it by a "
    r"scikit-learn transformer, or export the whole model to ONNX\."
)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            node("FunctionNode", "acme.features.age_bands"),
            OWN_CODE,
        ),
        (node("FunctionNode", "__main__.age_bands"), "your own code"),
        (node("ObjectNode", "acme.models.Bands"), "your own code"),
        (node("FunctionNode", "os.system"), r"`os\.system`, a part of Python itself"),
        (
            node("ObjectNode", "sklearn.feature_extraction.text.CountVectorizer"),
            "CountVectorizer`, which can open files named in the data",
        ),
        (node("ObjectNode", "sklearn.datasets.load_files"), "not on the list of types"),
        (node("ObjectNode", "imblearn.base.FunctionSampler"), "not on the list of types"),
        (
            node("ObjectNode", "sklearn.decomposition._lda.LatentDirichletAllocation"),
            "not on the list of types",
        ),
        (node("FunctionNode", "numpy.identity"), "not on the list of types"),
        (node("CachedNode", "sklearn.pipeline.Pipeline"), "not on the list of types"),
        (
            node("PartialNode", "functools.partial", content={"func": LOG}),
            r"`functools\.partial` of `numpy\.log1p`.*kw_args",
        ),
        (
            node("PartialNode", "functools.partial", content={"func": node("FunctionNode", "os.system")}),
            r"`functools\.partial` of `os\.system`",
        ),
        (
            node("MethodNode", "sklearn.pipeline.Pipeline", content={"func": "fit"}),
            "method `fit` of a `sklearn.pipeline.Pipeline`",
        ),
        (node("OperatorFuncNode", "operator.methodcaller"), r"`operator\.methodcaller`, which calls"),
    ],
)
def test_a_type_that_is_not_loaded_is_named_with_the_way_out(parts, found, words):
    def change(schema):
        schema["content"]["content"]["intercept_"] = found
        schema["further"] = {"file": name}

    name = json.loads(parts["schema.json"])["content"]["content"]["intercept_"]["file"]
    rest = {n: p for n, p in parts.items() if n != name}
    with pytest.raises(RefusedModel, match=words) as caught:
        review(
            edited(rest, lambda schema: change(schema) or {k: v for k, v in schema.items() if k != "further"})
        )
    assert caught.value.code == "foreign_type"
