"""Who may do what (tilgangsreglar). One table, read top to bottom; absent means denied.

Pure predicates over `Access` and `Facts`: no Flask, no queries, no role names.
`security.scope` holds the SQL twin of READ; tests prove that they agree.
Pasient- og brukarrettslova § 3-6, helsepersonellova § 21 ff. (confidentiality).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.vocabulary import Circle, ConsentStatus, Family, Level, LifeArea, Scope
from security.access import Access, Granted


class Action(StrEnum):
    READ = "read"
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the policy looks at in a row. Built twice for a change: before and after."""

    family: Family
    scope: Scope | None = None
    author_id: int | None = None
    responsible_id: int | None = None
    life_areas: frozenset[LifeArea] = frozenset()
    hidden_from_guardians: bool = False
    shielded_from: int | None = None  # one person, whatever else lets them in
    created_at: datetime | None = None
    readers: frozenset[int] | None = None  # None: not addressed to anyone in particular
    circle: Circle | None = None
    add_level: Level = Level.CONTRIBUTE
    delegated: frozenset[int] = frozenset()  # who writes this row, though no others like it
    consent_status: ConsentStatus | None = None
    look_by: int | None = None  # of a line in the log: who only looked
    home: int | None = None  # of what a second person confirms: the municipality
    waits: bool = False  # of the same: nobody has answered, and it is not too late
    changed: frozenset[str] = frozenset()
    needed: tuple[Facts, ...] = ()  # rows one must read to come near this one


Rule = Callable[[Access, Facts], bool]


class Forbidden(Exception):
    """The actor is known and the answer is no."""


# The owner's side


def is_owner(access: Access, row: Facts) -> bool:
    return access.owner and _is_not_kept_between_others(access, row)


def represents_the_owner(access: Access, row: Facts) -> bool:
    shown = not row.hidden_from_guardians and _is_not_kept_between_others(access, row)
    return access.representative and shown and _is_for_parents_too(access, row)


def sees_who_looked(access: Access, row: Facts) -> bool:
    """Those who act for somebody do not watch when that person reads."""
    return represents_the_owner(access, row) and row.look_by != access.owner_id


def decides(access: Access, row: Facts) -> bool:
    return access.decides


def gives_or_takes_back(access: Access, row: Facts) -> bool:
    return access.decides or access.withdraws


def takes_back(access: Access, row: Facts) -> bool:
    """Who signs may take it back; an owner of consent age always may."""
    ending = {"status", "ended_at", "revoked_at"}
    return access.decides or (access.withdraws and row.changed <= ending)


def pauses(access: Access, row: Facts) -> bool:
    """Whoever may take it back may shut somebody out for a while. What a pause that has ended
    opens again is the keys' own matter (security.agreement)."""
    return access.withdraws and is_author(access, row)


def ends_the_pause(access: Access, row: Facts) -> bool:
    return access.withdraws and row.changed <= {"ended_at", "ended_by_id"}


def holds_it(access: Access, row: Facts) -> bool:
    """Who has keys sees their own."""
    return bool(access.grants) and row.responsible_id == access.person_id


def leaves(access: Access, row: Facts) -> bool:
    """Everybody may go: one's own access is ended by oneself, and not that of others."""
    mine = row.responsible_id == access.person_id
    return mine and row.changed <= {"status", "revoked_at"}


def says_that_one_leaves(access: Access, row: Facts) -> bool:
    """Who goes leaves a record of it, while the own keys still open."""
    return holds_it(access, row)


def hides(access: Access, row: Facts) -> bool:
    """A row is kept from those who act for the owner by the coordinator, or by its author; never
    by one of those it would be kept from."""
    return not access.owners_side and (access.coordinator or is_author(access, row))


def _is_for_parents_too(access: Access, row: Facts) -> bool:
    """In a part that is open to who acts for the owner, or a message they are in themselves."""
    named = row.readers is not None and access.person_id in (row.author_id, *row.readers)
    return access.acts_in(row.scope) or named


def is_shielded(access: Access, row: Facts) -> bool:
    """A professional has kept the row from this very person; no grant opens it to them."""
    return row.shielded_from is not None and row.shielded_from == access.person_id


def is_kept_from(access: Access, row: Facts) -> bool:
    """Nothing is told of it: hidden from those who act for the owner, or from this one."""
    return is_shielded(access, row) or (access.representative and row.hidden_from_guardians)


def _is_not_kept_between_others(access: Access, row: Facts) -> bool:
    return row.circle is not Circle.COORDINATOR_ONLY or is_author(access, row)


# Grants


def has_any_grant(access: Access, row: Facts) -> bool:
    return bool(access.grants)


def may_read(access: Access, row: Facts) -> bool:
    return bool(grants_for(access, row, Level.READ)) and _is_addressed(access, row)


def may_add(access: Access, row: Facts) -> bool:
    return bool(grants_for(access, row, row.add_level)) and is_author(access, row)


def may_contribute(access: Access, row: Facts) -> bool:
    mine = is_author(access, row) or row.responsible_id == access.person_id
    return bool(grants_for(access, row, Level.CONTRIBUTE)) and (mine or _is_written_together(row))


