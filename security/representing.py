"""What a representation gives, in SQL (representasjon): models.representation_rules, for every
statement that asks who acts for whom.

Each function takes the columns it is asked of: of the class, of an alias, or of its table. All
words of ours are written out, so that the statement is the same for everybody and every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    and_,
    case,
    exists,
    literal_column,
    or_,
    true,
)

from models.representation_rules import RULES, STANDS_BACK_FOR, Rule, Until
from models.vocabulary import Capacity, Mandate

Condition = ColumnElement[bool]


def word(constant: StrEnum) -> Any:
    """A constant of ours, written out: a bound one is prepared anew at every execution,
    and an IN over bound ones has its SQL put together anew too."""
    return literal_column(f"'{constant.value}'", type_=String())


def reads(r: Any, plan: Any, now: Any, day: Any) -> Condition:
    """Whether a representation opens the plan. `now`, `day`: values, or what stands for them."""
    return _gives(lambda rule: rule.reads, RULES, r, plan, now, day)


def signs(r: Any, plan: Any, now: Any, day: Any) -> Condition:
    """Whether it is of a kind that signs now, also where another signs in its place."""
    return _gives(lambda rule: rule.signs, RULES, r, plan, now, day)


def decides(r: Any, plan: Any, now: Any, day: Any, other: Any) -> Condition:
    """Whether it signs, and nobody does so in its place. `other`: one more alias of the table."""
    return and_(signs(r, plan, now, day), ~stands_back(r, plan, now, day, other))


def stands_back(r: Any, plan: Any, now: Any, day: Any, other: Any) -> Condition:
    """Whether somebody of another kind signs in its place."""
    o = other.c if isinstance(other, FromClause) else other

    def somebody(kinds: Iterable[Capacity]) -> Condition:
        current = _gives(lambda rule: rule.signs, kinds, o, plan, now, day)
        return exists().where(o.person_id == plan.person_id, current).correlate_except(other)

    return or_(
        *(
            and_(_is_one(r, [kind]), somebody(sorted(others)))
            for kind, others in STANDS_BACK_FOR.items()
            if others
        )
    )


def rank(r: Any) -> Any:
    """To order by, when somebody is several things to one owner: what decides most, first."""
    lasting = [kind for kind, rule in RULES.items() if rule.signs is Until.ENDED]
    back = [kind for kind, others in STANDS_BACK_FOR.items() if others]
    return case((_is_one(r, lasting), 0), (_is_one(r, back), 2), else_=1)


def _gives(
    what: Callable[[Rule], Until], kinds: Iterable[Capacity], r: Any, plan: Any, now: Any, day: Any
) -> Condition:
    """Verified and current, and one of `kinds` that the table says so of."""
    holds = (
        r.verified_at.is_not(None),
        r.starts_at <= now,
        or_(r.ends_at.is_(None), r.ends_at > now),
    )
    alike: dict[tuple[Any, ...], list[Capacity]] = {}
    for kind in kinds:
        rule = RULES[kind]
        if what(rule) is not Until.NEVER:
            alike.setdefault(_what_it_takes(rule, what(rule)), []).append(kind)
    some = (
        and_(_is_one(r, group), *_takes(RULES[group[0]], what(RULES[group[0]]), r, plan, day))
        for group in alike.values()
    )
    return and_(*holds, or_(*some))


def _what_it_takes(rule: Rule, until: Until) -> tuple[Any, ...]:
    """Kinds of which this is the same share their condition."""
    return until, rule.second_person, rule.personal_matters, rule.competence_decision


def _takes(rule: Rule, until: Until, r: Any, plan: Any, day: Any) -> Iterable[Condition]:
    """The conditions of the table, of one kind."""
    if until is Until.OWNER_DECIDES:  # and of a grown-up who cannot decide no parent does
        yield and_(plan.owner_decides_from > day, plan.guardian_until > day)
    elif until is Until.MAJORITY:
        yield plan.guardian_until > day
    if rule.competence_decision:
        yield and_(plan.guardian_until <= day, plan.owner_decides_from > day)
    if rule.second_person:
        yield r.confirmed_at.is_not(None)
    if rule.personal_matters:
        yield or_(r.mandate == word(Mandate.PERSONAL), r.mandate == word(Mandate.BOTH))
    yield true()


def _is_one(r: Any, kinds: Iterable[Capacity]) -> Condition:
    return or_(*(r.capacity == word(kind) for kind in kinds))
