"""The operators of ONNX that are read, and why the best known others are not."""

from __future__ import annotations

from typing import Final

ML: Final = "ai.onnx.ml"
#: Names of the two sets of operators that are read.
DOMAINS: Final = {"": "", "ai.onnx": "", ML: ML}
#: What converters write for tables, and what small networks are made of. None of them takes the size of
#: its output from a value, holds a graph of its own, or draws random numbers.
OPERATORS: Final = {
    "": frozenset(
        {
            "Abs",
            "Add",
            "And",
            "ArgMax",
            "ArgMin",
            "BatchNormalization",
            "Cast",
            "Ceil",
            "Clip",
            "Concat",
            "Constant",
            "Div",
            "Dropout",
            "Elu",
            "Equal",
            "Erf",
            "Exp",
            "Flatten",
            "Floor",
            "Gather",
            "Gelu",
            "Gemm",
            "Greater",
            "GreaterOrEqual",
            "HardSigmoid",
            "HardSwish",
            "Identity",
            "IsInf",
            "IsNaN",
            "LayerNormalization",
            "LeakyRelu",
            "Less",
            "LessOrEqual",
            "Log",
            "LogSoftmax",
            "MatMul",
            "Max",
            "Mean",
            "Min",
            "Mul",
            "Neg",
            "Not",
            "Or",
            "PRelu",
            "Pow",
            "Reciprocal",
            "ReduceL1",
            "ReduceL2",
            "ReduceLogSum",
            "ReduceLogSumExp",
            "ReduceMax",
            "ReduceMean",
            "ReduceMin",
            "ReduceProd",
            "ReduceSum",
            "ReduceSumSquare",
            "Relu",
            "Reshape",
            "Round",
            "Selu",
            "Shape",
            "Sigmoid",
            "Sign",
            "Slice",
            "Softmax",
            "Softplus",
            "Softsign",
            "Split",
            "Sqrt",
            "Squeeze",
            "Sub",
            "Sum",
            "Tanh",
            "Transpose",
            "Unsqueeze",
            "Where",
            "Xor",
        }
    ),
    ML: frozenset(
        {
            "ArrayFeatureExtractor",
            "Binarizer",
            "Imputer",
            "LabelEncoder",
            "LinearClassifier",
            "LinearRegressor",
            "Normalizer",
            "OneHotEncoder",
            "Scaler",
            "TreeEnsembleClassifier",
            "TreeEnsembleRegressor",
            "ZipMap",
        }
    ),
}
#: They repeat or branch.
FLOW: Final = frozenset({"If", "Loop", "Scan", "SequenceMap"})
#: The size of their result is a value, or the result is random.
FROM_VALUES: Final = frozenset(
    {
        "Bernoulli",
        "ConstantOfShape",
        "Expand",
        "EyeLike",
        "Multinomial",
        "OneHot",
        "Pad",
        "RandomNormal",
        "RandomNormalLike",
        "RandomUniform",
        "RandomUniformLike",
        "Range",
        "Resize",
        "Tile",
        "Upsample",
    }
)