def _is_written_together(row: Facts) -> bool:
    """How it is now in a life area is the text of all who contribute there; none of them takes
    away what somebody else has begun."""
    return row.scope is Scope.BACKGROUND and "removed_at" not in row.changed


def may_write(access: Access, row: Facts) -> bool:
    return bool(grants_for(access, row, Level.WRITE)) and _is_addressed(access, row)


def adds_what_is_left_to_them(access: Access, row: Facts) -> bool:
    """Leader and referent of a meeting: its points, and its minutes."""
    return is_author(access, row) and writes_what_is_left_to_them(access, row)


def writes_what_is_left_to_them(access: Access, row: Facts) -> bool:
    left = access.person_id in row.delegated
    return left and bool(grants_for(access, row, Level.CONTRIBUTE))


def is_author(access: Access, row: Facts) -> bool:
    return row.author_id == access.person_id


def _is_addressed(access: Access, row: Facts) -> bool:
    if row.circle is Circle.COORDINATOR_ONLY:
        return access.coordinator or is_author(access, row)
    everyone = row.readers is None or access.coordinator
    return everyone or is_author(access, row) or access.person_id in (row.readers or ())


def grants_for(access: Access, row: Facts, level: Level) -> tuple[Granted, ...]:
    """The live grants that cover `row` at `level` or above."""
    return tuple(
        g
        for g in access.grants
        if g.scope == row.scope
        and g.level.covers(level)
        and (len(g.life_areas) == len(LifeArea) or g.life_areas & row.life_areas)
        and (row.created_at is None or g.since <= row.created_at)
    )


# The coordinator without a grant: the shell


def coordinates(access: Access, row: Facts) -> bool:
    return access.coordinator


def prepares_the_draft(access: Access, row: Facts) -> bool:
    """Before the first signature a coordinator works on own rows only."""
    draft = access.status is access.status.DRAFT
    return draft and access.coordinator and is_author(access, row)


def talks_with_the_owners_side(access: Access, row: Facts) -> bool:
    return access.coordinator and row.circle is Circle.OWNERS_SIDE


def prepares_the_proposal(access: Access, row: Facts) -> bool:
    """Until it is signed; what ended stays ended (a trigger sees to that too)."""
    open_ = (None, ConsentStatus.DRAFT, ConsentStatus.SENT, ConsentStatus.SUPERSEDED)
    return access.coordinator and row.consent_status in open_


def lets_the_plan_follow(access: Access, row: Facts) -> bool:
    """Type and status, as the consent in force says (security.agreement), and with it the
    day by which an individual plan is evaluated the first time."""
    return access.decides and row.changed <= {"type", "status", "next_evaluation"}


def sets_the_next_evaluation(access: Access, row: Facts) -> bool:
    writes = access.coordinator and access.level(Scope.EVALUATION) is Level.WRITE
    return writes and row.changed <= {"next_evaluation"}


def describes_the_participant(access: Access, row: Facts) -> bool:
    described = {"role", "organisation", "why", "service_type_id", "status"}
    return access.coordinator and row.changed <= described


# What is not sent yet


def writes_it(access: Access, row: Facts) -> bool:
    """A draft is its writer's alone, as long as the part it is for may be written in; without
    a part it is the consent's, which is answered by the owner's side."""
    if row.scope is None:
        return is_author(access, row) and access.owners_side
    return is_author(access, row) and (
        access.owner
        or (access.representative and access.acts_in(row.scope, or_in_messages=True))
        or any(g.scope == row.scope and g.level.covers(Level.CONTRIBUTE) for g in access.grants)
        or _has_the_shell(access, row)
    )


def _has_the_shell(access: Access, row: Facts) -> bool:
    draft = access.status is access.status.DRAFT
    return access.coordinator and (draft or row.scope is Scope.MESSAGES)


# The second person, who has nothing else to do with the plan


def is_second_person(access: Access, row: Facts) -> bool:
    """One of those who confirm in the municipality, and not the one who asked. Who of them may
    say yes is security.second_person's."""
    here = access.confirms_in is not None and access.confirms_in == row.home
    return here and not is_author(access, row)


def compares_it(access: Access, row: Facts) -> bool:
    return is_second_person(access, row) and row.waits


