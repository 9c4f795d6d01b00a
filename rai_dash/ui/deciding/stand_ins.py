"""Columns of the model that go together with a sensitive one, as the Correlations page measures it."""

from __future__ import annotations

from collections.abc import Mapping

from rai_dash.ui.drivers.look import correlated_blocks
from rai_dash.ui.explanations import Applicant


def stand_ins(applicant: Applicant) -> Mapping[str, str]:
    """Return columns in one correlated block with a sensitive column, with that one."""
    return {
        name: inside[0]
        for block in correlated_blocks(applicant.view)
        if (inside := [c for c in block if c in applicant.sensitive])
        for name in block
        if name not in applicant.sensitive
    }
