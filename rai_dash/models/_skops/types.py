"""Our own list of what a skops file may name, by the kind of node that loads it.

The library's list of untrusted types is not enough in either direction: nearly every honest model reports
some, and a file can report none and still call something. So each node kind has its own short list, and
only the kinds that call nothing of the file's choosing are on it. Left out on purpose: what reads files
named in the data (`feature_extraction`), calls functions of its own (`FunctionSampler`), or loops or
allocates by a number in the file (`LatentDirichletAllocation`, `NMF`, `PolynomialCountSketch`).
"""

from __future__ import annotations

import re
from typing import Final

#: Classes of scikit-learn whose fitted objects hold numbers and run no code of the file's own, by room.
_SKLEARN: Final = {
    r"_loss\.link": "Interval IdentityLink LogLink LogitLink HalfLogitLink",
    r"_loss\.loss": "HalfSquaredError AbsoluteError PinballLoss HuberLoss HalfBinomialLoss ExponentialLoss",
    "calibration": "CalibratedClassifierCV _CalibratedClassifier _SigmoidCalibration _TemperatureScaling",
    r"compose\._column_transformer": "ColumnTransformer make_column_selector",
    r"decomposition\._\w+": "PCA IncrementalPCA KernelPCA TruncatedSVD FastICA FactorAnalysis",
    "discriminant_analysis": "LinearDiscriminantAnalysis QuadraticDiscriminantAnalysis",
    "dummy": "DummyClassifier DummyRegressor",
    r"ensemble\._(?!hist)\w+": "BaggingClassifier BaggingRegressor RandomForestClassifier RandomForestRegressor "
    "ExtraTreesClassifier ExtraTreesRegressor RandomTreesEmbedding GradientBoostingClassifier "
    "GradientBoostingRegressor StackingClassifier VotingClassifier AdaBoostClassifier",
    r"ensemble\._hist_gradient_boosting\.\w+": "HistGradientBoostingClassifier HistGradientBoostingRegressor "
    "TreePredictor _BinMapper",
    r"feature_selection\._\w+": "SelectFromModel RFE RFECV SequentialFeatureSelector SelectPercentile SelectKBest "
    "SelectFpr SelectFdr SelectFwe GenericUnivariateSelect VarianceThreshold",
    r"frozen\._frozen": "FrozenEstimator",
    r"gaussian_process\._gp[cr]": "GaussianProcessClassifier _BinaryGaussianProcessClassifierLaplace "
    "GaussianProcessRegressor",
    r"gaussian_process\.kernels": "Sum Product Exponentiation ConstantKernel WhiteKernel RBF Matern "
    "RationalQuadratic ExpSineSquared DotProduct",
    r"impute\._\w+": "SimpleImputer MissingIndicator KNNImputer IterativeImputer",
    "isotonic": "IsotonicRegression",
    "kernel_approximation": "RBFSampler Nystroem",
    r"linear_model\._\w+": "LogisticRegression LogisticRegressionCV SGDClassifier SGDRegressor Perceptron "
    "PassiveAggressiveClassifier RidgeClassifier RidgeClassifierCV LinearRegression Ridge RidgeCV Lasso LassoCV "
    "ElasticNet ElasticNetCV BayesianRidge ARDRegression HuberRegressor",
    r"metrics\._dist_metrics": "EuclideanDistance64 ManhattanDistance64 ChebyshevDistance64 MinkowskiDistance64",
    r"metrics\._scorer": "_PassthroughScorer",
    r"model_selection\._split": "KFold StratifiedKFold RepeatedKFold RepeatedStratifiedKFold ShuffleSplit "
    "StratifiedShuffleSplit",
    "naive_bayes": "GaussianNB MultinomialNB ComplementNB BernoulliNB CategoricalNB",
    r"neighbors\._\w+": "KNeighborsClassifier RadiusNeighborsClassifier KNeighborsRegressor NearestCentroid "
    "NearestNeighbors NeighborhoodComponentsAnalysis KDTree KDTree64 BallTree BallTree64",
    r"neural_network\._\w+": "MLPClassifier MLPRegressor SGDOptimizer AdamOptimizer",
    "pipeline": "Pipeline FeatureUnion",
    r"preprocessing\._\w+": "MinMaxScaler StandardScaler MaxAbsScaler RobustScaler Normalizer Binarizer "
    "QuantileTransformer PowerTransformer KBinsDiscretizer OneHotEncoder OrdinalEncoder FunctionTransformer "
    "LabelEncoder LabelBinarizer PolynomialFeatures SplineTransformer TargetEncoder",
    r"svm\._classes": "LinearSVC LinearSVR SVC NuSVC",
    r"tree\._classes": "DecisionTreeClassifier DecisionTreeRegressor ExtraTreeClassifier ExtraTreeRegressor",
    r"utils\._metadata_requests": "MetadataRequest MethodMetadataRequest",
}
#: Resamplers work while a model is trained; a fitted pipeline passes rows by them.
_IMBLEARN: Final = {
    "pipeline": "Pipeline",
    r"over_sampling\.[\w.]+": "SMOTE SMOTENC SMOTEN BorderlineSMOTE SVMSMOTE ADASYN RandomOverSampler",
    r"under_sampling\.[\w.]+": "RandomUnderSampler TomekLinks EditedNearestNeighbours "
    "RepeatedEditedNearestNeighbours AllKNN NearMiss OneSidedSelection NeighbourhoodCleaningRule "
    "CondensedNearestNeighbour",
    r"combine\._\w+": "SMOTEENN SMOTETomek",
    r"ensemble\._\w+": "BalancedRandomForestClassifier BalancedBaggingClassifier EasyEnsembleClassifier "
    "RUSBoostClassifier",
    r"metrics\.pairwise": "ValueDifferenceMetric",
}


