"""The tables of a certificate: everyone, groups, alternatives; and what the figures rest on."""

from __future__ import annotations

from typing import Final

from rai_dash.core.words import NOTHING, count, percent
from rai_dash.govern.monitoring_words import limit_words, monitoring_words
from rai_dash.govern.policy import Policy
from rai_dash.govern.policy_labels import COSTS, GROUP_SHARES, HARM, REVIEWER, SHARES, WORKLOAD
from rai_dash.govern.policy_words import (
    GroupLine,
    ShareLine,
    amount_words,
    gap_lines,
    group_lines,
    of_thousand,
    score_words,
    share_lines,
)
from rai_dash.govern.workflow import VersionStatus
from rai_dash.report._certificate_parts import Cell, Fact, Part, Row, Table, facts

#: By the class of the legend: colour in the bar, label. The colours are those of the app's own charts.
_ROUTES: Final = {
    "declined": ("#c2570c", "Declined by the machine"),
    "person": ("#87939e", "Sent to a person"),
    "approved": ("#0b7fb8", "Approved by the machine"),
}


def route_bar(policy: Policy) -> dict[str, object] | None:
    """Return the three routes of 1,000 applications as a bar with its text alternative; None without applications."""
    figures = policy.metrics.overall
    sums = (figures.reject, figures.review, figures.approve)
    if sum(sums) <= 0:
        return None
    parts, start = [], 0
    for (name, (colour, label)), n in zip(_ROUTES.items(), of_thousand(sums), strict=True):
        parts.append({"name": name, "colour": colour, "label": label, "n": n, "start": start})
        start += n
    told = ", ".join(f"{part['label']}: {part['n']}" for part in parts)
    return {"text": f"Bar of 1,000 applications. {told}.", "parts": parts}


def everyone(policy: Policy) -> Table:
    """Return the shares of everyone."""
    rows = count(policy.metrics.overall.n)
    return Table(
        caption=f"Everyone: {rows} applications. Under a value its 95 % interval and its count.",
        heads=("Share", "Value", "Of"),
        rows=tuple(Row((Cell(s.label), _share(s), Cell(s.of))) for s in share_lines(policy)),
    )


def groups(policy: Policy) -> tuple[Table, ...]:
    """Return a table for each sensitive column."""
    heads = ("Group", *(SHARES[name] for name in GROUP_SHARES))
    return tuple(
        Table(
            title=f"By {column}",
            heads=heads,
            rows=tuple(_group(line) for line in lines),
            notes=(*_small(policy, lines), " ".join(gap_lines(policy, column))),
            is_even=True,
        )
        for column, lines in group_lines(policy).items()
    )


def _group(line: GroupLine) -> Row:
    shares = (_share(share) for share in line.shares)
    return Row((Cell(line.group, (f"{count(line.n)} rows",)), *shares), line.is_small)


def _share(share: ShareLine) -> Cell:
    # A percent sign at the start of a line would be hard to read.
    value, *rest = (text.replace(" %", "\N{NO-BREAK SPACE}%") for text in (share.value, *share.rest))
    return Cell(value, tuple(rest))


def _small(policy: Policy, lines: tuple[GroupLine, ...]) -> tuple[str, ...]:
    if not any(line.is_small for line in lines):
        return ()
    return (f"Grey: fewer than {count(policy.settings.min_n)} rows, too few to be compared with others.",)


def alternatives(policy: Policy) -> Table:
    """Return the other bands that were considered."""
    heads = (
        "Band",
        "Person decides between",
        "Sent to a person",
        "Wrong when alone",
        "Cost of an application",
    )
    rows = tuple(
        Row(
            (
                Cell(a.name),
                Cell(f"{score_words(a.band.lo)} and {score_words(a.band.hi)}"),
                Cell(percent(a.review_rate.value, digits=1)),
                Cell(percent(a.auto_error_rate.value, digits=1)),
                Cell(NOTHING if a.cost is None else amount_words(a.cost)),
            )
        )
        for a in policy.alternatives
    )
    return Table(heads=heads, rows=rows)


def warnings(policy: Policy) -> tuple[str, ...]:
    """Return what was warned of."""
    return tuple(w.message for w in policy.warnings_shown)


