"""What may be written (vakta skriving): each row is judged before it is flushed, as it was and
as it will be. The rules are security.policy's; here they meet the rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select
from sqlalchemy.orm.interfaces import MANYTOONE

from models.attachment import Attachment
from models.base import Bound, MunicipalityBound, Personal, PlanBound, System
from models.clock import utcnow
from models.consent import Consent, Grant, Hearing, Signature, SignatureAnswer
from models.elements import PlanElement
from models.elements.message import MessageRecipient
from models.elements.minutes import Attended
from models.evidence import SignatureRecord
from models.outside import OutsideAnswer, OutsideGrant, OutsideLine
from models.paper import PaperConsent
from models.people import Representation
from models.plan import Participant, Plan
from models.vocabulary import ConsentStatus, ParticipantStatus
from security import merging, paper_rules, registers, way_in
from security.agreement import authorise_force, authorise_keys, authorise_plan
from security.facts import facts
from security.outside import authorise_guest, authorise_outside
from security.policy import Action, Forbidden, hides, permits

if TYPE_CHECKING:
    from security.session import GuardedSession


UNDER_A_SIGNATURE = SignatureAnswer | OutsideAnswer | Hearing


class Immutable(Exception):
    """A row may not move to another plan, person, author or municipality."""


class Locked(Exception):
    """The row is finished: it is corrected by a new one, never changed."""


def authorise(session: GuardedSession, new: list[Bound], changed: list[Bound]) -> None:
    """Every row that is about to be written, or Forbidden, Immutable or Locked is raised."""
    paper_rules.authorise_hand(session, new, changed)
    for row in session.deleted:
        _authorise_delete(session, row)
    for row in new:
        _authorise_new(session, row)
    keys = [row for row in new if isinstance(row, Grant)]
    authorise_keys(session, keys)
    authorise_outside(session, [row for row in new if isinstance(row, OutsideGrant)])
    for row in (*new, *changed):
        if isinstance(row, Attended) and row.minutes.given_at is not None:
            raise Locked("who was there is said until the minutes are handed over")
    for row in changed:
        _authorise_change(session, row)
    asked = [r for r in (*new, *changed) if isinstance(r, Participant) and _is_proposed(r)]
    people = {row.person_id for row in keys} | {row.person_id for row in asked}
    if people:
        merging.still_used(session, people)
    for row in session.new:
        if isinstance(row, System):
            registers.authorise_system(session.info.get("actor"), row, new=True)
    for row in session.dirty:
        if isinstance(row, System) and session.is_modified(row):
            registers.authorise_system(session.info.get("actor"), row, new=False)


def _is_proposed(row: Participant) -> bool:
    history: Any = inspect(row)
    new = history.attrs.status.history.has_changes() or history.pending
    return bool(new) and row.status in (None, ParticipantStatus.PROPOSED)


def _authorise_delete(session: GuardedSession, row: object) -> None:
    if isinstance(row, PlanBound):
        return _authorise(session, Action.REMOVE, row, {})
    if not isinstance(row, MunicipalityBound | Personal) or not row.deletable:
        raise Forbidden("rows that gave somebody something are ended, not deleted")
    registers.authorise(session.info.get("actor"), row, new=False)
    session.info.setdefault("deleted", []).append((row.__tablename__, row.id))


def _authorise_new(session: GuardedSession, row: Bound) -> None:
    if isinstance(row, MunicipalityBound | Personal):
        return registers.authorise(session.info.get("actor"), row, new=True)
    assert isinstance(row, PlanBound)
    if isinstance(row, PlanElement):
        _sign_as_author(session, row)
        if row.hidden_from_guardians or row.shielded_from_id is not None:
            _authorise_hiding(session, row)
    if isinstance(row, Plan):
        return _authorise_plan(session, row)
    if isinstance(row, Signature | UNDER_A_SIGNATURE):
        _authorise_signer(session, row)
    if isinstance(row, SignatureRecord) and row.person_id != session.actor.person_id:
        raise Forbidden("a record says what its own writer has done")
    if isinstance(row, MessageRecipient | Attachment) and row.message not in session.new:
        raise Locked("what is sent is sent to those it was sent to, with what came with it")
    _authorise_targets(session, row)
    _authorise(session, Action.ADD, row, {})
    if isinstance(row, OutsideLine):
        authorise_guest(session, row)
    if isinstance(row, PaperConsent):
        paper_rules.authorise_paper(session, row, new=True)


def _authorise_signer(
    session: GuardedSession, row: Signature | SignatureAnswer | OutsideAnswer | Hearing
) -> None:
    """A signature, and what is said under it, is the signer's own."""
    signature = row if isinstance(row, Signature) else session.get(Signature, row.signature_id)
    if signature is None or signature.person_id != session.actor.person_id:
        raise Forbidden("nobody signs for somebody else")


