"""Damaged and hostile ONNX files: each is refused in one plain sentence before any of it runs."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto

from rai_dash.core.errors import RefusedModel
from rai_dash.models._onnx.review import OPERATORS, review
from rai_dash.models._onnx.shapes import shapes_of
from rai_dash.models._onnx.sniff import sniff
from rai_dash.models.sniff import accepted_format
from tests.unit.models.onnx_files import (
    ML,
    chain_tree,
    column,
    constant,
    doubling,
    graph,
    linear,
    node,
    saved,
    softmax,
    stump,
)
from tests.unit.models.onnx_hostile import HOSTILE


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_what_and_what_to_do(name):
    build, code, words = HOSTILE[name]

    with pytest.raises(RefusedModel, match=words) as refused:
        review(saved(build()))

    assert refused.value.code == code
    assert refused.value.message.count(".") >= 2
    assert "Traceback" not in refused.value.message


@pytest.mark.parametrize("old", [b"MatMul", b"Softmax"])
def test_a_name_that_is_not_utf8_is_refused(old):
    content = saved(softmax())

    with pytest.raises(RefusedModel, match="name that is not UTF-8"):
        review(content.replace(old, b"\xff" + old[1:]))


@pytest.mark.parametrize("build", [softmax, stump, linear, lambda: doubling(3), lambda: chain_tree(1_000)])
def test_the_same_files_undamaged_are_let_through(build):
    review(saved(build()))


def test_a_tree_may_list_its_children_before_other_nodes_and_number_them_freely():
    review(
        saved(
            stump(
                nodes_nodeids=[5, 9, 7],
                nodes_truenodeids=[9, 0, 0],
                nodes_falsenodeids=[7, 0, 0],
                class_nodeids=[9, 7],
            )
        )
    )


def test_a_file_cut_off_before_the_versions_of_its_operators_is_refused():
    model = softmax()
    del model.opset_import[:]

    with pytest.raises(RefusedModel, match="may be cut off"):
        review(saved(model))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_file_that_is_cut_off_is_refused(share):
    content = saved(linear())

    with pytest.raises(RefusedModel, match=r"cut off|0 steps"):
        review(content[: int(len(content) * share)])


def test_no_operator_that_is_read_holds_a_graph_or_is_random():
    from onnx import defs

    kinds = {
        defs.OpSchema.AttrType.GRAPH,
        defs.OpSchema.AttrType.GRAPHS,
        defs.OpSchema.AttrType.SPARSE_TENSORS,
    }
    for domain, names in OPERATORS.items():
        for name in names:
            schema = defs.get_schema(name, domain)
            assert not {a.type for a in schema.attributes.values()} & kinds, name
            assert "seed" not in schema.attributes or name == "Dropout", name


def test_shapes_are_followed_through_filling_scaling_and_encoding():
    model = graph(
        [
            node("Imputer", ["a"], ["a1"], ML, imputed_value_floats=[0.0], replaced_value_float=float("nan")),
            node("Scaler", ["a1"], ["a2"], ML, offset=[0.0], scale=[1.0]),
            node("OneHotEncoder", ["t"], ["t1"], ML, cats_strings=["u", "v", "w"]),
            node("Reshape", ["t1", "flat"], ["t2"]),
            node("Concat", ["a2", "t2"], ["both"], axis=1),
            node("ArrayFeatureExtractor", ["both", "some"], ["part"], ML),
            node("Softmax", ["part"], ["p"], axis=1),
        ],
        [column("a"), column("t", TensorProto.STRING)],
        constants=[constant("flat", np.array([-1, 3])), constant("some", np.array([3, 0]))],
    )

    shapes = shapes_of(model)

    assert shapes["a2"] == (None, 1)
    assert [shapes[name][1] for name in ("a2", "t2", "both", "part", "p")] == [1, 3, 4, 2, 2]


def _moved_graph_first(content):
    """The same model with its fields in another order: the graph before the version."""
    import onnx

    model = onnx.ModelProto.FromString(content)
    only_graph = onnx.ModelProto(graph=model.graph)
    model.ClearField("graph")
    return onnx.ModelProto.SerializeToString(only_graph) + onnx.ModelProto.SerializeToString(model)


@pytest.mark.parametrize("build", [softmax, stump, linear])
def test_onnx_is_known_by_its_first_bytes_in_any_order_of_fields(build):
    content = saved(build())

    assert accepted_format(content) == "onnx"
    assert sniff(content[:40])
    assert sniff(_moved_graph_first(content)[:4096])
    review(_moved_graph_first(content))


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x08",
        b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.",
        b"\x08\x63\x12\x04skl2",
        b"\x08\x07\x12\x04\x00\x01\x02\x03:\x02\n\x00",
        b"\x08\x01\x12\x04\x0a\x02\x08\x01",  # a saved TensorFlow model begins like this
        b"PK\x03\x04\x14\x00\x00\x00",
        b"PAR1\x15\x04\x15",
        b"{L\x00\x00\x00\x00\x00\x00\x00\x07learner",
        b"{l\x00\x00\x00\x02L\x00\x00\x00\x00\x00\x00\x00\x07learner",
        b"tree\nversion=v4\n",
        b":a\nBc,d\n1,2\n",
        b"2,3\n:x\n",
        b"ARROW1\x00\x00\xff\xff\xff\xff",
        b"\xff\xfea\x00,\x00b\x00",
        b"\x1f\x8b\x08\x00\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"a,b\n1,2\n",
    ],
)
def test_other_files_are_not_taken_for_onnx(head):
    assert not sniff(head)


def test_samples_of_other_kinds_are_not_taken_for_onnx(repo):
    for path in (repo / "sample_data").iterdir():
        if path.is_file():
            assert not sniff(path.read_bytes()[:4096]), path.name
