"""What a JSON file of ours is: a run, a batch, a policy."""

from __future__ import annotations

import json
from typing import Any

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import tr
from rai_dash.report.changed.batches import is_batch
from rai_dash.report.run_record import is_recorded, require_shallow, run_of


def read_ours(content: bytes, name: str) -> Any:
    """Read a JSON that a command, the monitor or the sign-off wrote.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        How a refusal calls it.

    Returns
    -------
    Run, Policy, mapping or None
        A mapping is a batch; None = it is none of these, such as a model.

    Raises
    ------
    InvalidChoice, InvalidRecord
        When it is one of these and lacks what it takes.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    schema = str(found.get("schema", ""))
    if is_batch(found) or is_recorded(found):
        require_shallow(found, name)
    if is_batch(found):
        return found
    if is_recorded(found):
        return run_of(found, name)
    if schema.startswith("rai-dash/policy") or "band" in found:
        return _policy(content, name)
    return run_of(found, name) if schema.startswith("rai-dash/") else None


def _policy(content: bytes, name: str) -> Any:
    from rai_dash.govern.policy_export import read_policy_file

    found = read_policy_file(content).policy
    if found is None:
        msg = tr(
            "{name} holds a band and no whole policy, so there is little to compare. Draft a policy of it.",
            name=name,
        )
        raise InvalidChoice(msg)
    return found
