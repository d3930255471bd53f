"""How the consent of a plan came to be what it is (historikk): its versions, what each changed,
who signed, and what was taken back. As many questions to the database however many there are."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models.consent import Consent, ConsentLine, Signature
from models.evidence import SignatureRecord
from models.outside import OutsideLine
from models.paper import PaperConsent
from models.people import Person
from models.receipt import Receipt, ReceiptCopy
from models.vocabulary import Level, LifeArea, Recorded, Scope
from security.session import GuardedSession

_P = PaperConsent
Part = tuple[Level, frozenset[LifeArea]]
"""How far a line reaches, and into which life areas."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one version asks about one person that the one before did not, or the other way.

    was, now: part -> how far; `is_new`, `is_gone`: the whole person is.
    """

    name: str
    was: dict[Scope, Part]
    now: dict[Scope, Part]

    @property
    def is_new(self) -> bool:
        return not self.was

    @property
    def is_gone(self) -> bool:
        return not self.now

    @property
    def asked(self) -> list[tuple[Part, list[Scope]]]:
        """What is asked now, one line for each reach: seven that say the same are not read."""
        by_reach: dict[Part, list[Scope]] = {}
        for one in Scope:
            if one in self.now:
                by_reach.setdefault(self.now[one], []).append(one)
        return list(by_reach.items())

    @property
    def parts(self) -> list[tuple[Scope, Part | None, Part | None]]:
        """(part, how it was, how it is), those that differ, as they stand on a page."""
        both = [(one, self.was.get(one), self.now.get(one)) for one in Scope]
        return [one for one in both if one[1] != one[2]]


@dataclass(frozen=True, slots=True)
class OnPaper:
    """Who registered and confirmed a signature by hand (names), and which paper it is."""

    paper: PaperConsent
    registered_by: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: whose, and where its sealed receipt is, when the reader may have it.

    `waits`: a receipt of it is to be made. `on_paper`: who registered and confirmed it, and the
    paper, of one that was written by hand.
    """

    name: str
    signature: Signature
    receipt_id: int | None
    waits: bool
    on_paper: OnPaper | None = None


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Who took back what, and when."""

    at: datetime
    what: Recorded
    by: str
    people: Sequence[str]
    parts: Sequence[Scope]


@dataclass(slots=True)
class Version:
    """One version of the consent, as it was sent."""

    consent: Consent
    changes: list[Change] = field(default_factory=list)
    signed: list[Signed] = field(default_factory=list)
    taken_back: list[TakenBack] = field(default_factory=list)
    copy_id: int | None = None
    outside_new: list[OutsideLine] = field(default_factory=list)
    outside_gone: list[OutsideLine] = field(default_factory=list)

    def waits(self, owners_side: bool) -> bool:
        """Whether a file is still to be made, of those the reader may have."""
        recorded = [one.waits for one in self.signed if one.signature.statement]
        copy = bool(recorded) and self.consent.signed_at is not None and self.copy_id is None
        return copy or (owners_side and any(recorded))


def history(session: GuardedSession, plan_id: int) -> list[Version]:
    """The versions that were sent, the newest first."""

    def of(cls: Any, *conditions: Any) -> Any:
        wanted = select(cls).where(cls.plan_id == plan_id, *conditions)
        return session.scalars(wanted.order_by(cls.id)).all()

    consents = sorted(of(Consent, Consent.sent_at.is_not(None)), key=lambda one: one.version)
    lines, signatures = of(ConsentLine), of(Signature)
    records = of(SignatureRecord, SignatureRecord.what != Recorded.SIGNED)
    said = [(one, json.loads(one.said)) for one in records]
    papers = {(one.consent_id, one.person_id): one for one in of(PaperConsent, _P.confirmed)}
    names = _names(session, lines, signatures, said, papers.values())
    receipts = dict(_files(session, plan_id, Receipt, Receipt.signature_id))
    copies = dict(_files(session, plan_id, ReceiptCopy, ReceiptCopy.consent_id))
    versions = [Version(one, copy_id=copies.get(one.id)) for one in consents]
    asked = _asked(lines)
    without: dict[int, dict[str, OutsideLine]] = defaultdict(dict)
    for one in of(OutsideLine):
        without[one.consent_id][one.first_uid] = one
    before: dict[int, dict[Scope, Part]] = {}
    known: dict[str, OutsideLine] = {}
    for version in versions:
        now = asked.get(version.consent.id, {})
        version.changes = _changes(before, now, names)
        version.signed = [
            Signed(
                names.get(one.person_id, ""), one, receipts.get(one.id),
                bool(one.statement) and one.id not in receipts,
                _on_paper(papers.get((one.consent_id, one.person_id)), names),
            )
            for one in signatures
            if one.consent_id == version.consent.id
        ]  # fmt: skip
        asked_of = without.get(version.consent.id, {})
        version.outside_new = [asked_of[uid] for uid in asked_of if uid not in known]
        version.outside_gone = [known[uid] for uid in known if uid not in asked_of]
        before, known = now, asked_of
    for record, what in said:
        _place(versions, record.at).taken_back.append(_taken_back(record, what, names))
    return versions[::-1]


def _files(session: GuardedSession, plan_id: int, cls: Any, of: Any) -> Iterable[Any]:
    """(whose, id) of each file; what is in them is not read."""
    return [tuple(row) for row in session.execute(select(of, cls.id).where(cls.plan_id == plan_id))]


def _on_paper(paper: PaperConsent | None, names: dict[int, str]) -> OnPaper | None:
    if paper is None:
        return None
    by, confirmed_by = names.get(paper.asked_by_id, ""), names.get(paper.answered_by_id or 0, "")
    return OnPaper(paper, by, confirmed_by)


def _names(
    session: GuardedSession, lines: Iterable[Any], signatures: Iterable[Any], said: Iterable[Any],
    papers: Iterable[PaperConsent],
) -> dict[int, str]:  # fmt: skip
    ids = {one.person_id for one in (*lines, *signatures)}
    for paper in papers:
        ids |= {paper.asked_by_id, paper.answered_by_id or paper.asked_by_id}
    for record, what in said:
        ids |= {record.person_id, *(one["person"] for one in what["ended"])}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _asked(lines: Iterable[ConsentLine]) -> dict[int, dict[int, dict[Scope, Part]]]:
    """Consent -> person -> part -> how far."""
    asked: dict[int, dict[int, dict[Scope, Part]]] = defaultdict(lambda: defaultdict(dict))
    for one in lines:
        asked[one.consent_id][one.person_id][one.scope] = (one.level, one.life_areas)
    return asked


def _changes(
    before: dict[int, dict[Scope, Part]], now: dict[int, dict[Scope, Part]], names: dict[int, str]
) -> list[Change]:
    found = [
        Change(names.get(one, ""), before.get(one, {}), now.get(one, {}))
        for one in sorted(before.keys() | now.keys())
    ]
    return [one for one in found if one.was != one.now]


def _place(versions: list[Version], at: datetime) -> Version:
    """The newest version there was then: what is taken back was said yes to in it, or waited."""
    there = [one for one in versions if one.consent.sent_at and one.consent.sent_at <= at]
    return (there or versions)[-1]


def _taken_back(record: SignatureRecord, said: dict[str, Any], names: dict[int, str]) -> TakenBack:
    people = dict.fromkeys(names.get(one["person"], "") for one in said["ended"])
    people |= dict.fromkeys(one["name"] for one in said.get("outside", ()))
    scopes = {one["scope"] for one in said["ended"]}
    return TakenBack(
        record.at, record.what, names.get(record.person_id, ""), list(people),
        [one for one in Scope if one in scopes],
    )  # fmt: skip
