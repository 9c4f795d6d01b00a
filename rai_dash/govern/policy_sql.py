"""The routing of a policy as a statement for a database."""

from __future__ import annotations

from rai_dash.govern.policy_export import PolicyFile
from rai_dash.review.exported import quoted


def sql_text(policy: PolicyFile, *, dialect: str, table: str, score: str, key: str | None) -> str:
    """Write a ``SELECT`` that adds the route and the reason to every row of a table.

    Parameters
    ----------
    policy : PolicyFile
        What is routed by.
    dialect : str
        One of `rai_dash.review.exported.DIALECTS`.
    table, score, key : str
        Names of the table and of its columns with the score and with what names an application; the last may be
        None where no share is drawn.

    Returns
    -------
    str
        Headed by comments that say which policy it is, and when it ends.

    Raises
    ------
    InvalidChoice
        When a name cannot be written, or a column is missing.
    """
    cases = "".join(
        f",\n{policy.sql(dialect=dialect, score=score, what=what, key=key)} AS {quoted(what, dialect)}"
        for what in ("route", "reason")
    )
    return f"{_sql_head(policy, dialect)}SELECT {quoted(table, dialect)}.*{cases}\nFROM {quoted(table, dialect)};\n"


def _sql_head(policy: PolicyFile, dialect: str) -> str:
    """Say what the statement is. Nothing that somebody typed stands here: a comment ends with its line."""
    lines = [f"Routes applications, for {dialect}. Written by RAI Dash."]
    if policy.policy is not None:
        lines.append(f"Policy {policy.policy.policy_id}, version {policy.policy.version}.")
    terms = policy.terms
    if terms is None:
        lines.append("Not signed: nobody has approved these routes.")
    elif terms.expires_at is not None:
        lines.append(f"From {terms.to_json()['expires_at']} on everything goes to a person.")
    if terms is not None and terms.stage == "shadow":
        lines.append("In the shadow: everything goes to a person.")
    if terms is not None and terms.stage == "share":
        lines.append(
            "Whose reason is not_in_rollout belongs to the policy in force for the rest, else to a person."
        )
        if dialect == "sqlite":
            lines.append(
                "SQLite has no SHA-256: give the connection `takes_part` of the exported Python file."
            )
    return "".join(f"-- {line}\n" for line in lines)
