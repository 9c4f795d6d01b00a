"""Our own list of what a skops file may name, by the kind of node that loads it.

The library's list of untrusted types is not enough in either direction: nearly every honest model reports
some, and a file can report none and still call something. So each node kind has its own short list, and
only the kinds that call nothing of the file's choosing are on it.
"""

from __future__ import annotations

import re
from typing import Final

#: Rooms of scikit-learn whose fitted objects hold numbers and run no code of the file's own.
_ROOMS: Final = (
    r"_loss(\.\w+)*|calibration|compose(\.\w+)*|decomposition(\.\w+)*|discriminant_analysis|dummy"
    r"|ensemble(\.\w+)*|feature_selection(\.\w+)*|frozen(\.\w+)*|gaussian_process(\.\w+)*|impute(\.\w+)*"
    r"|isotonic|kernel_approximation|linear_model(\.\w+)*|metrics\._dist_metrics|model_selection\._(search|split)"
    r"|naive_bayes|neighbors(\.\w+)*|neural_network(\.\w+)*|pipeline|preprocessing(\.\w+)*|svm(\.\w+)*"
    r"|tree(\.\w+)*|utils\._metadata_requests"
)
#: Classes are written in capitals; functions of the same rooms are not.
_SKLEARN: Final = rf"sklearn\.({_ROOMS})\._?[A-Z]\w*"
_NUMBER: Final = r"numpy\.(bool_?|(u?int|float|complex)\d*|u?longlong|intp|uintp|double|str_|bytes_|object_)"
_ELEMENT_WISE: Final = (
    "abs|absolute|add|cbrt|ceil|clip|exp|exp2|expit|expm1|fabs|float_power|floor|identity|log|log10|log1p|log2"
    "|logit|maximum|minimum|nan_to_num|negative|power|reciprocal|rint|round|sign|sqrt|square|tanh"
)
#: Checks that a matrix holds numbers; HistGradientBoosting keeps a call of it.
CHECK_ARRAY: Final = "sklearn.utils.validation.check_array"

ALLOWED: Final = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "BytearrayNode": r"builtins\.bytearray",
        "BytesNode": r"builtins\.bytes",
        "CachedNode": r"[\w.]*",  # looks up what was loaded before
        "DTypeNode": r"numpy\.dtype",
        "DefaultDictNode": r"collections\.defaultdict",
        "DictNode": r"builtins\.dict|collections\.OrderedDict|sklearn\.utils\._bunch\.Bunch",
        "FunctionNode": rf"(numpy|scipy\.special(\.\w+)?)\.({_ELEMENT_WISE})"
        r"|scipy\._lib\.array_api_compat\.numpy\._aliases\.asarray"
        r"|sklearn\.feature_selection\._(univariate_selection\.(f_classif|chi2)"
        r"|mutual_info\.mutual_info_classif)"
        rf"|{re.escape(CHECK_ARRAY)}",
        "JsonNode": r"builtins\.\w+",  # plain JSON whatever its name
        "ListNode": r"builtins\.list",
        "LossNode": r"(sklearn\._loss\.)?_loss\.Cy\w+|sklearn\.linear_model\._sgd_fast\.[A-Z]\w+",
        "MaskedArrayNode": r"numpy\.ma(\.core)?\.MaskedArray",
        "NdArrayNode": rf"numpy\.ndarray|{_NUMBER}",
        "ObjectNode": rf"{_SKLEARN}|sklearn\.compose\._column_transformer\.make_column_selector"
        r"|sklearn\.metrics\._scorer\._PassthroughScorer|scipy\.interpolate\._bsplines\.BSpline"
        r"|xgboost\.core\.Booster|xgboost\.sklearn\.XGBR?F?Classifier",
        "RandomGeneratorNode": r"numpy\.random\._generator\.Generator",
        "RandomStateNode": r"numpy\.random\.mtrand\.RandomState",
        "SetNode": r"builtins\.(set|frozenset)",
        "SliceNode": r"builtins\.slice",
        "SparseMatrixNode": r"scipy\.sparse\._\w+\.\w+_(matrix|array)",
        "TreeNode": r"sklearn\.tree\._tree\.Tree",
        "TupleNode": r"builtins\.tuple",
        "TypeNode": rf"builtins\.(bool|dict|float|int|list|object|str|tuple|NoneType)|numpy\.number|{_NUMBER}"
        r"|numpy\.dtypes\.\w+DType|numpy\.ndarray",
    }.items()
}