def _classes(library: str, rooms: dict[str, str]) -> str:
    return "|".join(rf"{library}\.{room}\.({'|'.join(names.split())})" for room, names in rooms.items())


_NUMBER: Final = r"numpy\.(bool_?|(u?int|float|complex)\d*|u?longlong|intp|uintp|double|str_|bytes_|object_)"
_ELEMENT_WISE: Final = (
    "abs|absolute|add|cbrt|ceil|clip|exp|exp2|expit|expm1|fabs|float_power|floor|log|log10|log1p|log2"
    "|logit|maximum|minimum|nan_to_num|negative|power|reciprocal|rint|round|sign|sqrt|square|tanh"
)
#: A function that works on each number by itself.
ELEMENT_WISE: Final = re.compile(rf"(numpy|scipy\.special(\.\w+)?)\.({_ELEMENT_WISE})")
#: Checks that a matrix holds numbers; HistGradientBoosting keeps a call of it.
CHECK_ARRAY: Final = "sklearn.utils.validation.check_array"
XGBOOST, LIGHTGBM = "xgboost.core.Booster", "lightgbm.basic.Booster"

ALLOWED: Final = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "BytearrayNode": r"builtins\.bytearray",
        "BytesNode": r"builtins\.bytes",
        "DTypeNode": r"numpy\.dtype",
        "DefaultDictNode": r"collections\.defaultdict",
        "DictNode": r"builtins\.dict|collections\.OrderedDict|sklearn\.utils\._bunch\.Bunch",
        "FunctionNode": rf"{ELEMENT_WISE.pattern}"
        r"|scipy\._lib\.array_api_compat\.numpy\._aliases\.asarray"
        r"|sklearn\.feature_selection\._(univariate_selection\.(f_classif|chi2)"
        r"|mutual_info\.mutual_info_classif)"
        rf"|{re.escape(CHECK_ARRAY)}",
        "JsonNode": r"builtins\.\w+",  # plain JSON whatever its name
        "ListNode": r"builtins\.list",
        "LossNode": r"(sklearn\._loss\.)?_loss\.Cy\w+|sklearn\.linear_model\._sgd_fast\.[A-Z]\w+",
        "MaskedArrayNode": r"numpy\.ma(\.core)?\.MaskedArray",
        "NdArrayNode": rf"numpy\.ndarray|{_NUMBER}",
        "ObjectNode": rf"{_classes('sklearn', _SKLEARN)}|{_classes('imblearn', _IMBLEARN)}"
        r"|scipy\.interpolate\._bsplines\.BSpline"
        rf"|{re.escape(XGBOOST)}|xgboost\.sklearn\.XGBR?F?Classifier"
        rf"|{re.escape(LIGHTGBM)}|lightgbm\.sklearn\.LGBMClassifier",
        "RandomGeneratorNode": r"numpy\.random\._generator\.Generator",
        "RandomStateNode": r"numpy\.random\.mtrand\.RandomState",
        "SetNode": r"builtins\.(set|frozenset)",
        "SliceNode": r"builtins\.slice",
        "SparseMatrixNode": r"scipy\.sparse\._(csr|csc)\.cs[rc]_(matrix|array)",
        "TreeNode": r"sklearn\.tree\._tree\.Tree",
        "TupleNode": r"builtins\.tuple|sklearn\.impute\._iterative\._ImputerTriplet",
        "TypeNode": rf"builtins\.(bool|dict|float|int|list|object|str|tuple|NoneType)|numpy\.number|{_NUMBER}"
        r"|numpy\.dtypes\.\w+DType|numpy\.ndarray|collections\.OrderedDict",
    }.items()
}

#: What wraps a finished model for training only: the file's own part that is the model.
WRAPPERS: Final = {
    "sklearn.model_selection._search.GridSearchCV": "best_estimator_",
    "sklearn.model_selection._search.RandomizedSearchCV": "best_estimator_",
    "sklearn.model_selection._search_successive_halving.HalvingGridSearchCV": "best_estimator_",
    "sklearn.model_selection._search_successive_halving.HalvingRandomSearchCV": "best_estimator_",
    "sklearn.model_selection._classification_threshold.FixedThresholdClassifier": "estimator_",
    "sklearn.model_selection._classification_threshold.TunedThresholdClassifierCV": "estimator_",
}
PIPELINES: Final = frozenset({"sklearn.pipeline.Pipeline", "imblearn.pipeline.Pipeline"})
