"""The certificate of a policy: one HTML file that loads nothing, and can be understood and checked on its own."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rai_dash.core.visible import visible
from rai_dash.govern.ledger import utc_seconds
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_changes import Change
from rai_dash.govern.policy_words import decision_words
from rai_dash.govern.standing import Standing
from rai_dash.govern.timeline import timeline_words
from rai_dash.govern.workflow import VersionStatus
from rai_dash.report import _certificate_figures as figures
from rai_dash.report._certificate_ledger import Ledger
from rai_dash.report._certificate_parts import Cell, Fact, Row, Table, facts, moment
from rai_dash.report._certificate_status import events_of, mark, missing_words, said, state_facts

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES: Final = Path(__file__).parent / "templates"
#: Hex digits of a hash that are enough to tell two records apart by eye.
_SHORT: Final = 12


def certificate_page(
    policy: Policy,
    standing: Standing,
    export: Mapping[str, Any],
    *,
    as_of: datetime,
    changes: Sequence[Change] = (),
) -> str:
    """Write the certificate of one version of a policy.

    Parameters
    ----------
    policy : Policy
        The version, with its texts.
    standing : Standing
        Of the whole policy.
    export : mapping
        What ``Store.export`` returns for the subject of this policy. It is put into the page, so that the page can be
        checked without the store.
    as_of : datetime
        With its time zone; when the ledger was read.
    changes : sequence of Change
        What changed since the version before.

    Returns
    -------
    str
        A whole document; it loads nothing and holds no script. Equal input gives equal text.

    Raises
    ------
    InvalidChoice
        When the standing has no such version.
    """
    status = standing.version(policy.version)
    ledger = Ledger(export)
    record = events_of(standing, status)[-1]
    file_name = f"ledger-{policy.policy_id}.json"
    return _template().render(
        title=f"Certificate: {policy.title}, version {policy.version} ({status.state.words})",
        heading=policy.title,
        record_line=f"Version {policy.version} · record {record.seq} · hash {record.hash[:_SHORT]}…",
        made=utc_seconds(as_of),
        mark=mark(standing, status),
        state=state_facts(status, ledger, moment(as_of)),
        bar=figures.route_bar(policy),
        decided=decision_words(policy),
        conditions=[c.text for c in policy.conditions],
        signatures=said(status.signatures, ledger, status.required_roles),
        missing=missing_words(status),
        earlier=said(status.earlier_signatures, ledger, status.required_roles),
        harm=figures.harm(policy),
        everyone=figures.everyone(policy),
        groups=figures.groups(policy),
        alternatives=figures.alternatives(policy),
        warnings=figures.warnings(policy),
        changes=[c.words for c in changes],
        basis=figures.basis(policy, status),
        records=_records(standing, status),
        proof=_proof(ledger, record.seq, record.hash),
        file_name=file_name,
        file=base64.b64encode(ledger.file).decode(),
        command=f"rai-dash ledger verify {file_name}{_key(ledger, record.seq)}",
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
    )
    return environment.get_template("certificate.html.j2")


def _shown(value: object) -> object:
    """Make what has no ink visible in every text that is put into the page; markup is made of such texts already."""
    return visible(value) if type(value) is str else value


def _records(standing: Standing, status: VersionStatus) -> Table:
    numbers = {e.seq for e in events_of(standing, status)}
    lines = [line for line in timeline_words(standing) if line.seq in numbers]
    return Table(
        caption="The records about this version",
        heads=("Record", "When", "What", "SHA-256"),
        rows=tuple(
            Row((Cell(str(x.seq)), Cell(moment(x.at)), Cell(x.headline), Cell(x.hash or "", is_code=True)))
            for x in lines
        ),
    )


def _proof(ledger: Ledger, seq: int, record_hash: str) -> tuple[Fact, ...]:
    newest = facts(
        ("Newest of these", f"record {seq} of {ledger.length} in the ledger"),
        ("Its hash", record_hash),
        ("Hash before it", ledger.previous_hash(seq)),
        code=("Its hash", "Hash before it"),
    )
    checkpoint = ledger.checkpoint(seq)
    if checkpoint is None:
        return (*newest, Fact("Checkpoint", "none was made yet: nothing vouches for the end of the chain"))
    late = "" if checkpoint.n >= seq else ", before the newest record above, which it does not cover"
    return (
        *newest,
        *facts(
            ("Checkpoint", f"at record {checkpoint.n}, made {checkpoint.at_utc}{late}"),
            ("Hash at the checkpoint", checkpoint.head),
            ("Key", checkpoint.key_id),
            ("Public key (Ed25519)", checkpoint.public_key),
            ("Signature", checkpoint.signature),
            code=("Hash at the checkpoint", "Key", "Public key (Ed25519)", "Signature"),
        ),
    )


def _key(ledger: Ledger, seq: int) -> str:
    """Name the key in the command, so that a chain signed by another one is found."""
    checkpoint = ledger.checkpoint(seq)
    return "" if checkpoint is None else f" --key {checkpoint.public_key}"
