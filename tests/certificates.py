"""A policy and the ledger of what was done to it, for the tests of words, comparison and certificates."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rai_dash.govern.checkpoints import Checkpoint
from rai_dash.govern.export import write_export
from rai_dash.govern.ledger import Record, next_record
from rai_dash.govern.people import Person
from rai_dash.govern.policy import Policy, checked_policy, policy_of_content, settings_fingerprint
from rai_dash.govern.sealed import Sealed, seal
from rai_dash.govern.standing import Standing, standing
from rai_dash.govern.verify import Contents

#: Always the same, so that a ledger is the same every time; Ed25519 signs without chance.
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
WHY = (
    "I went through forty cases on either side of both lines. The errors are no worse than those of our officers, "
    "and the unsure applications reach a person."
)


def rate(k: float, n: float, low: float, high: float) -> dict[str, Any]:
    return {"value": k / n, "low": low, "high": high, "numerator": k, "denominator": n}


def undefined(reason: str) -> dict[str, Any]:
    return {"value": None, "reason": reason}


def figures(n: int, no: float, person: float, yes: float, **rates: Any) -> dict[str, Any]:
    return {"n": n, "approve": yes, "reject": no, "review": person, "no_score": 0.0, "rates": rates}


def group(column: str, name: str, n: int, **rates: Any) -> dict[str, Any]:
    return figures(n, n * 0.35, n * 0.25, n * 0.4, **rates) | {"column": column, "group": name}


def gap(value: float | None) -> dict[str, Any]:
    return {"value": value, "reason": None if value is not None else "fewer than two groups"}


POLICY: dict[str, Any] = {
    "policy_id": "consumer-loans",
    "version": 1,
    "title": "Consumer loans up to 50,000 euros",
    "environment": "production",
    "created_at": START,
    "data": {
        "name": "applications 2026.csv", "sha256": "a" * 64, "rows": 8000, "columns": 14, "role": "test",
        "rows_judged": 1000, "favourable": ["repaid"], "target": "outcome", "target_kind": "observed_outcome",
        "sensitive": ["sex", "age"],
    },
    "model": {
        "name": "gradient boosting, step 7", "format": "xgboost", "sha256": "b" * 64, "favourable_class": "1",
        "features": ["income", "amount", "duration", "housing"],
    },
    "score": {"source": "model"},
    "code": {
        "version": "0.1.0", "git": "c" * 40, "dirty": False, "lockfile_sha256": "d" * 64, "python": "3.11.7",
        "libraries": {"numpy": "2.3.1", "xgboost": "3.2.0"},
    },
    "band": {"lo": 0.35, "threshold": 0.5, "hi": 0.7},
    "conditions": [
        {"text": "amount > 50000", "frozen": {"kind": "number", "columns": ["amount"], "operator": ">", "value": 5e4}}
    ],
    "settings": {
        "costs": {"fp_fixed": 1200.0, "fn_fixed": 150.5, "review": 25.0},
        "reviewer": {"h1": 0.9, "h0": 0.85, "deference": 0.2},
        "workload": {
            "volume_per_day": 150.0, "minutes_per_review": 25.0, "minutes_per_day": 420.0,
            "reviewers": 3.0, "days": 20.0,
        },
        "min_n": 30,
        "limits": ["auto_error_rate <= 0.10"],
    },
    "metrics": {
        "overall": figures(
            1000, 355.0, 233.0, 412.0,
            auto_approve_rate=rate(412, 1000, 0.382, 0.443), auto_reject_rate=rate(355, 1000, 0.326, 0.385),
            review_rate=rate(233, 1000, 0.208, 0.260), auto_error_rate=rate(61, 767, 0.062, 0.101),
            good_auto_rejected=rate(31, 610, 0.036, 0.071), bad_auto_approved=rate(30, 390, 0.054, 0.108),
            post_error_rate={"value": 0.084}, post_approval_rate={"value": 0.561},
        ),
        "groups": [
            group("sex", "women", 480, review_rate=rate(126, 480, 0.225, 0.304),
                  auto_reject_rate=rate(180, 480, 0.333, 0.419), good_auto_rejected=rate(21, 290, 0.048, 0.108),
                  auto_error_rate=rate(34, 354, 0.070, 0.131), post_approval_rate={"value": 0.53}),
            group("sex", "men", 500, review_rate=rate(102, 500, 0.171, 0.241),
                  auto_reject_rate=rate(168, 500, 0.296, 0.379), good_auto_rejected=rate(10, 308, 0.018, 0.059),
                  auto_error_rate=rate(26, 398, 0.045, 0.094), post_approval_rate={"value": 0.59}),
            group("sex", "(missing)", 20, review_rate=rate(5, 20, 0.112, 0.469),
                  auto_reject_rate=rate(7, 20, 0.181, 0.567),
                  good_auto_rejected=undefined("no applicant with a favourable outcome in this group"),
                  auto_error_rate=rate(1, 15, 0.012, 0.298), post_approval_rate={"value": 0.5}),
            group("age", "[-inf, 35)", 410, review_rate=rate(101, 410, 0.207, 0.290),
                  auto_reject_rate=rate(160, 410, 0.344, 0.438), good_auto_rejected=rate(14, 230, 0.037, 0.100),
                  auto_error_rate=rate(25, 309, 0.055, 0.117), post_approval_rate={"value": 0.52}),
            group("age", "[35, inf)", 590, review_rate=rate(132, 590, 0.192, 0.259),
                  auto_reject_rate=rate(195, 590, 0.294, 0.370), good_auto_rejected=rate(17, 380, 0.028, 0.071),
                  auto_error_rate=rate(36, 458, 0.057, 0.107), post_approval_rate={"value": 0.59}),
        ],
    },
    "gaps": {
        "sex": {
            "values": {"review_rate_gap": gap(0.0585), "good_auto_rejected_gap": gap(0.04),
                       "auto_error_gap": gap(0.031),
                       "post_approval_ratio": gap(0.898)},
            "compared": ["men", "women"], "excluded": {"(missing)": "20 rows, fewer than 30"},
        },
    },
    "cost": {
        "error_cost": 60000.0, "review_cost": 5825.0, "total": 65825.0, "per_application": 65.825, "amount_missing": 0,
        "theory": {"lo": 0.3, "threshold": 0.5, "hi": 0.8, "is_empty": False},
    },
    "people_after": {
        "expected_tp": 530.0, "expected_fn": 80.0, "expected_fp": 31.0, "expected_tn": 359.0, "reviews_per_day": 34.95,
        "reviewers_needed": 3, "busy_day_reviews": 45, "busy_day_reviewers": 3, "capacity_per_day": 50.4,
        "utilisation": 0.693, "backlog_after_days": 0.0,
    },
    "guarantee": {
        "method": "fixed", "holds": True, "alpha": 0.10, "delta": 0.05, "k": 61, "n": 767, "looks": 1,
        "data_role": "test",
        "words": "At most 10 % of what the machine decides alone is wrong; this may fail in 5 of 100.",
    },
    "alternatives": [
        {"name": "Wider, for the first month", "band": {"lo": 0.3, "threshold": 0.5, "hi": 0.75},
         "review_rate": rate(310, 1000, 0.282, 0.339), "auto_error_rate": rate(45, 690, 0.049, 0.086), "cost": 71.2},
        {"name": "Narrow", "band": {"lo": 0.4, "threshold": 0.5, "hi": 0.6},
         "review_rate": rate(120, 1000, 0.101, 0.142), "auto_error_rate": rate(98, 880, 0.092, 0.134), "cost": 69.9},
    ],
    "warnings_shown": [
        {"code": "selective_labels", "message": "Refused applicants have no outcome in these data.", "ticked": True}
    ],
    "harm": {
        "wrong_approval": "The household takes on a debt that it cannot carry; arrears stay on file for years.",
        "wrong_refusal": "Somebody who would have repaid gets no loan here, and may take a dearer one elsewhere.",
        "answerable": "Head of consumer lending",
    },
    "people_before": "Six officers decided all applications; they now see the unsure ones and every appeal.",
    "valid_months": 12,
}  # fmt: skip


def make_policy(**changes: Any) -> Policy:
    """Make the policy with some fields changed; ``harm__answerable=...`` goes one level down."""
    content = copy.deepcopy(POLICY)
    for name, value in changes.items():
        *path, last = name.split("__")
        place = content
        for step in path:
            place = place[step]
        place[last] = value
    return checked_policy(content)


class Book:
    """A ledger in memory with the texts beside it; salts are not random, so that it is the same every time."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.sealed: dict[str, Sealed] = {}
        self.checkpoints: list[Checkpoint] = []
        self.now = START

    def seal(self, text: str, kind: str = "text") -> str:
        kept = seal(kind, text, salt=hashlib.sha256(f"{len(self.sealed)} {text}".encode()).digest()[:16])
        self.sealed[kept.ref] = kept
        return kept.ref

    def person(self, name: str, *, verified: bool = False) -> str:
        person = Person(name=name, subject=name)
        if verified:
            person = Person(name=name, subject=name, issuer="https://id.bank.example", source="oidc")
        known = [s.ref for s in self.sealed.values() if s.text == person.text]
        return known[0] if known else self.seal(person.text, "person")

    def write(self, kind: str, who: str, body: dict[str, Any], *, verified: bool = False) -> Record:
        self.now += timedelta(hours=1)
        record = next_record(
            body, kind=kind, subject="policy:consumer-loans", actor=self.person(who, verified=verified),
            last=self.records[-1] if self.records else None, at=self.now,
        )  # fmt: skip
        self.records.append(record)
        if record.seq == 1:
            self.checkpoint()
        return record

    def draft(self, policy: Policy, who: str = "Anna Author", *, parent: str | None = None) -> str:
        content = policy.sealed_content(self.seal)
        self.write("policy.draft", who, {
            "version": policy.version, "parent_hash": parent, "settings_fingerprint": settings_fingerprint(policy),
            "policy": content,
        })  # fmt: skip
        return hashlib.sha256(rfc8785.dumps(content)).hexdigest()

    def submit(self, content_hash: str, *, version: int = 1, who: str = "Anna Author") -> None:
        self.write("policy.submit", who, {
            "version": version, "content_hash": content_hash, "environment": "production",
            "required_roles": ["domain expert", "risk owner"],
        })  # fmt: skip
        self.sign(
            content_hash, who, "author", meaning="authorship", why="Fit to be looked at.", version=version
        )

    def sign(
        self, content_hash: str, who: str, role: str, *, meaning: str = "approval", decision: str = "approve",
        why: str = WHY, condition: str | None = None, version: int = 1, verified: bool = False,
    ) -> None:  # fmt: skip
        self.write("policy.signature", who, {
            "version": version, "content_hash": content_hash, "role": role, "meaning": meaning, "decision": decision,
            "rationale": {"sealed": self.seal(why)},
            "conditions": None if condition is None else {"sealed": self.seal(condition)},
            "identity": "oidc" if verified else "local-unverified",
            "warnings": [{"code": "selective_labels", "ticked": True}],
        }, verified=verified)  # fmt: skip

    def activate(self, *, version: int = 1, stage: str = "all", share: float | None = None) -> None:
        begins = self.now + timedelta(hours=1)
        self.write("policy.activate", "Otto Operator", {
            "version": version, "stage": stage, "share": share, "valid_from": f"{begins:%Y-%m-%dT%H:%M:%SZ}",
            "expires_at": f"{begins.replace(year=begins.year + 1):%Y-%m-%dT%H:%M:%SZ}",
        })  # fmt: skip

    def erase(self, text: str) -> None:
        """Erase every sealed text that holds this text."""
        self.now += timedelta(hours=1)
        refs = sorted(ref for ref, s in self.sealed.items() if s.text is not None and text in s.text)
        at = f"{self.now:%Y-%m-%dT%H:%M:%SZ}"
        self.records.append(next_record(
            {"refs": refs, "reason": "gdpr-17"}, kind="erasure", subject="sealed", actor="operator",
            last=self.records[-1], at=self.now,
        ))  # fmt: skip
        for ref in refs:
            self.sealed[ref] = Sealed(ref, self.sealed[ref].kind, "", None, at)

    def checkpoint(self) -> None:
        last = self.records[-1]
        raw = KEY.public_key().public_bytes_raw()
        signed = rfc8785.dumps({"head": last.hash, "n": last.seq})
        self.checkpoints.append(
            Checkpoint(
                n=last.seq,
                head=last.hash,
                at_utc=last.at_utc or "",
                key_id=hashlib.sha256(raw).hexdigest()[:16],
                public_key=raw.hex(),
                signature=KEY.sign(signed).hex(),
            )
        )

    @property
    def texts(self) -> dict[str, str | None]:
        return {ref: s.text for ref, s in self.sealed.items()}

    def standing(self, now: datetime | None = None) -> Standing:
        own = [r for r in self.records if r.subject == "policy:consumer-loans"]
        return standing(own, self.texts, now or self.now)

    def export(self) -> dict[str, Any]:
        contents = Contents(
            records=self.records, sealed=list(self.sealed.values()), checkpoints=self.checkpoints
        )
        return write_export(
            contents, store="sign-offs-1a2b3c4d", subject="policy:consumer-loans", at=self.now
        )

    def policy(self, version: int = 1) -> Policy:
        drafts = [r.content for r in self.records if r.kind == "policy.draft"]
        return policy_of_content(drafts[version - 1]["policy"], self.texts)


def signed_book(policy: Policy | None = None) -> Book:
    """A version that two people approved, one of them signed in, after one of them had rejected it."""
    book = Book()
    content_hash = book.draft(policy or make_policy())
    book.submit(content_hash)
    book.sign(
        content_hash,
        "Rita Risk",
        "risk owner",
        decision="reject",
        why=f"Not before the appeals are staffed. {WHY}",
    )
    book.submit(content_hash)
    book.sign(
        content_hash,
        "Zoë Müller-Šimić",
        "domain expert",
        verified=True,
        condition="Appeals are seen within two days.",
    )
    book.sign(content_hash, "Rita Risk", "risk owner", meaning="responsibility")
    book.checkpoint()
    return book
