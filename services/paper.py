"""A consent signed on paper (papirsamtykke): registered by the coordinator, compared with the
scan by a second person, and a signature from then on.

Who may do it is security.paper_rules'; signing is services.signing's, whoever holds the pen.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from integrations.scan import Scan
from models.account import Account, Membership
from models.clock import months_later, today
from models.consent import Consent, ConsentLine
from models.i18n import N_
from models.language import Tongue
from models.paper import PAPER, PaperConsent
from models.people import Person
from models.plan import Participant, Plan
from models.vocabulary import ConsentStatus, Exchange, Heard, Level, LifeArea, narrowest
from security.chain import canonical
from security.paper import hand_of, hold_the_plan
from security.session import GuardedSession
from security.signers import deciders
from services.answer import Answer, ChildHeard
from services.consent import lines_of, lock, signatures, team_with_people
from services.errors import Conflict
from services.evidence import Proof, outside_line_said
from services.four_eyes import in_turn
from services.notice_kinds import PAPER as REGISTERED
from services.notice_kinds import PAPER_NOT_USED
from services.notices import notify
from services.outside import Ways, outside_lines
from services.papers import papers_wait_of
from services.signing import LONGEST_MONTHS, sign
from services.statement import asked


class NotAsked(Conflict):
    """What the paper answers is not asked of its signer any more, or not so."""

    words = N_(
        "The proposal has changed, or this person has signed or need not sign. Look at the "
        "consent page."
    )


class NobodyLeft(Conflict):
    """Everybody has signed, or a paper of theirs waits."""

    words = N_("Everybody who must sign has signed, or a paper from them waits for the office.")


class WaitsAlready(Conflict):
    """A paper of the same person is registered, and nobody has answered."""

    words = N_("A paper from this person waits for the office already.")


class Overtaken(Conflict):
    """The proposal was changed, or the signer has signed, while the paper waited."""

    words = N_(
        "This paper cannot be used any more: the proposal was changed, or something else "
        "came first. Nothing is signed. The coordinator is told."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPaper:
    """What is registered: who signed when, what stands there, where it lies, and its scan.

    shown: the digest of the proposal that was printed, in `language`.
    """

    signer_id: int
    signed_on: date
    until: date
    language: str
    shown: str
    original: str
    scan: Scan
    answers: Mapping[int, Answer]
    child: ChildHeard | None
    uid: str
    outside: Mapping[int, Ways] = field(default_factory=dict)


def may_sign(session: GuardedSession, plan: Plan, consent: Consent) -> list[tuple[int, str]]:
    """(id, name) of those who must sign and have not."""
    left = deciders(session, plan) - {one.person_id for one in signatures(session, consent)}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(left)))
    return sorted(((row.id, row.name) for row in rows), key=lambda one: one[1])


def register(session: GuardedSession, plan: Plan, consent: Consent, paper: OnPaper) -> PaperConsent:
    """Store what stands on a paper, for a second person to compare. Nothing is signed by it.

    Raises: NotAsked, WaitsAlready; security.policy.Forbidden.
    """
    lock(session, plan.id)
    session.refresh(consent)
    if paper.signer_id in papers_wait_of(session, consent):
        raise WaitsAlready(consent.id)
    changed = asked(session, consent, paper.language).digest != paper.shown
    left = {one for one, _ in may_sign(session, plan, consent)}
    if consent.status is not ConsentStatus.SENT or changed or paper.signer_id not in left:
        raise NotAsked(consent.id)
    row = PaperConsent(
        uid=paper.uid, plan_id=plan.id, municipality_id=plan.municipality_id,
        consent_id=consent.id, person_id=paper.signer_id, signed_on=paper.signed_on,
        until=paper.until, language=Tongue(paper.language), original=paper.original,
        scan=b64encode(paper.scan.content).decode(), scan_kind=paper.scan.kind,
        scan_digest=paper.scan.digest, said=_said(session, plan, consent, paper),
        asked_by_id=session.actor.person_id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    if _can_come_in(session, paper.signer_id):
        notify(session, plan, [paper.signer_id], REGISTERED, row.id, row.uid)
        session.flush()
    return row


def _can_come_in(session: GuardedSession, person_id: int) -> bool:
    hat = (
        select(Membership.id)
        .join(Account, Account.id == Membership.account_id)
        .where(Membership.person_id == person_id, Membership.active, Account.active)
    )
    return session.scalars(hat).first() is not None


def _said(session: GuardedSession, plan: Plan, consent: Consent, paper: OnPaper) -> str:
    """Everything that was answered, and about whom: whoever compares it opens nothing else."""
    members = {one.person_id: one for one in team_with_people(session, plan.id)}
    child = paper.child
    heard = child and {
        "how": child.how, "on": child.on, "opinion": child.opinion, "reason": child.reason,
    }  # fmt: skip
    return canonical(
        {
            "shown": paper.shown,
            "type": consent.plan_type,
            "owner": session.get_one(Person, plan.person_id).name,
            "owner_id": plan.person_id,
            "lines": [
                _answered(line, members[line.person_id], paper.answers.get(line.id))
                for line in lines_of(session, consent)
            ],
            "outside": [
                outside_line_said(line)
                | {"asked": line.ways, "ways": paper.outside.get(line.id, frozenset()) & line.ways}
                for line in outside_lines(session, consent)
            ],
            "child": heard,
        }
    )


def _answered(line: ConsentLine, one: Participant, answer: Answer | None) -> dict[str, Any]:
    said = answer or Answer(False, line.level, line.life_areas, False)
    return {
        "line": line.id, "person": line.person_id, "name": one.person.name,
        "role": one.role or "", "package": one.package, "organisation": one.organisation or "",
        "scope": line.scope, "asked": line.level, "areas_asked": line.life_areas,
        "accepted": said.accepted, "level": narrowest(said.level, line.level),
        "areas": said.life_areas & line.life_areas, "older": said.older,
    }  # fmt: skip


def answer(session: GuardedSession, row: PaperConsent, yes: bool) -> bool:
    """Say yes or no to a paper. A yes is the signature, in the same transaction; answers
    whether everybody has signed by it.

    Raises: AnsweredAlready, Overtaken (then `end` it); security.policy.Forbidden.
    """
    hold_the_plan(session, row)
    in_turn(session, row)
    row.confirmed, row.answered_by_id = yes, session.actor.person_id
    session.flush()
    if not yes:
        _tell(session, row)
        return False
    with hand_of(session, row) as hand:
        return _sign(hand, row)


def _sign(hand: GuardedSession, row: PaperConsent) -> bool:
    plan = hand.scalars(select(Plan).where(Plan.id == row.plan_id)).first()
    consent = hand.scalars(select(Consent).where(Consent.id == row.consent_id)).first()
    if plan is None or consent is None:
        raise Overtaken(row.id)
    lock(hand, plan.id)
    hand.refresh(consent)
    if not _fits(hand, plan, consent, row):
        raise Overtaken(row.id)
    written = row.as_written
    answers = {
        one["line"]: Answer(
            one["accepted"], Level(one["level"]), frozenset(map(LifeArea, one["areas"])),
            one["older"],
        )
        for one in written["lines"]
    }  # fmt: skip
    outside = {
        one["line"]: frozenset(map(Exchange, one["ways"])) for one in written.get("outside", ())
    }
    return sign(
        hand, plan, consent, answers, until=row.until, language=str(row.language),
        shown=written["shown"], child=_heard(written["child"]), outside=outside,
        proof=_proof(row),
    )  # fmt: skip


def _fits(hand: GuardedSession, plan: Plan, consent: Consent, row: PaperConsent) -> bool:
    """Whether the signer could sign this, here and now."""
    access = hand.access(plan.id)
    open_ = access is not None and access.is_open and access.decides
    still = consent.status is ConsentStatus.SENT and row.person_id in deciders(hand, plan)
    in_time = today() < row.until <= months_later(today(), LONGEST_MONTHS)
    unsigned = row.person_id not in {one.person_id for one in signatures(hand, consent)}
    written = row.as_written
    shown = asked(hand, consent, str(row.language)).digest == written["shown"]
    heard = written["child"] is not None or plan.owner_decides_from <= today()
    return open_ and still and in_time and unsigned and shown and heard


def _heard(child: dict[str, Any] | None) -> ChildHeard | None:
    if child is None:
        return None
    how, on = child["how"] and Heard(child["how"]), child["on"] and date.fromisoformat(child["on"])
    return ChildHeard(how or None, on or None, child["opinion"], child["reason"])


def _proof(row: PaperConsent) -> Proof:
    return Proof(
        method=PAPER,
        paper={
            "id": row.id, "scan": row.scan_digest, "kind": row.scan_kind,
            "signed_on": row.signed_on, "original": row.original,
            "registered_by": row.asked_by_id, "registered_at": row.asked_at,
            "confirmed_by": row.answered_by_id, "confirmed_at": row.answered_at,
        },
    )  # fmt: skip


def end(session: GuardedSession, row: PaperConsent) -> None:
    """What was overtaken waits no longer; who registered it is told.

    Raises: AnsweredAlready; security.policy.Forbidden.
    """
    hold_the_plan(session, row)
    in_turn(session, row)
    access = session.access(row.plan_id)
    if access is None or not access.is_open:  # nothing is written there; it lapses
        raise Overtaken(row.id)
    row.confirmed, row.overtaken = False, True
    row.answered_by_id = session.actor.person_id
    session.flush()
    _tell(session, row)


def _tell(session: GuardedSession, row: PaperConsent) -> None:
    plan = Plan(id=row.plan_id, municipality_id=row.municipality_id)
    notify(session, plan, [row.asked_by_id], PAPER_NOT_USED, row.id, row.uid)
    session.flush()
