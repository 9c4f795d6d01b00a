"""Which cases a version decides while it is being rolled out: the same ones on every machine."""

from __future__ import annotations

from rai_dash.govern._bodies import Stage
from rai_dash.govern.standing import Standing, routing_mode
from rai_dash.govern.workflow import VersionStatus
from rai_dash.review.terms import Terms


def takes_part(policy_id: str, key: str, share: float) -> bool:
    r"""Say whether a case belongs to the share of a roll-out.

    The first 8 bytes of ``SHA-256(policy_id + "\n" + key)``, read as a whole number with the highest byte
    first, are under ``share * 2^64``. A case that takes part at one share takes part at every larger one.
    A case without a key takes no part.

    Parameters
    ----------
    policy_id : str
    key : str
        What names the case for good, such as the number of the application.
    share : float
        Above 0 and below 1.

    Raises
    ------
    InvalidChoice
        For another share.
    """
    return Terms(policy_id=policy_id, stage="share", share=share).takes_part(key)


def decides(now: Standing, key: str) -> VersionStatus | None:
    """Say which version decides a case; None = a person does.

    Parameters
    ----------
    now : Standing
        The policy as it stands.
    key : str
        What names the case for good.
    """
    status = now.history.in_force
    rolling = now.rolling_out
    if rolling is not None and rolling.stage is Stage.SHARE:
        status = rolling if takes_part(now.policy_id, key, rolling.share or 0.0) else status
    return status if routing_mode(status) == "policy" else None
