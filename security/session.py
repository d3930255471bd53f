"""The guarded session (vakta økt): the only way to the database for code that acts for someone.

Reads are scoped, writes are authorised before they are flushed, and the ways round
(bulk methods, Core and text on guarded tables, raw connections) are shut. The one
way round is the execution option `unscoped_because="…"`: greppable, allow-listed in a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from sqlalchemy import Select, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.interfaces import MANYTOONE

from models.audit import AccessEvent
from models.base import Bound, MunicipalityBound, Personal, PlanBound, System
from models.clock import utcnow
from models.consent import Consent, Grant, Hearing, Signature, SignatureAnswer
from models.draft import Draft
from models.elements import PlanElement
from models.marks import spread
from models.plan import Plan, PlanRegister
from models.vocabulary import ConsentStatus
from security import audit, keeping, registers
from security.access import Access, load_access
from security.actor import Actor
from security.agreement import authorise_force, authorise_keys, authorise_plan
from security.bypass import Unscoped, guarded_tables, refuse_core
from security.facts import facts
from security.policy import Action, Forbidden, is_author, permits
from security.scope import ACTING, NOBODY_ACTS, SCOPED, Acting

NOT_WORTH_NOTING = (Plan, AccessEvent, Draft)
"""The plan's own row is loaded by every page in it, the log is not its own subject, and a
draft, read by its writer only, is not in the plan yet."""


class Immutable(Exception):
    """A row may not move to another plan, person, author or municipality."""


class Locked(Exception):
    """The row is finished: it is corrected by a new one, never changed."""


class GuardedSession(Session):
    """A session that acts for one actor (`session.info["actor"]`) from birth to death.

    One actor per session: the identity map remembers what the first one saw.
    """

    def act_as(self, actor: Actor | None) -> None:
        """Bind the actor, once."""
        if self.info.setdefault("actor", actor) is not actor:
            raise RuntimeError("this session already acts for someone else")
        if actor is not None:
            here = (actor.person_id, actor.municipality_id, actor.account_id)
            self.info["acting"] = Acting(*here)

    @property
    def actor(self) -> Actor:
        """Raises: Forbidden, when nobody acts."""
        actor: Actor | None = self.info.get("actor")
        if actor is None:
            raise Forbidden("nobody is acting")
        return actor

    def access(self, plan_id: int) -> Access | None:
        """The actor's access to a plan: one query per plan and transaction."""
        actor: Actor | None = self.info.get("actor")
        if actor is None:
            return None
        known: dict[int, Access | None] = self.info.setdefault("access", {})
        if plan_id not in known:
            known[plan_id] = load_access(self, actor.person_id, plan_id, utcnow())
        return known[plan_id]

    def note(self, noted: audit.Noted) -> None:
        """Have something said in the access log that no loaded row says by itself."""
        self.info.setdefault("noted", []).append(noted)

    def reads(self) -> list[audit.Noted]:
        """What has been read since birth, as coming events; to be asked before the rollback."""
        seen = audit.gather(self.info.pop("seen", ()), self.access)
        return [*seen, *self.info.pop("noted", ())]

    def _refuse(self, *_args: Any, **_kw: Any) -> NoReturn:
        raise Unscoped("this method sees neither scope nor policy")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = connection = _refuse


