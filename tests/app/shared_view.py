"""Cases that are kept and looked at through read-only links, for tests of the pages."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from rai_dash.case import Case
from rai_dash.casefile import pack
from rai_dash.govern.kept import KeptCases
from rai_dash.govern.links import Links
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store
from rai_dash.ui import identity
from tests.app.test_identity_pages import SECRETS

ANA = Person(name="Ana", subject="Ana", role=AppRole.OPERATOR, signs_as=None, sees_rows=True)
ANN = Person(
    name="Ann Lee", subject="ann lee", issuer="http://localhost:9400", source="oidc", role=AppRole.ANALYST,
    sees_rows=True,
)  # fmt: skip


def linked(case: Case, person: Person = ANA, **how: Any) -> str:
    """Keep a case in the store of the settings and make a link to it; return its key."""
    with Store() as store:
        KeptCases(store).keep(case.id, case.title, pack(case), person)
        return Links(store).make(case.id, person, **{"days": 30, **how})[0]


def everything(store: Path) -> str:
    """All that a store holds."""
    with closing(sqlite3.connect(store)) as connection:
        return "\n".join(connection.iterdump())


def seen(
    repo: Path,
    page: str,
    query: dict[str, str],
    *,
    user: dict[str, Any] | None = None,
    signs_in: bool = False,
) -> AppTest:
    """Open a page: as somebody who typed a name; with ``signs_in`` where people sign in, ``user`` being the claims."""
    at = AppTest.from_file(str(repo / "app.py"), default_timeout=120)
    if user is not None or signs_in:
        at.secrets = dict(SECRETS)
    if user is not None:
        at.user = user
    at.session_state[identity.LOCAL_NAME] = "Eve"
    for key, value in query.items():
        at.query_params[key] = value
    at.switch_page(f"pages/{page}.py")
    at.run()
    assert not at.exception
    return at
