"""Opening a model behind an address: only one that the operator listed, and only the same one unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from rai_dash.core import events
from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import InvalidChoice, ModelUnreachable, RaiError, RefusedModel
from rai_dash.core.fingerprint import fingerprint_bytes
from rai_dash.core.settings import get_settings
from rai_dash.core.texts import tr
from rai_dash.core.types import Feature, ModelInfo, Notice
from rai_dash.models._base import check_names, other_names
from rai_dash.models.endpoint.account import Account
from rai_dash.models.endpoint.asking import State, ask_rows
from rai_dash.models.endpoint.identity import identity_of, probe_rows
from rai_dash.models.endpoint.model import EndpointModel
from rai_dash.models.endpoint.protocols import Answered, Schema, metadata_path, schema_of
from rai_dash.models.endpoint.wire import Line
from rai_dash.models.favourable import favourable_class

FORMAT: Final = "endpoint"
_PROTOCOLS: Final = {"oip": "Open Inference Protocol", "mlflow": "MLflow scoring"}
#: Answers of the fixed rows in two orders; more apart, and a row's score depends on the rows beside it.
_SAME: Final = 1e-6


def listed_endpoint(url: str) -> Endpoint:
    """Find an address in the operator's list, letter by letter; nothing is looked up for another one.

    Raises
    ------
    InvalidChoice
        When it is not listed.
    """
    found = next((e for e in get_settings().model_endpoints if e.url == url), None)
    if found is None:
        msg = tr(
            "This address of a model is not on the operator's list, so it is not asked. The operator can "
            "list it exactly as it is written, with https (RAI_DASH_MODEL_ENDPOINTS, docs/endpoints.md)."
        )
        raise InvalidChoice(msg, code="endpoint_not_listed")
    return found


def open_endpoint(
    url: str,
    *,
    model_class: str | None = None,
    favourable: Sequence[str] | None = None,
    feature_names: Sequence[str] | None = None,
) -> EndpointModel:
    """Open a listed model: ask what it takes and which model it is.

    Parameters
    ----------
    url : str
        Exactly as listed.
    model_class, favourable, feature_names
        As for `rai_dash.models.client.load_model`; names have to be those that the model has.

    Raises
    ------
    InvalidChoice
        When the address is not listed, or it is not clear which class is favourable.
    ModelUnreachable, RefusedModel
        When it cannot be asked, or gives no probabilities.
    """
    endpoint = listed_endpoint(url)
    address = fingerprint_bytes(url.encode())
    try:
        model = _opened(endpoint, model_class or endpoint.favourable or None, favourable)
        if feature_names is not None and tuple(feature_names) != model.info.feature_names:
            check_names(model.info, feature_names)
            raise other_names(model.info, feature_names)
    except RaiError as error:
        events.record("endpoint_refused", address_sha256=address, code=error.code)
        raise
    events.record("endpoint_opened", address_sha256=address, fingerprint=model.info.fingerprint)
    return model


def _opened(endpoint: Endpoint, model_class: str | None, favourable: Sequence[str] | None) -> EndpointModel:
    account = Account(endpoint)
    with Line(endpoint) as line:
        schema = schema_of(endpoint, _description(line, endpoint))
        probed, warnings = _probe(line, endpoint, schema, account)
    answers = None if probed is None else probed.scores.tolist()
    version = "" if probed is None else probed.version
    identity = identity_of(endpoint, schema, version, answers)
    account.belongs_to(identity.fingerprint)
    info = ModelInfo(
        format=FORMAT,
        family=f"behind an address ({_PROTOCOLS[endpoint.protocol]})",
        fingerprint=identity.fingerprint,
        features=tuple(
            Feature(i.name, "category" if i.type == "text" else "number", i.categories) for i in schema.inputs
        ),
        classes=endpoint.labels,
        has_class_labels=endpoint.classes is not None,
        warnings=warnings,
    )
    state = State(endpoint, schema, identity, version, has_probe=probed is not None)
    chosen = favourable_class(info, model_class, favourable)
    return EndpointModel(state, info, model_class=chosen, account=account)


def _description(line: Line, endpoint: Endpoint) -> Any:
    """Ask an OIP server to describe the model; where the operator listed all that is needed it may not know how."""
    path = metadata_path(endpoint)
    if path is None:
        return None
    try:
        return line.get(path)
    except ModelUnreachable as error:
        if error.code == "endpoint_refused" and endpoint.inputs:
            return None
        raise


def _probe(
    line: Line, endpoint: Endpoint, schema: Schema, account: Account
) -> tuple[Answered | None, tuple[Notice, ...]]:
    """Ask the fixed rows, in two orders; None where the model refuses the ones that were made up."""
    rows = probe_rows(endpoint, schema)
    try:
        first = ask_rows(line, endpoint, schema, account, rows)
        turned = ask_rows(line, endpoint, schema, account, rows[::-1])
    except ModelUnreachable as error:
        if error.code != "endpoint_refused" or endpoint.probe:
            raise
        text = (
            f"The model `{endpoint.name}` does not answer made-up rows, so that another model behind its address may "
            "go unnoticed. The operator can list rows that it knows (probe)."
        )
        return None, (Notice("endpoint_no_probe", text),)
    if (np.abs(first.scores - turned.scores[::-1]) > _SAME).any():
        msg = tr(
            "The model `{endpoint}` gives a row another score when it is asked in another order, so its "
            "scores cannot be told apart from chance. Tell the operator.",
            endpoint=endpoint.name,
        )
        raise RefusedModel(msg, code="endpoint_unsteady")
    return first, ()
