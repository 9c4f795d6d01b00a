"""How steady one explanation is, as JSON."""

from __future__ import annotations

from dataclasses import asdict

from rai_dash.explain.one_stability import OneStability
from rai_dash.explain.steadiness import Against, Steadiness


def steady_json(found: Steadiness) -> dict[str, object]:
    """Write what noise does to the reasons, and the reasons against other people."""
    return {
        "noise": _noise(found.noise),
        "against": {one.kind.value: _against(one) for one in found.against},
    }


def _noise(found: OneStability) -> dict[str, object]:
    return {
        "noise": found.eps,
        "copies": found.copies,
        "most_reasons": found.k,
        "towards": "approval" if found.towards > 0 else "refusal",
        "reasons": list(found.own),
        "among_the_reasons": {name: asdict(share) for name, share in found.among.items()},
        "same_reasons": asdict(found.same_set),
        "same_first": asdict(found.same_first),
        "flip": asdict(found.flip),
        "contributions": dict(zip(found.names, found.values.tolist(), strict=True)),
        "low": dict(zip(found.names, found.low.tolist(), strict=True)),
        "high": dict(zip(found.names, found.high.tolist(), strict=True)),
    }


def _against(one: Against) -> dict[str, object]:
    if one.shap is None:
        return {"people": one.people, "reason": "nobody is in this comparison"}
    return {
        "people": one.people,
        "reasons": list(one.reasons),
        "space": one.shap.space,
        "base": one.shap.base,
        "contributions": dict(one.shap.values),
        "additivity_error": one.shap.additivity_error,
        "method": one.shap.method,
    }
