"""Rows of an element (radene i ein plandel), as SQL: whose eyes they are open to.

The twin of the element rules of security.policy; security.scope says which class is which.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from models.base import (
    EVERYTHING,
)
from models.consent import Grant
from models.elements import PlanElement, Readers, Related, elements
from models.vocabulary import Circle, PlanStatus, Scope
from security.acting import (
    ME,
    NOW,
    PARTS,
)
from security.representing import word
from security.standing import Condition, coordinated, granted, own, represented


def element_criterion(cls: type[PlanElement], row: Any) -> Condition:
    """Rows of one element: owner, representative, grant that covers the row, own draft."""
    scope, named = cls.element.scope, _is_named(cls, row)
    circle = getattr(row, "circle", None)
    in_it = None if named is None else or_(row.author_id == ME, named)
    needs = (_needed(one, row) for one in cls.relations.values() if one.needed)
    content = _content(row, word(scope), _bit(scope), circle, named, in_it)
    return and_(_open(scope), content, *needs)


def _needed(to: Related, row: Any) -> Condition:
    """Rows that point at nothing, or at what the actor reads."""
    return or_(getattr(row, to.key).is_(None), follows(to.target, to.key, row))


def _open(scope: Scope) -> Condition:
    """Whether the part is open to the way the actor has signed in."""
    opened: Condition = PARTS.op("&")(_bit(scope)) != literal_column("0")
    return opened


def _bit(scope: Scope) -> Any:
    return literal_column(str(1 << list(Scope).index(scope)))


def bit_of(row: Any) -> Any:
    """The same, of a row that says which part it is in."""
    bits = ((row.scope == word(scope), _bit(scope)) for scope in Scope)
    return case(*bits, else_=literal_column("0"))


def part_open(row: Any) -> Condition:
    """The same, of a row that says which part it is in."""
    return or_(*(and_(row.scope == word(scope), _open(scope)) for scope in Scope))


def _named(cls: type[PlanElement], row: Any) -> Condition | None:
    """Rows that name the actor as a reader; None for an element that is for everybody."""
    if cls.audience is None:
        return None
    to = cls.audience.table.__table__.alias("addressed")
    mine = select(to.c[cls.audience.key]).where(to.c.person_id == ME, *_still(cls.audience, to))
    named: Condition = getattr(row, cls.audience.column).in_(mine)
    return _when_open(cls.audience, row, named)


def _when_open(audience: Readers, row: Any, named: Condition) -> Condition:
    """Those named read it from its moment on; those who write it, all the time."""
    if not audience.opens:
        return named
    assert audience.written_in is not None
    w = audience.written_in.__table__.alias("written_in")
    of_it = w.c.id == getattr(row, audience.column)
    writes = exists().where(of_it, or_(*(w.c[name] == ME for name in audience.writers)))
    return or_(and_(getattr(row, audience.opens) <= NOW, named), writes.correlate_except(w))


def _is_named(cls: type[PlanElement], row: Any) -> Condition | None:
    """The same of a row at hand: one look-up, however many name the actor."""
    if cls.audience is None:
        return None
    to = cls.audience.table.__table__.alias("addressed")
    of_it = to.c[cls.audience.key] == getattr(row, cls.audience.column)
    named = exists().where(of_it, to.c.person_id == ME, *_still(cls.audience, to))
    return _when_open(cls.audience, row, named.correlate_except(to))


def _still(audience: Readers, to: Any) -> tuple[Condition, ...]:
    """Who was to come and need not is named no more."""
    return (to.c[audience.but[0]] != word(audience.but[1]),) if audience.but else ()


def _content(
    row: Any,
    scope: Any,
    bit: Any,
    circle: Any,
    named: Condition | None,
    in_it: Condition | None,
) -> Condition:
    """in_it: rows addressed to some, of whom the actor is one, or wrote it: those are read in a
    part that is shut to parents too."""
    g = Grant.__table__.alias("g")
    covers = and_(
        g.c.scope == scope,
        or_(
            g.c.life_areas == literal_column(str(EVERYTHING)),
            g.c.life_areas.op("&")(row.life_areas) != literal_column("0"),
        ),
        g.c.since <= row.created_at,
    )
    mine, shown = row.author_id == ME, row.hidden_from_guardians.is_(False)
    acts = represented(row.plan_id, bit)
    if in_it is not None:
        acts = or_(acts, and_(represented(row.plan_id), in_it))
    side = or_(own(row.plan_id), and_(shown, acts))
    by_grant = granted(row.plan_id, covers, g=g)
    draft = and_(mine, coordinated(row.plan_id, PlanStatus.DRAFT))
    if named is None:
        return and_(unshielded(row), or_(side, by_grant, draft))
    leads = coordinated(row.plan_id)
    if circle is None:
        named_or_mine = and_(by_grant, or_(mine, named, leads))
        return and_(unshielded(row), or_(side, named_or_mine, draft))
    open_ = func.coalesce(circle, Circle.CHOSEN.value) != Circle.COORDINATOR_ONLY.value
    return and_(
        unshielded(row),
        or_(
            and_(side, or_(open_, mine)),
            and_(by_grant, or_(mine, leads, and_(open_, named))),
            draft,
            and_(circle == Circle.OWNERS_SIDE, leads),
        ),
    )


def unshielded(row: Any) -> Condition:
    """The twin of `is_shielded`."""
    shut: Condition = row.shielded_from_id == ME
    return or_(row.shielded_from_id.is_(None), ~shut)


def shadow_criterion(row: Any) -> Condition:
    """Rows of the index: as open as the row they follow, whose marks they carry."""
    for_all = and_(*(row.key != cls.element.key for cls in elements() if cls.audience))
    named = []
    for cls in elements():
        if cls.audience:
            source = cls.__table__.alias(f"of_{cls.element.key}")
            rows = select(source.c.id).where(_named(cls, source.c))  # type: ignore[arg-type]
            named.append(and_(row.key == cls.element.key, row.row_id.in_(rows)))
    in_it = or_(and_(~for_all, row.author_id == ME), *named)
    readers = or_(for_all, *named)
    open_ = _content(row, row.scope, bit_of(row), row.circle, readers, in_it)
    return and_(part_open(row), open_)


def version_criterion(row: Any) -> Condition:
    """What a row was is as open as what it is now: written before it was hidden, or moved
    to another life area, it is shut with the row. (Versions are never rewritten.)"""
    return or_(*(follows(cls, "row_id", row) & (row.key == cls.element.key) for cls in elements()))


def follows(table: type[PlanElement], key: str, row: Any) -> Condition:
    """As open as the element the row points at (a recipient, an invitee)."""
    target = table.__table__.alias(f"followed_{table.__tablename__}")  # one may follow another
    of_it = (target.c.id == getattr(row, key), element_criterion(table, target.c))
    return exists().where(*of_it).correlate_except(target)
