"""Chapters: the model card and the data sheet, filled with what is known; what nobody stated is said plainly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rai_dash.core.texts import mark, tr
from rai_dash.core.words import NOTHING, count
from rai_dash.report._certificate_parts import facts
from rai_dash.report.audit_report.about import DATA, MODEL
from rai_dash.report.audit_report.blocks import Block, Facts, Heading, Section, Text
from rai_dash.report.audit_report.found import target_kind
from rai_dash.report.audit_report.say import Json, listed, score_words
from rai_dash.report.audit_report.section_data import EXPOSURES, TARGETS

NOT_STATED: Final = mark("not stated")
_SOURCE_MODEL: Final = mark(
    "After Mitchell et al. (2019), Model Cards for Model Reporting. What nobody stated says so."
)
_SOURCE_DATA: Final = mark("After Gebru et al. (2021), Datasheets for Datasets. What nobody stated says so.")


def model_card(document: Json) -> Section:
    """Write the model card."""
    audit, about = document["audit"], document["about"]
    roles = audit["data"].get("roles", {})
    blocks: list[Block] = [
        Text(tr(_SOURCE_MODEL), "note"),
        Heading(tr("Model details")),
        Facts(facts(*_details(audit, roles), code=(tr("SHA-256"),))),
        _stated(about, "owner", "version", "model_licence"),
        Heading(tr("Intended use")),
        _stated(about, "intended_use", "users", "out_of_scope"),
        Heading(tr("Factors, metrics and evaluation data")),
        Facts(facts(*_evaluation(audit, roles))),
        Heading(tr("Training data")),
        _stated(about, "training_data"),
        Heading(tr("Quantitative analyses")),
        Text(tr("They are the chapters Performance, Groups and Review band of this report.")),
        Heading(tr("Ethics and caveats")),
        _stated(about, "ethics", "caveats"),
    ]
    return Section("model-card", tr("Model card"), blocks)


def _stated(about: Json, *keys: str) -> Facts:
    labels = {**MODEL, **DATA}
    return Facts(facts(*((tr(labels[key]), about.get(key) or tr(NOT_STATED)) for key in keys)))


def _details(audit: Json, roles: Json) -> Iterator[tuple[str, str | None]]:
    model = audit["model"]
    if model is None:
        yield (
            tr("Model"),
            tr("none: scores were given, in the column {column}", column=roles.get("score") or NOTHING),
        )
        return
    yield tr("Type"), str(model["family"])
    yield tr("File format"), str(model["format"]).replace("_", " ")
    yield (
        tr("Gives"),
        tr("the probability of the favourable outcome, class {name}", name=str(model["favourable_class"])),
    )
    yield tr("Inputs"), tr("{n}: {names}", n=count(len(model["features"])), names=listed(model["features"]))
    yield tr("SHA-256"), str(model["fingerprint"])


def _evaluation(audit: Json, roles: Json) -> Iterator[tuple[str, str | None]]:
    data = audit["data"]
    crosses = listed(audit["crosses"]) if audit["crosses"] else ""
    yield tr("Groups looked at"), ", ".join(x for x in (listed(roles.get("sensitive")), crosses) if x)
    yield tr("Decision threshold"), score_words(audit["threshold"])
    yield tr("Measures"), tr("shares of people, with 95 % intervals; see Methods and limits")
    yield tr("Evaluation data"), tr("{name}, {n} rows", name=str(data["name"]), n=count(data["judged_rows"]))
    yield tr("Seen in training?"), tr(EXPOSURES[data["exposure"]])
    yield tr("What the outcome is"), tr(TARGETS[target_kind(audit)])


def data_sheet(document: Json) -> Section:
    """Write the data sheet."""
    audit, about, profile = document["audit"], document["about"], document["profile"]
    blocks: list[Block] = [
        Text(tr(_SOURCE_DATA), "note"),
        Facts(facts(*_composition(audit, profile))),
        _stated(about, *DATA),
    ]
    return Section("data-sheet", tr("Data sheet"), blocks)


def _composition(audit: Json, profile: Json | None) -> Iterator[tuple[str, str | None]]:
    data = audit["data"]
    yield tr("Data"), str(data["name"])
    yield (
        tr("Instances"),
        tr("{rows} rows, {columns} columns", rows=count(data["rows"]), columns=count(data["columns"])),
    )
    yield (
        tr("Label"),
        tr(
            "{target}, which is {kind}",
            target=data.get("roles", {}).get("target") or NOTHING,
            kind=tr(TARGETS[target_kind(audit)]),
        ),
    )
    if profile is not None:
        rows = profile["rows"]
        yield tr("Rows with a known outcome"), count(rows["labelled"])
        blank = sum(1 for one in profile["columns"].values() if one.get("missing"))
        yield (
            tr("Columns with blank cells"),
            tr("{n} of {all}", n=count(blank), all=count(len(profile["columns"]))),
        )
        yield (
            tr("Rows that repeat an earlier one"),
            None if rows.get("duplicates") is None else count(rows["duplicates"]),
        )
    yield tr("People are named by group"), listed(data.get("roles", {}).get("sensitive"))
