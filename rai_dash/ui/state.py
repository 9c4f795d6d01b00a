"""The session's choices and the case they belong to, kept in step with the URL."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from rai_dash.bundled import open_bundled
from rai_dash.case import Case, Judgement
from rai_dash.core.errors import StoreUnavailable
from rai_dash.samples import FIRST_CASE, bundled_cases
from rai_dash.ui import identity, read_only
from rai_dash.ui.choices import Choices
from rai_dash.ui.store import CaseStore, make_store, new_case_id

_CHOICES, _OF_SAMPLE = read_only.CHOICES, "page_of_sample"
#: Separates the name of a bundled case from the random part of an id; a link to one always opens.
_MARK = "."


@st.cache_resource(show_spinner=False)
def store() -> CaseStore:
    """Return the one case store of this process."""
    return make_store()


@dataclass(frozen=True, slots=True)
class View:
    """What a page is given: the case, and the pair of data and model that is looked at."""

    case: Case
    choices: Choices

    @property
    def judgement(self) -> Judgement:
        """The pair of data and model, scored on first use."""
        return self.case.judge(self.choices.data, self.choices.model)


def choices() -> Choices:
    """Return the choices of this session."""
    found = st.session_state.get(_CHOICES)
    return found if isinstance(found, Choices) else Choices()


def take_language(code: str) -> None:
    """Keep the language that the address asks for."""
    st.session_state[_CHOICES] = choices().with_(lang=code)


def choose(**changes: object) -> None:
    """Change some choices, here and in the URL."""
    _keep(choices().with_(**changes))


def _keep(new: Choices) -> None:
    st.session_state[_CHOICES] = new
    query = new.to_query()
    if dict(st.query_params) != query:
        st.query_params.from_dict(query)


def begin_run(*, is_of_sample: bool = False) -> None:
    """Bring session and URL in step at the start of a script run.

    Parameters
    ----------
    is_of_sample : bool
        Whether the tables of the page are of the sample of a portfolio; a fragment that runs alone has to know.

    Notes
    -----
    A URL that names a case is complete and wins (refresh, link, back button). One that names a policy alone is what
    those who are to sign it get: it opens beside their own case. After a change of page Streamlit drops the
    parameters: then the session's choices go back into the URL.
    """
    st.session_state[_OF_SAMPLE] = is_of_sample
    query = st.query_params.to_dict()
    if query.get("link"):
        # Both keys in one address: the one that may do less.
        _keep(Choices.from_query(query).with_(case=""))
    elif query.get("case"):
        _keep(Choices.from_query(query))
    elif query.get("policy"):
        _keep(Choices.from_query(query, choices()))
    else:
        _keep(choices())


def link_of_run() -> str:
    """Return the key of the link that this run looks through, before `begin_run` has read the address."""
    query = st.query_params.to_dict()
    if query.get("link"):
        return Choices.from_query(query).link
    return "" if query.get("case") else choices().link


def leave_link() -> None:
    """Look through no link any more; what comes next is a case of one's own."""
    _keep(Choices())


def is_page_of_sample() -> bool:
    """Whether the tables of the page that is drawn are of the sample of a portfolio."""
    return bool(st.session_state.get(_OF_SAMPLE))


def open_case(case: Case, chosen: Choices | None = None) -> None:
    """Keep a case and make it the one this session looks at, with choices of its own where there are some.

    The language is the reader's, whatever they open.
    """
    save(case)
    _keep((chosen or Choices()).with_(case=case.id, link="", lang=choices().lang))


def open_sample(name: str) -> Case:
    """Open a private copy of a bundled case."""
    case = open_bundled(name, f"{name}{_MARK}{new_case_id()}")
    open_case(case)
    return case


def current_case() -> Case | None:
    """Return the case of this session.

    A session without one gets the bundled story. A case that is no longer in memory is taken from those that are
    kept; a link to a bundled case that nobody kept opens a fresh copy. None = an uploaded case that is gone, or one
    that belongs to somebody else, or a link that opens nothing.
    """
    chosen = choices()
    if chosen.link:
        from rai_dash.ui import links

        return links.case_of_link()
    if not chosen.case:
        # A link to a policy may name no case: it stays open beside the story.
        opened = open_sample(FIRST_CASE)
        choose(policy=chosen.policy, desk=chosen.desk, version=chosen.version, other=chosen.other)
        return opened
    name = chosen.case.split(_MARK, 1)[0]
    is_bundled = _MARK in chosen.case and name in bundled_cases()
    found = case_with(chosen.case) or _kept(chosen.case, is_bundled=is_bundled)
    if found is not None or is_anothers():
        return found
    if is_bundled:
        case = open_bundled(name, chosen.case)
        save(case)
        return case
    return None


def _kept(case_id: str, *, is_bundled: bool) -> Case | None:
    """Open a case that is kept for whoever uses the app now."""
    # Imported on use: it needs the desk, which needs this module.
    from rai_dash.ui import keeping

    try:
        return keeping.found_again(case_id)
    except StoreUnavailable:
        if is_bundled:
            # The demonstration goes on without a database.
            return None
        raise


def case_with(case_id: str) -> Case | None:
    """Return the newest state of a case; None when it is gone, or not of whoever uses the app now."""
    return store().get(case_id, owner=identity.owner()) if identity.is_in() else None


def is_anothers() -> bool:
    """Whether the case of this session belongs to somebody else, in memory or among the kept ones."""
    from rai_dash.ui import keeping

    case_id = choices().case
    if store().is_anothers(case_id, owner=identity.owner()):
        return True
    with suppress(StoreUnavailable):
        return keeping.is_anothers(case_id)
    return False


def save(case: Case) -> None:
    """Keep a case, or the newer state of one, for whoever uses the app now.

    Raises
    ------
    NotAllowed
        When it belongs to somebody else, nobody is signed in where that is needed, or this tab looks through a
        read-only link.
    """
    read_only.refuse()
    store().put(case, owner=identity.owner())