def harm(policy: Policy) -> tuple[Fact, ...]:
    """Return what a wrong decision does to a person, who answers, and what changes for those who decided before."""
    written = (*((label, getattr(policy.harm, name)) for name, label in HARM.items()),
               ("What changes for the people who decided before", policy.people_before))  # fmt: skip
    return tuple(Fact(label, text or "Not written down yet.") for label, text in written)


def basis(policy: Policy, status: VersionStatus) -> tuple[Part, ...]:
    """Return what the figures rest on: data, model, exact cuts, assumptions, program, fingerprints."""
    return (
        Part("Data", _data(policy)),
        Part("Model and score", _model(policy)),
        Part("What was assumed and asked for", _assumed(policy)),
        *_watched(policy),
        Part("Program that counted", _program(policy)),
        Part("Fingerprints of the policy", _prints(status)),
    )


def _data(policy: Policy) -> tuple[Fact, ...]:
    data = policy.data
    role = "role of the data not stated" if data.role == "not stated" else f"as {data.role} data"
    return facts(
        ("File", f"{data.name}, {count(data.rows)} rows, {count(data.columns)} columns"),
        ("Rows judged", f"{count(data.rows_judged)}, {role}"),
        ("Outcome", data.target),
        ("What the outcome is", data.target_kind.replace("_", " ")),
        ("Favourable", ", ".join(data.favourable) or None),
        ("Groups compared by", ", ".join(data.sensitive) or "nothing"),
        ("SHA-256", data.sha256),
        code=("SHA-256",),
    )


def _model(policy: Policy) -> tuple[Fact, ...]:
    model, score, band = policy.model, policy.score, policy.band
    source = "of the model" if score.column is None else f"column {score.column}"
    return facts(
        ("Model", f"{model.name} ({model.format.replace('_', ' ')})"),
        ("Favourable class", model.favourable_class),
        ("Inputs", ", ".join(model.features) or None),
        ("SHA-256", model.sha256),
        ("Score", f"{source}, {score.unit} {score.low:g} to {score.high:g}, {score.direction} is better"),
        ("Declined below", "open" if band.lo is None else repr(band.lo)),
        ("The model’s own line", repr(band.threshold)),
        ("Approved from", "open" if band.hi is None else repr(band.hi)),
        code=("SHA-256",),
    )


def _assumed(policy: Policy) -> tuple[Fact, ...]:
    settings = policy.settings
    costs = ((label, amount_words(getattr(settings.costs, name))) for name, label in COSTS.items())
    person = ((label, percent(getattr(settings.reviewer, name))) for name, label in REVIEWER.items())
    work = settings.workload
    amounts = () if work is None else ((label, getattr(work, name)) for name, label in WORKLOAD.items())
    return facts(
        *((label, text) for label, text in costs if text != "0"),
        *person,
        *((label, None if x is None else amount_words(x)) for label, x in amounts),
        ("Fewest rows of a group that is compared", count(settings.min_n)),
        ("Limits", "; ".join(settings.limits) or "none"),
        ("Suspended when monitoring finds a breach", "yes" if policy.suspend_on_breach else None),
    )


def _watched(policy: Policy) -> tuple[Part, ...]:
    """Return what later batches are held against; nothing where the policy was drafted without."""
    told = monitoring_words(policy)
    if told is None:
        return ()
    return (Part("What later batches are held against", facts(("Monitoring", told), *limit_words(policy))),)


def _program(policy: Policy) -> tuple[Fact, ...]:
    code = policy.code
    changed = " with changes that are not in it" if code.dirty else ""
    return facts(
        ("RAI Dash", code.version),
        ("Source", None if code.git is None else f"{code.git}{changed}"),
        ("SHA-256 of the lockfile", code.lockfile_sha256),
        ("Python", code.python),
        (
            "Libraries",
            ", ".join(f"{name} {version}" for name, version in sorted(code.libraries.items())) or None,
        ),
        code=("Source", "SHA-256 of the lockfile"),
    )


def _prints(status: VersionStatus) -> tuple[Fact, ...]:
    content, settings, parent = (
        "Content, which is what was signed",
        "Settings",
        "Content of the version before",
    )
    return facts(
        (content, status.content_hash),
        (settings, status.settings_fingerprint),
        (parent, status.parent_hash),
        code=(content, settings, parent),
    )
