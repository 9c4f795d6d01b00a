"""The browser tabs that are served: not too many, and what belongs to one that is gone is let go."""

from __future__ import annotations

import threading
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rai_dash.core.settings import get_settings

#: Time between two looks for tabs that are gone, in seconds.
LOOK_EVERY_S = 30.0


def _is_open(session: str) -> bool:
    return Runtime.exists() and Runtime.instance().is_active_session(session)


class Sessions:
    """Which tabs are open and which case each looks at.

    Parameters
    ----------
    limit : int
        Most tabs at once.
    let_go : callable
        Told the id of a case that no open tab looks at any more.
    is_open : callable
        Whether a tab is still connected; an argument for the tests.
    """

    def __init__(
        self, *, limit: int, let_go: Callable[[str], None], is_open: Callable[[str], bool] = _is_open
    ) -> None:
        self._limit = limit
        self._let_go = let_go
        self._is_open = is_open
        self._cases: dict[str, str] = {}
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def enter(self, session: str, case_id: str) -> bool:
        """Note that a tab looks at a case; False when there are too many tabs for one more."""
        self.sweep()
        with self._lock:
            if session not in self._cases and len(self._cases) >= self._limit:
                return False
            self._cases[session] = case_id
            return True

    def sweep(self) -> None:
        """Forget the tabs that are gone, let go of the cases that only they looked at, and look again later."""
        with self._lock:
            gone = [s for s in self._cases if not self._is_open(s)]
            left = {self._cases.pop(s) for s in gone} - set(self._cases.values())
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if self._cases:
                self._timer = threading.Timer(LOOK_EVERY_S, self.sweep)
                self._timer.daemon = True
                self._timer.start()
        for case_id in left:
            self._let_go(case_id)

    def __len__(self) -> int:
        """Count the tabs that are known."""
        return len(self._cases)


@st.cache_resource(show_spinner=False)
def _sessions() -> Sessions:
    from rai_dash.ui import state

    return Sessions(limit=get_settings().sessions, let_go=lambda case_id: state.store().rest(case_id))


def enter(case_id: str) -> bool:
    """Note that this tab looks at a case; False when the server is full. Without a server there is always room."""
    context = get_script_run_ctx()
    if context is None or not Runtime.exists():
        return True
    return _sessions().enter(context.session_id, case_id)
