"""Two policies, by what `rai_dash.govern.policy_changes` says of them."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.core.words import many
from rai_dash.govern.policy import Policy, settings_fingerprint
from rai_dash.govern.policy_changes import compare
from rai_dash.report.changed._items import Change, ChangeItem, in_order

#: What decides about people, before what was only written down.
_FIRST = ("band", "conditions", "model", "data", "score", "figures", "groups", "gaps", "guarantee", "limits")


def changed_policies(first: Policy, second: Policy) -> Change:
    """Compare two policies.

    Parameters
    ----------
    first, second : Policy
        Of whatever version.
    """
    found = compare(first, second)
    size = {where: float(len(_FIRST) - place) for place, where in enumerate(_FIRST)}
    items = [
        ChangeItem(
            area="policy", what=one.where, words=one.words, before=one.before, after=one.after,
            size=size.get(one.where, 0.0),
        )
        for one in found
    ]  # fmt: skip
    names = [tr("{p}, version {version}", p=p.title, version=p.version) for p in (first, second)]
    if not found:
        headline = tr("The two policies say the same.")
    else:
        ordered = in_order(items)
        headline = tr(
            "The policy is another one: {items}. {ordered}",
            items=many(len(items), "change", "changes"),
            ordered=ordered[0].words,
        )
    return Change(
        kind="policy",
        first={"name": names[0], "fingerprint": settings_fingerprint(first)},
        second={"name": names[1], "fingerprint": settings_fingerprint(second)},
        headline=headline,
        items=in_order(items),
    )
