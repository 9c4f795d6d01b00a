"""What a batch is held against: the policy in force, another version, or the band of today as if it were signed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final

from streamlit.delta_generator import DeltaGenerator

from rai_dash.core.errors import InvalidChoice
from rai_dash.core.texts import mark, tr
from rai_dash.govern.monitor.subject import TODAY, Subject
from rai_dash.govern.policy import Policy
from rai_dash.govern.standing import Standing
from rai_dash.govern.workflow import State, VersionStatus
from rai_dash.report.sample_notice import COUNTED_IN_PLACE
from rai_dash.ui import controls
from rai_dash.ui.reviewing.bench import bench_of
from rai_dash.ui.reviewing.recent import recent
from rai_dash.ui.signing import desk, words
from rai_dash.ui.signing.stating import Said, policy_on_page
from rai_dash.ui.state import View
from rai_dash.ui.text import plain

#: The short name of a policy that is nowhere but in memory.
REHEARSAL: Final = "rehearsal"
_TODAY: Final = mark("Today’s band, as if it were signed")
#: Choices that do not change what would be signed.
_NEUTRAL: Final = {
    "batch": "", "batch_score": "", "watched": "", "trend": "", "column": "", "policy": "", "version": 0, "other": 0,
    "desk": "", "bench": "", "mapped": "", "versus": "", "tour": "", "tour_from": "", "large": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """The policy that a batch is held against.

    Parameters
    ----------
    policy : Policy
    key : hashable
        What tells it from every other policy, its content included.
    standing, status : Standing, VersionStatus or None
        How it stands; None = a rehearsal, which nobody has signed.
    """

    policy: Policy
    key: Hashable
    standing: Standing | None = None
    status: VersionStatus | None = None

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is today's band, which nobody has signed."""
        return self.status is None

    @property
    def subject(self) -> Subject:
        """What the sentences speak of."""
        return TODAY if self.status is None else Subject.of(self.status)

    @property
    def rests_on(self) -> str:
        """What its own rows were, where they were counted where they lie; empty = all were in memory."""
        return next((w.message for w in self.policy.warnings_shown if w.code == COUNTED_IN_PLACE), "")

    @property
    def is_in_force(self) -> bool:
        """Whether the version decides cases, or would if it were not suspended."""
        return self.status is not None and self.status.state is State.ACTIVE


def chosen(view: View, place: DeltaGenerator) -> Basis:
    """Let the user pick a policy where there are any, and return what the batch is held against.

    Parameters
    ----------
    view : View
    place : container
        Where the choice is drawn.

    Raises
    ------
    RaiError
        When the store cannot be read, or today's band cannot be judged.
    """
    offer = desk.on_offer(view)
    names = {name: _name(standing) for name, standing in _in_force_first(offer.standings)}
    if not names:
        return rehearsed(view)
    first = _first(view, offer)
    names[desk.ANOTHER] = tr(_TODAY)
    with place:
        controls.pick(
            tr("Held against"), "policy", list(names), names, current=first if first in names else desk.ANOTHER,
            meaning=tr("The policy that was signed. Its figures and limits are those of the day of its draft."),
    )  # fmt: skip
    return rehearsed(view) if first == desk.ANOTHER else signed(offer.standings[first])


def usual(view: View) -> Basis:
    """Return what a batch is held against as long as nobody picks anything else; see `chosen`."""
    offer = desk.on_offer(view)
    first = _first(view, offer)
    return signed(offer.standings[first]) if first in offer.standings else rehearsed(view)


def _first(view: View, offer: desk.Offer) -> str:
    """Return the policy of the address, else one that rests on data of the case: one in force before others."""
    named = view.choices.policy
    if named in offer.standings or named == desk.ANOTHER:
        return named
    own = {d.dataset.fingerprint for d in view.case.data}
    names = [name for name, _ in _in_force_first(offer.standings)]
    return next((name for name in names if offer.data.get(name, frozenset()) & own), desk.ANOTHER)


def _in_force_first(standings: Mapping[str, Standing]) -> list[tuple[str, Standing]]:
    return sorted(standings.items(), key=lambda item: item[1].active is None)


def _name(standing: Standing) -> str:
    status = words.decisive(standing)
    state = "suspended" if status.suspended is not None else status.state.words
    return tr(
        "{status}, version {version}: {state}",
        status=plain(status.title, limit=60),
        version=status.version,
        state=state,
    )


def signed(standing: Standing) -> Basis:
    """Return the version of a policy that says who decides."""
    status = words.decisive(standing)
    policy = desk.room().policy(status.policy_id, status.version)
    return Basis(
        policy=policy, key=(status.policy_id, status.version, status.content_hash), standing=standing, status=status
    )  # fmt: skip


def rehearsed(view: View) -> Basis:
    """Return today's band on the data looked at, drafted in memory as signing would draft it.

    Raises
    ------
    InvalidChoice
        When there are no scores to judge a band by.
    """
    if not view.judgement.has_scores:
        msg = (
            "There is nothing to hold a batch against yet: the data looked at have no scores. Add a model or name "
            "a score column on the Start page."
        )
        raise InvalidChoice(msg)
    neutral = View(view.case, view.choices.with_(**_NEUTRAL))
    bench = bench_of(neutral)
    # Everybody's copy of a bundled case shares what was counted, whatever its id.
    key = (
        REHEARSAL,
        neutral.choices.with_(case=""),
        view.case.bands,
        view.case.always,
        view.judgement.data.dataset.fingerprint,
    )
    title = plain(view.case.title)

    def make() -> Policy:
        return policy_on_page(bench, Said.first(title), REHEARSAL)

    return Basis(policy=recent(bench.judgement, "rehearsal", key, make), key=key)
