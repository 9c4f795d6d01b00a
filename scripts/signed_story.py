"""A store to try things on: the story's first model, signed by two made-up people and in force for everybody."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from driving import REPO

from rai_dash.govern.desk import Desk
from rai_dash.govern.people import AppRole, Person
from rai_dash.govern.store import Store

POLICY = "story-loans"
SIGNERS = {"Dora Expert": "domain expert", "Rita Risk": "risk owner"}
WHY = (
    "I compared the lines with the files of last year, asked two colleagues, and found nothing on the page that "
    "speaks against them."
)
_MODEL = ("--model", "sample_data/story_biased.ubj", "--id", "application_id")
_ROLES = ("--target", "loan", "--favourable", "Approved", "--sensitive", "gender")
_BATCH = "sample_data/story_production_110.csv.gz"
_DRAFT = (
    "policy", "draft", "sample_data/story_training.csv.gz", *_ROLES, *_MODEL, "--split", "split",
    "--lo", "0.2", "--hi", "0.8", "--policy-id", POLICY, "--title", "Loans of the story",
    "--wrong-approval", "A household takes on a debt that it cannot carry.",
    "--wrong-refusal", "Somebody who would have repaid gets no loan.",
    "--answerable", "Head of lending",
    "--people-before", "Six officers decided all of them; they see the unsure ones now.",
    "--suspend-on-breach", "--as", "Ana Lyst",
)  # fmt: skip
#: A month of use: a queue for the first batch, a batch that breaks the limits, a problem.
_MONTH = (
    ("queue", "fill", _BATCH, "--policy", POLICY, *_ROLES, *_MODEL, "--audit-share", "0.2", "--as", "Ana Lyst"),
    ("monitor", _BATCH, "--policy", f"{POLICY}@active", *_MODEL[:2], "--period", "2026-11", "--record"),
    (
        "problems", "open", "sample_data/story_living_1100.csv.gz", *_ROLES, *_MODEL,
        "--title", "Women who should be approved are refused",
        "--slice", "gender is Female and outcome is favourable", "--harm", "4", "--as", "Ana Lyst",
    ),
)  # fmt: skip


def main() -> None:
    """Draft the policy as the command does, and have it signed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", help="SQLite file or database URL; by default the configured store")
    parser.add_argument(
        "--month", action="store_true", help="also a month of use: a queue, a breach, a problem"
    )
    args = parser.parse_args()
    made(args.store, with_month=args.month)
    print(f"{POLICY}@1 is signed and in force.")


def made(store: str | None, *, with_month: bool) -> None:
    """Bring the policy into force in a store (None = the configured one), with a month of use or without."""
    where = () if store is None else ("--store", store)
    _run(*_DRAFT, *where)
    with Store(store) as opened:
        sign(opened)
    for command in _MONTH if with_month else ():
        _run(*command, *where)


def sign(store: Store) -> None:
    """Send the draft to review, sign it in every role and put it into force."""
    author = Desk(store, _person("Ana Lyst", AppRole.ANALYST))
    status = author.policies()[0].latest
    here = (status.policy_id, status.version)
    author.submit(*here, content_hash=status.content_hash)
    for name, role in SIGNERS.items():
        Desk(store, _person(name, AppRole.EXPERT)).sign(
            *here, content_hash=status.content_hash, role=role, decision="approve", rationale=WHY,
            ticked=status.warnings,
        )  # fmt: skip
    Desk(store, _person("Otto Operator", AppRole.OPERATOR)).activate(*here, stage="all")


def _person(name: str, role: AppRole) -> Person:
    return Person(name=name, subject=name, role=role, signs_as=None)


def _run(*command: str) -> None:
    start = "from rai_dash.cli import main; main()"
    env = os.environ | {"RAI_DASH_KEEP_BATCH_ROWS": "true"}
    subprocess.run(
        [sys.executable, "-c", start, *command], cwd=REPO, env=env, check=True, stdout=subprocess.DEVNULL
    )


if __name__ == "__main__":
    main()
