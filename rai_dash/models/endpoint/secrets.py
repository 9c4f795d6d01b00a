"""The secret that a model behind an address wants: read from a file at each opening, never kept, shown or logged."""

from __future__ import annotations

from typing import Final

from rai_dash.core.endpoints import Endpoint
from rai_dash.core.errors import ModelUnreachable
from rai_dash.core.texts import tr

_LONGEST: Final = 16_384


def token_headers(endpoint: Endpoint) -> dict[str, str]:
    """Return the header with the secret; empty where none is set.

    Raises
    ------
    ModelUnreachable
        When the file cannot be read or holds no secret; its content is in no message.
    """
    if endpoint.token_file is None:
        return {}
    try:
        with endpoint.token_file.open("rb") as file:
            token = file.read(_LONGEST + 1).strip().decode("ascii")
    except (OSError, UnicodeDecodeError):
        token = ""
    if not token or len(token) > _LONGEST or not token.isprintable():
        msg = tr(
            "The secret for the model `{endpoint}` cannot be read. Tell the operator: token_file has to "
            "hold one line.",
            endpoint=endpoint.name,
        )
        raise ModelUnreachable(msg, code="endpoint_secret")
    name = endpoint.header
    return {name: f"Bearer {token}" if name.casefold() == "authorization" else token}