class SystemSession(Session):
    """A session without an actor, for what the system itself must do (systemøkt).

    The reason is mandatory and allow-listed in a test; never handed to a view.
    """

    def __init__(self, *args: Any, because: str, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.info["because"] = because


@event.listens_for(GuardedSession, "do_orm_execute")
def _scope_reads(state: ORMExecuteState) -> None:
    if state.is_column_load or state.execution_options.get("unscoped_because"):
        return
    ACTING.set(state.session.info.get("acting", NOBODY_ACTS))
    statement: Any = state.statement
    if not state.is_select and getattr(statement, "table", None) in guarded_tables():
        raise Unscoped("bulk writes reach what may be read, not what may be written")
    if not (state.is_orm_statement and isinstance(statement, Select)):
        refuse_core(statement)
    if SCOPED not in statement._with_options:  # a lazy load inherits it from its query
        state.statement = statement.options(SCOPED)


@event.listens_for(GuardedSession, "before_flush")
def _authorise_writes(session: GuardedSession, *_: Any) -> None:
    with session.no_autoflush:
        for row in session.deleted:
            _authorise_delete(session, row)
        new = [row for row in session.new if isinstance(row, Bound)]
        changed = [r for r in session.dirty if isinstance(r, Bound) and session.is_modified(r)]
        for row in new:
            _authorise_new(session, row)
        authorise_keys(session, [row for row in new if isinstance(row, Grant)])
        for row in changed:
            _authorise_change(session, row)
        for row in session.new:
            if isinstance(row, System):
                registers.authorise_system(session.info.get("actor"), row, new=True)
        for row in session.dirty:
            if isinstance(row, System) and session.is_modified(row):
                registers.authorise_system(session.info.get("actor"), row, new=False)
        spread(session)
        session.info["written"] = [("add", r) for r in new] + [("change", r) for r in changed]
        keeping.remember(session)


def _authorise_delete(session: GuardedSession, row: object) -> None:
    if isinstance(row, Draft) and row.person_id == session.actor.person_id:
        return  # thrown away by its writer
    if not isinstance(row, MunicipalityBound) or not row.deletable:
        raise Forbidden("rows that gave somebody something are ended, not deleted")
    registers.authorise(session.info.get("actor"), row, new=False)
    session.info.setdefault("deleted", []).append((row.__tablename__, row.id))


def _authorise_new(session: GuardedSession, row: Bound) -> None:
    if isinstance(row, MunicipalityBound | Personal):
        return registers.authorise(session.info.get("actor"), row, new=True)
    assert isinstance(row, PlanBound)
    if isinstance(row, PlanElement):
        _sign_as_author(session, row)
        if row.hidden_from_guardians:
            _authorise_hiding(session, row)
    if isinstance(row, Plan):
        return _authorise_plan(session, row)
    if isinstance(row, Signature | SignatureAnswer | Hearing):
        _authorise_signer(session, row)
    _authorise_targets(session, row)
    _authorise(session, Action.ADD, row, {})


def _authorise_signer(session: GuardedSession, row: Signature | SignatureAnswer | Hearing) -> None:
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
    if not here or plan.person_id not in registers.coordinated_by(session, session.actor):
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
        raise Locked(type(row).__name__)
    _authorise_targets(session, row)
    _authorise(session, Action.CHANGE, row, old)  # as it was: the row must have been mine to change
    now = {name: getattr(row, name) for name in old}
    _authorise(session, Action.CHANGE, row, now)  # as it will be: not into somebody else's area
    if isinstance(row, Consent) and "status" in old and row.status is ConsentStatus.SIGNED:
        authorise_force(session, row)
    if isinstance(row, Plan) and old.keys() & {"type", "status"}:
        authorise_plan(session, row)
    if "hidden_from_guardians" in old:
        _authorise_hiding(session, row)


def _authorise_hiding(session: GuardedSession, row: PlanBound) -> None:
    """Hidden from guardians by the author or the coordinator, never without a reason."""
    access, seen = session.access(_plan_id(row)), facts(row)
    may = access and not access.owners_side and (access.coordinator or is_author(access, seen))
    if not may or not (getattr(row, "hidden_because", None) or "").strip():
        raise Forbidden("hiding a row takes its author or the coordinator, and a reason")


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
        if relation.direction is not MANYTOONE or not issubclass(relation.mapper.class_, PlanBound):
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


@event.listens_for(GuardedSession, "after_flush")
def _log_writes(session: GuardedSession, *_: Any) -> None:
    written = session.info.pop("written", ())
    keeping.write(session)
    in_plans = [(how, r) for how, r in written if isinstance(r, PlanBound) and r.is_noted]
    noted = audit.gather(in_plans, session.access) + _register_writes(session, written)
    session.info.pop("access", None)  # a signature or a withdrawal has just changed the facts
    if session.info.get("actor") and noted:
        audit.append(session, session.actor, noted)


def _register_writes(session: GuardedSession, written: Any) -> list[audit.Noted]:
    rows = [
        (action, row.__tablename__, row.id)
        for action, row in written
        if isinstance(row, MunicipalityBound | Personal) and not isinstance(row, PlanRegister)
    ]
    rows += [("remove", *deleted) for deleted in session.info.pop("deleted", ())]
    noted: dict[tuple[str, str], audit.Noted] = {}
    for action, kind, key in rows:
        one = audit.Noted(0, action, kind, basis="role")
        noted.setdefault((action, kind), one).rows.add(key)
    return list(noted.values())


@event.listens_for(GuardedSession, "after_rollback")
def _forget_access(session: GuardedSession) -> None:
    """What was known in one transaction is asked again in the next."""
    session.info.pop("access", None)


@event.listens_for(GuardedSession, "loaded_as_persistent")
def _remember_reads(session: GuardedSession, row: object) -> None:
    if isinstance(row, PlanBound) and not isinstance(row, NOT_WORTH_NOTING):
        session.info.setdefault("seen", []).append(("read", row))


@event.listens_for(SystemSession, "before_flush")
def _remember_system_writes(session: SystemSession, *_: Any) -> None:
    spread(session)
    keeping.remember(session)


@event.listens_for(SystemSession, "after_flush")
def _keep_system_writes(session: SystemSession, *_: Any) -> None:
    keeping.write(session)
