"""The guarded session (vakta økt): the only way to the database for code that acts for someone.

Reads are scoped, writes are authorised before they are flushed, and the ways round
(bulk methods, Core and text on guarded tables, raw connections) are shut. The one
way round is the execution option `unscoped_because="…"`: greppable, allow-listed in a test.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from sqlalchemy import Select, event
from sqlalchemy.orm import ORMExecuteState, Session

from models.account import Membership
from models.audit import AccessEvent
from models.base import Bound, EnumSet, MunicipalityBound, Personal, PlanBound
from models.clock import utcnow
from models.draft import Draft
from models.marks import spread
from models.plan import Plan, PlanRegister
from models.vocabulary import Scope
from security import ages, audit, closing, keeping, paper_rules, writes
from security.access import Access, load_access, load_accesses
from security.acting import ACTING, NOBODY, NOBODY_ACTS, Acting
from security.actor import Actor
from security.bypass import Unscoped, guarded_tables, refuse_core
from security.levels import keep_two_levels
from security.policy import Forbidden
from security.scope import SCOPED, SCOPED_BY_BOTH
from security.seeing import OnlySees
from security.sessions import end_of_hats

NOT_WORTH_NOTING = (Plan, AccessEvent, Draft)
"""The plan's own row is loaded by every page in it, the log is not its own subject, and a
draft, read by its writer only, is not in the plan yet."""


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
            parts = EnumSet(Scope).bits(actor.parts)
            also = (actor.viewer_id, actor.confirms_in, actor.office_in, actor.leads_in)
            self.info["acting"] = Acting(*here, parts, *(one or NOBODY for one in also))
            if actor.viewer_id is not None:
                self.info["scope"] = SCOPED_BY_BOTH

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
        self._know({plan_id})
        found: Access | None = self.info["access"][plan_id]
        return found

    def _know(self, plans: set[int]) -> None:
        """Ask for the actor's access to those of the plans it is not known of, all at once."""
        known: dict[int, Access | None] = self.info.setdefault("access", {})
        asked = plans - known.keys()
        if not asked:
            return
        actor = self.actor
        found = load_accesses(self, actor.person_id, asked, utcnow())
        here: dict[str, Any] = {"parts": actor.parts, "confirms_in": actor.confirms_in}
        here["is_seen"] = actor.viewer_id is not None
        known |= {n: replace(found[n], **here) if n in found else None for n in asked}

    @property
    def only_sees(self) -> bool:
        """Whether the actor sees a plan as somebody else, and so changes nothing."""
        return "scope" in self.info

    def viewers_access(self, plan_id: int) -> Access | None:
        """The access of who really looks, when the plan is seen as somebody else; asked once."""
        viewer_id = self.actor.viewer_id
        if viewer_id is None:
            return self.access(plan_id)
        known: dict[int, Access | None] = self.info.setdefault("viewers access", {})
        if plan_id not in known:
            known[plan_id] = load_access(self, viewer_id, plan_id, utcnow())
        return known[plan_id]

    def note(self, noted: audit.Noted) -> None:
        """Have something said in the access log that no loaded row says by itself."""
        self.info.setdefault("noted", []).append(noted)

    def reads(self) -> list[audit.Noted]:
        """What has been read since birth, as coming events; to be asked before the rollback."""
        self._gather()
        noted = [*self.info.pop("gathered").values(), *self.info.pop("noted", ())]
        return audit.on_basis_of(noted, self.viewers_access) if self.only_sees else noted

    def let_go(self) -> None:
        """Roll back, when a page is still to come of it: a row that has been read is noted while
        it is at hand, or it would be asked for once more, each by itself."""
        self._gather()
        self.rollback()

    def _gather(self) -> None:
        rows = self.info.pop("seen", ())
        if rows:
            self._know({row.plan_id for _, row in rows})
        audit.gather(rows, self.access, self.info.setdefault("gathered", {}))

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
    info, because = state.session.info, state.execution_options.get("unscoped_because")
    if "scope" in info and not (state.is_select or because == audit.UNSCOPED["unscoped_because"]):
        raise OnlySees("who sees a plan as somebody else writes nothing")
    if state.is_column_load or because:
        return
    ACTING.set(info.get("acting", NOBODY_ACTS))
    statement: Any = state.statement
    if not state.is_select and getattr(statement, "table", None) in guarded_tables():
        raise Unscoped("bulk writes reach what may be read, not what may be written")
    if not (state.is_orm_statement and isinstance(statement, Select)):
        refuse_core(statement)
    scope = info.get("scope", SCOPED)
    if scope not in statement._with_options:  # a lazy load inherits it from its query
        state.statement = statement.options(scope)


@event.listens_for(GuardedSession, "before_flush")
def _authorise_writes(session: GuardedSession, *_: Any) -> None:
    if session.only_sees:
        raise OnlySees("who sees a plan as somebody else writes nothing")
    with session.no_autoflush:
        new = [row for row in session.new if isinstance(row, Bound)]
        changed = [r for r in session.dirty if isinstance(r, Bound) and session.is_modified(r)]
        writes.authorise(session, new, changed)
        keep_two_levels(session, (*new, *changed))
        closed = [r.id for r in changed if isinstance(r, Membership) and not r.active]
        if closed:
            end_of_hats(session, closed)
        closing.carry_out(session, changed)
        spread(session)
        session.info["written"] = [("add", r) for r in new] + [("change", r) for r in changed]
        session.info["aged"] = ages.touched((*session.new, *session.dirty))
        keeping.remember(session)


@event.listens_for(GuardedSession, "after_flush")
def _log_writes(session: GuardedSession, *_: Any) -> None:
    written = session.info.pop("written", ())
    ages.carry_out(session, session.info.pop("aged"))
    keeping.write(session)
    in_plans = [(how, r) for how, r in written if isinstance(r, PlanBound) and r.is_noted]
    noted = audit.gather(in_plans, session.access) + _register_writes(session, written)
    session.info.pop("access", None)  # a signature or a withdrawal has just changed the facts
    if session.info.get("actor") and noted:
        audit.append(session, session.actor, _by_hand(session, noted))


def _by_hand(session: GuardedSession, noted: list[audit.Noted]) -> list[audit.Noted]:
    """What is written by a paper has the paper for its reason (security.paper)."""
    if session.actor.paper_id is None:
        return noted
    return [replace(one, basis="paper") for one in noted]


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


@event.listens_for(GuardedSession, "before_commit")
def _refuse_half(session: GuardedSession) -> None:
    """No paper is confirmed without being signed."""
    session.flush()
    if paper_rules.unsigned(session):
        raise Forbidden("a yes to a paper is a signature")


@event.listens_for(GuardedSession, "after_rollback")
def _forget_access(session: GuardedSession) -> None:
    """What was known in one transaction is asked again in the next."""
    session.info.pop(paper_rules.SAID_YES, None)
    session.info.pop("access", None)
    session.info.pop("viewers access", None)


@event.listens_for(GuardedSession, "loaded_as_persistent")
def _remember_reads(session: GuardedSession, row: object) -> None:
    if isinstance(row, PlanBound) and not isinstance(row, NOT_WORTH_NOTING):
        session.info.setdefault("seen", []).append(("read", row))


@event.listens_for(SystemSession, "before_flush")
def _remember_system_writes(session: SystemSession, *_: Any) -> None:
    session.info["aged"] = ages.touched((*session.new, *session.dirty))
    spread(session)
    keeping.remember(session)


@event.listens_for(SystemSession, "after_flush")
def _keep_system_writes(session: SystemSession, *_: Any) -> None:
    ages.carry_out(session, session.info.pop("aged"))
    keeping.write(session)