_CHANGES: tuple[Rule, ...] = (
    is_owner,
    represents_the_owner,
    may_write,
    may_contribute,
    writes_what_is_left_to_them,
    prepares_the_draft,
)
POLICY: dict[tuple[Family, Action], tuple[Rule, ...]] = {  # any one rule is enough
    (Family.ELEMENT, Action.READ): (
        is_owner,
        represents_the_owner,
        may_read,
        prepares_the_draft,
        talks_with_the_owners_side,
    ),
    (Family.ELEMENT, Action.ADD): (
        is_owner,
        represents_the_owner,
        may_add,
        adds_what_is_left_to_them,
        prepares_the_draft,
        talks_with_the_owners_side,
    ),
    (Family.ELEMENT, Action.CHANGE): _CHANGES,
    (Family.PLAN, Action.READ): (is_owner, represents_the_owner, coordinates, has_any_grant),
    (Family.PLAN, Action.ADD): (coordinates,),
    (Family.PLAN, Action.CHANGE): (lets_the_plan_follow, sets_the_next_evaluation),
    (Family.TEAM, Action.READ): (is_owner, represents_the_owner, coordinates, has_any_grant),
    (Family.TEAM, Action.ADD): (coordinates,),
    (Family.TEAM, Action.CHANGE): (takes_back, describes_the_participant, leaves),
    (Family.PROPOSAL, Action.READ): (is_owner, represents_the_owner, coordinates),
    (Family.PROPOSAL, Action.ADD): (prepares_the_proposal,),
    (Family.PROPOSAL, Action.CHANGE): (takes_back, prepares_the_proposal),
    (Family.SIGNATURE, Action.READ): (is_owner, represents_the_owner, coordinates),
    (Family.SIGNATURE, Action.ADD): (decides,),
    (Family.OWNED, Action.READ): (is_owner, represents_the_owner),
    (Family.OWNED, Action.ADD): (decides,),
    (Family.EVIDENCE, Action.READ): (is_owner, represents_the_owner, coordinates),
    (Family.EVIDENCE, Action.ADD): (gives_or_takes_back, says_that_one_leaves),
    (Family.RECEIPT, Action.READ): (is_owner, represents_the_owner),  # made by the worker
    (Family.RECEIPT_COPY, Action.READ): (is_owner, represents_the_owner, coordinates),
    (Family.KEY, Action.READ): (is_owner, represents_the_owner, coordinates, holds_it),
    (Family.KEY, Action.ADD): (takes_back,),  # no more than all signed: security.agreement
    (Family.KEY, Action.CHANGE): (takes_back, leaves),
    (Family.PAUSE, Action.READ): (is_owner, represents_the_owner, coordinates),
    (Family.PAUSE, Action.ADD): (pauses,),
    (Family.PAUSE, Action.CHANGE): (ends_the_pause,),
    (Family.PAPER, Action.READ): (is_owner, represents_the_owner, coordinates, compares_it),
    (Family.PAPER, Action.ADD): (coordinates,),
    (Family.PAPER, Action.CHANGE): (is_second_person,),  # once, in time: security.paper_rules
    (Family.LOG, Action.READ): (is_owner, sees_who_looked),
    (Family.DRAFT, Action.READ): (writes_it,),
    (Family.DRAFT, Action.ADD): (writes_it,),
    (Family.DRAFT, Action.CHANGE): (writes_it,),
    (Family.DRAFT, Action.REMOVE): (is_author,),
}


def permits(access: Access | None, action: Action, row: Facts) -> bool:
    """May this person do this to such a row? A closed plan, and that of somebody who has
    died, can be read, not written; a part that is shut to the way they signed in is neither."""
    if access is None:
        return False
    if action is not Action.READ and not access.is_open:
        return False
    if row.scope is not None and row.scope not in access.parts:
        return False
    if is_shielded(access, row):
        return False
    if not all(permits(access, Action.READ, one) for one in row.needed):
        return False
    return any(rule(access, row) for rule in POLICY.get((row.family, action), ()))


def basis(access: Access | None, row: Facts) -> str:
    """Why the row is open, in the words of the access log."""
    if access is None:
        return "none"
    if access.owner:
        return "owner"
    if access.representative:
        return "representation"
    if row.family is Family.PAPER and not access.coordinator:
        return "second_person" if is_second_person(access, row) else "none"
    grants = grants_for(access, row, Level.READ)
    if grants:
        return f"grant:{grants[0].id}"
    if row.scope is None and access.grants:
        return f"grant:{access.grants[0].id}"
    return "appointment" if access.coordinator else "none"


# Minutes


def writes_minutes(access: Access | None, row: Facts, *, finished: bool) -> bool:
    """Who writes them; when they are finished their author, who puts words right. The owner's
    side remarks instead, unless it is theirs to write."""
    if access is None or not permits(access, Action.CHANGE, row):
        return False
    mine = is_author(access, row)
    if finished or access.owners_side:
        return mine or (not finished and access.person_id in row.delegated)
    return True


def lets_minutes_go(access: Access | None) -> bool:
    """The owner's day is the owner's to end."""
    return access is not None and access.owners_side and access.is_open


# Who is reached by a notice

TRACED = frozenset({"meeting", "minutes", "consent", "reminder"})
"""Notices of which one sees who is reached; of the others it is nobody's business."""


def follows_up(access: Access | None, kind: str) -> bool:
    """Whether somebody sees who is reached, and sees to it: the coordinator, and for meetings
    those who may call one in their job. How others are told is not shown to who sees as them."""
    if access is None or not access.is_open or access.is_seen or kind not in TRACED:
        return False
    calls = not access.owners_side and access.level(Scope.MEETINGS) is Level.WRITE
    return access.coordinator or (calls and kind in ("meeting", "minutes"))
