"""How SHAP is asked: one value for what page, list, check and command line must ask alike."""

from __future__ import annotations

from dataclasses import dataclass

from rai_dash.explain._base import INTERVENTIONAL, LOG_ODDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How SHAP is asked; the names are those of `rai_dash.explain.client.shap_values`.

    Parameters
    ----------
    space : str
        ``"log-odds"`` or ``"probability"``.
    perturbation : str
        ``"interventional"`` or ``"path-dependent"``.
    blocks : tuple of tuples of str
        Columns that count as one.
    """

    space: str = LOG_ODDS
    perturbation: str = INTERVENTIONAL
    blocks: tuple[tuple[str, ...], ...] = ()


USUAL = Question()
