"""The deadlines a municipality starts with (leverte fristar), and those it has.

Half a year between evaluations and a month to answer are said elsewhere; what is a number of days
here is the field's custom, and the municipality's to change.
"""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.orm import Session

from models.deadline_rule import DeadlineKind, DeadlineRule
from services.ending import WARNED
from services.equipping import fill

SHIPPED: dict[DeadlineKind, dict[str, int | None]] = {
    DeadlineKind.ANSWER: {"days": None, "warn_before": 7, "escalate_after": 1},
    DeadlineKind.COMPLAINT: {"days": 14, "warn_before": 4, "escalate_after": 1},
    DeadlineKind.NOMINATION: {"days": 14, "warn_before": 4, "escalate_after": 1},
    DeadlineKind.FIRST_MEETING: {"days": 30, "warn_before": 10, "escalate_after": 14},
    DeadlineKind.EVALUATION: {"days": None, "warn_before": 14, "escalate_after": 30},
    DeadlineKind.MEETING: {"days": 183, "warn_before": 14, "escalate_after": 30},
    DeadlineKind.DUTY: {"days": None, "warn_before": 14, "escalate_after": 1},
    DeadlineKind.CONSENT: {"days": None, "warn_before": max(WARNED), "escalate_after": 1},
}
TOLD_ELSEWHERE = frozenset({DeadlineKind.CONSENT})
"""Kinds whose notices beforehand have their own days (services.ending): they only escalate here."""
_R = cast(Table, DeadlineRule.__table__)


def rows_for(municipality_id: int, known: set[str]) -> list[dict[str, Any]]:
    """The rules a municipality lacks."""
    missing = [kind for kind in DeadlineKind if kind not in known]
    return [{"municipality_id": municipality_id, "kind": k, **SHIPPED[k]} for k in missing]


def equip(connection: Connection) -> None:
    """Give every municipality the rules it has not got; those it has stay as they are."""
    fill(connection, _R, "kind", rows_for)


def rules(session: Session, municipality_id: int) -> dict[DeadlineKind, DeadlineRule]:
    """Each kind has one, from the release that brought it on."""
    here = select(DeadlineRule).where(DeadlineRule.municipality_id == municipality_id)
    return {rule.kind: rule for rule in session.scalars(here)}


def days_for(session: Session, municipality_id: int, kind: DeadlineKind) -> int:
    """How many days one has for it. `kind`: one whose length is a number of days."""
    rule = rules(session, municipality_id).get(kind)
    return (rule.days if rule else None) or SHIPPED[kind]["days"] or 0
