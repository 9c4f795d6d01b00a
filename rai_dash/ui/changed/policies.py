"""Two versions of policies that may be opened from here."""

from __future__ import annotations

from rai_dash.core.texts import tr
from rai_dash.report.changed.policies import changed_policies
from rai_dash.ui import widgets
from rai_dash.ui.changed import look
from rai_dash.ui.signing import desk
from rai_dash.ui.state import View
from rai_dash.ui.text import plain


def section(view: View) -> None:
    """Let the user pick two versions, and draw what changed."""
    versions = [v for s in desk.on_offer(view).standings.values() for v in reversed(s.versions)]
    if len(versions) < 2:
        has = tr("one version of a policy") if versions else tr("no policy")
        widgets.finding(tr("There is {has} to open from here, and a comparison takes two.", has=has))
        widgets.next_step(
            tr("A policy is stated, and stated anew, there."), "sign_off", label=tr("Go to Sign-off")
        )
        return
    names = {
        f"{v.policy_id}@{v.version}": plain(
            tr(
                "{v} ({policy_id}), version {version}, {state}",
                v=v.title,
                policy_id=v.policy_id,
                version=v.version,
                state=v.state.words,
            ),
            limit=160,
        )
        for v in versions
    }
    keys = list(names)
    picked = look.two_of(names, keys[1], keys[0])
    if picked is None:
        return
    found = [desk.room().policy(*_address(key)) for key in picked]
    look.draw(changed_policies(found[0], found[1]))


def _address(key: str) -> tuple[str, int]:
    name, _, version = key.rpartition("@")
    return name, int(version)