def _sign_as_author(session: GuardedSession, row: PlanElement) -> None:
    row.author_id = session.actor.person_id
    row.created_at = utcnow()  # never backdated into somebody's grant
    if row.life_areas or not row.element.scope.has_life_areas:
        return
    access = session.access(_plan_id(row))
    for grant in access.grants if access and not access.owners_side else ():
        if grant.scope is row.element.scope:  # limited to some areas: what they write is there
            row.life_areas = frozenset() if len(grant.life_areas) > 5 else grant.life_areas


def _authorise_plan(session: GuardedSession, plan: Plan) -> None:
    """A plan is opened by the coordinator KE has appointed for the person, and nobody else."""
    here = plan.municipality_id == session.actor.municipality_id
    if not here or plan.person_id not in way_in.coordinated_by(session, session.actor):
        raise Forbidden("without an appointment there is no plan")


def _authorise_change(session: GuardedSession, row: Bound) -> None:
    old = dict(_old_values(row))
    moved = row.immutable & old.keys()
    if moved:
        raise Immutable(f"{type(row).__name__}.{', '.join(sorted(moved))}")
    if isinstance(row, MunicipalityBound | Personal):
        return registers.authorise(session.info.get("actor"), row, new=False)
    assert isinstance(row, PlanBound)
    if old.get("locked_at") or ("locked_at" not in old and getattr(row, "locked_at", None)):
        _authorise_correction(session, row, old)
    _authorise_targets(session, row)
    _authorise(session, Action.CHANGE, row, old)  # as it was: the row must have been mine to change
    now = {name: getattr(row, name) for name in old}
    _authorise(session, Action.CHANGE, row, now)  # as it will be: not into somebody else's area
    if isinstance(row, PaperConsent):
        paper_rules.authorise_paper(session, row, new=False)
    if isinstance(row, Consent) and "status" in old and row.status is ConsentStatus.SIGNED:
        authorise_force(session, row)
    if isinstance(row, Plan) and old.keys() & {"type", "status"}:
        authorise_plan(session, row)
    if old.keys() & {"hidden_from_guardians", "shielded_from_id"}:
        _authorise_hiding(session, row)


def _authorise_correction(session: GuardedSession, row: PlanBound, old: dict[str, Any]) -> None:
    """What is finished keeps all but the words its own author puts right, where it has such."""
    corrected = row.element.corrected if isinstance(row, PlanElement) else frozenset()
    if not old.keys() <= corrected or facts(row).author_id != session.actor.person_id:
        raise Locked(type(row).__name__)


def _authorise_hiding(session: GuardedSession, row: PlanBound) -> None:
    """Hidden from guardians by the author or the coordinator, never without a reason."""
    access, seen = session.access(_plan_id(row)), facts(row)
    reason = (getattr(row, "hidden_because", None) or "").strip()
    if access is None or not hides(access, seen) or not reason:
        raise Forbidden("hiding a row takes its author or the coordinator, and a reason")
    shielded = getattr(row, "shielded_from_id", None)
    if shielded is None:
        return
    acts = select(Representation.id).where(
        Representation.person_id == access.owner_id, Representation.representative_id == shielded
    )
    if shielded == seen.author_id or session.scalars(acts).first() is None:
        raise Forbidden("a row is shielded from one who acts for the owner, and did not write it")


def _authorise(
    session: GuardedSession, action: Action, row: PlanBound, values: dict[str, Any]
) -> None:
    if not permits(session.access(_plan_id(row)), action, facts(row, values)):
        raise Forbidden(f"{action} {type(row).__name__}")


def _plan_id(row: PlanBound) -> int:
    plan_id: int | None = getattr(row, "plan_id", None)
    if plan_id is None:
        plan_id = getattr(row.subject(), "plan_id", None)
    if plan_id is None:
        raise Forbidden(f"{type(row).__name__} without a plan")
    return plan_id


def _old_values(row: Bound) -> Iterator[tuple[str, object]]:
    state: Any = inspect(row)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if history.has_changes():
            yield attribute.key, history.deleted[0] if history.deleted else None


def _authorise_targets(session: GuardedSession, row: PlanBound) -> None:
    """Every row newly pointed at is in the same plan and readable: no probing, no forged keys."""
    for target in _new_targets(session, row):
        allowed = permits(session.access(_plan_id(row)), Action.READ, facts(target))
        if _plan_id(target) != _plan_id(row) or not allowed:
            raise Forbidden(f"{type(row).__name__} points outside what the actor may read")


def _new_targets(session: GuardedSession, row: PlanBound) -> Iterator[PlanBound]:
    state: Any = inspect(row)
    for relation in state.mapper.relationships:
        if relation.direction is not MANYTOONE or relation.viewonly:
            continue
        if not issubclass(relation.mapper.class_, PlanBound):
            continue
        set_object = [o for o in state.attrs[relation.key].history.added or () if o is not None]
        key = state.mapper.get_property_by_column(relation.synchronize_pairs[0][1]).key
        set_key = [k for k in state.attrs[key].history.added or () if k is not None]
        if set_key and not set_object:
            found = session.get(relation.mapper.class_, set_key[0])
            if found is None:
                raise Forbidden(f"{type(row).__name__}.{key} names a row the actor cannot see")
            set_object = [found]
        yield from (target for target in set_object if target not in session.new)
