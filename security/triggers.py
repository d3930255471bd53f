"""Triggers (utløysarar): what the database refuses whoever asks, on both databases.

Kept as a list and re-made after every migration: Alembic's batch mode on SQLite
rebuilds tables and silently drops their triggers. SQLite must connect with
`recursive_triggers=ON`, or REPLACE deletes without meeting the DELETE trigger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Table, inspect

import models.everything  # noqa: F401  (all tables must be there)
from models.base import Bound, Model
from models.elements import PlanElement, elements
from models.marks import MARKS

APPEND_ONLY = (
    "access_event",
    "register_event",
    "signature",
    "signature_answer",
    "outside_answer",
    "hearing",
    "signature_record",
    "signature_proof",
    "element_version",
    "agreement_acceptance",
    "former_decision",
)
BELONGING = {"id", "uid", "plan_id", "person_id", "author_id", "municipality_id"}
"""What decides whose a row is; what else a class calls immutable is the guard's to refuse."""
KEPT = (
    "consent", "consent_line", "access_grant", "outside_line", "outside_grant", "pause",
    "participant", "plan", "user_agreement", "receipt", "receipt_copy", "paper_consent", "portrait",
    "goal_picture",
    "attachment",
)  # fmt: skip
_REFUSE = """
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One trigger: what it is called, before what, on which rows ({new}/{old} differ), and why."""

    name: str
    table: str
    verb: str
    why: str
    when: str = ""

    def sqlite(self) -> str:
        when = f"WHEN {self.when.format(differs='IS NOT')} " if self.when else ""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{self.why}'); END"
        )

    def postgresql(self) -> str:
        when = f"WHEN ({self.when.format(differs='IS DISTINCT FROM')}) " if self.when else ""
        each = "STATEMENT" if self.verb == "TRUNCATE" else "ROW"
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.verb} ON {self.table} FOR EACH {each} "
            f"{when}EXECUTE FUNCTION refuse('{self.why}')"
        )


def refusals() -> Iterator[Refusal]:
    """Everything the database refuses."""
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            yield _refuse(table, verb, f"{table} is append-only")
    for kept in (*KEPT, *(cls.__tablename__ for cls in elements())):
        for verb in ("DELETE", "TRUNCATE"):
            yield _refuse(kept, verb, f"rows of {kept} are ended, not deleted")
    yield from _stays()
    yield Refusal(
        "plan_never_becomes_less", "plan", "UPDATE", "a plan never becomes a lesser one",
        "NEW.type {differs} OLD.type AND NOT (OLD.type = 'simple_collaboration' "
        "AND NEW.type = 'individual_plan') AND NOT (OLD.type = 'relay_log' "
        "AND NEW.type = 'individual_plan') AND NOT (OLD.type = 'meeting_log' "
        "AND NEW.type = 'simple_collaboration')",
    )  # fmt: skip
    yield Refusal(
        "consent_stays_ended", "consent", "UPDATE", "an ended consent stays ended",
        "OLD.status IN ('superseded', 'withdrawn', 'expired') AND NEW.status {differs} OLD.status",
    )  # fmt: skip
    yield Refusal(
        "person_stays_merged", "person", "UPDATE", "a row that is closed is never opened",
        "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id {differs} OLD.merged_into_id",
    )  # fmt: skip
    yield Refusal(
        "access_grant_only_ends", "access_grant", "UPDATE", "a grant is ended, never widened",
        _any_differs("person_id", "scope", "level", "life_areas", "since", "starts_at", "ends_at")
        + " OR OLD.revoked_at IS NOT NULL",
    )  # fmt: skip
    yield Refusal(
        "outside_grant_only_ends", "outside_grant", "UPDATE", "a grant is ended, never widened",
        _any_differs("line_id", "ways", "starts_at", "ends_at") + " OR OLD.revoked_at IS NOT NULL",
    )  # fmt: skip
    yield Refusal(
        "user_agreement_stays_published", "user_agreement", "UPDATE",
        "a published agreement is never changed",
        "OLD.published_at IS NOT NULL AND ("
        + _any_differs("version", "words", "published_at", "published_by_id") + ")",
    )  # fmt: skip
    yield Refusal(
        "consent_text_stays_approved", "consent_text", "UPDATE",
        "an approved text is never changed",
        "OLD.approved_at IS NOT NULL AND ("
        + _any_differs(
            "plan_type", "language", "version", "body", "details", "starts_on", "approved_at",
            "approved_by_id",
        )
        + ")",
    )  # fmt: skip
    for file, of in (("receipt", "signature_id"), ("receipt_copy", "consent_id")):
        yield Refusal(
            f"{file}_is_finished", file, "UPDATE", "a sealed file is finished",
            _any_differs(of, "digest"),  # what it holds is encrypted anew with a new key
        )  # fmt: skip
    yield Refusal(
        "paper_consent_is_finished", "paper_consent", "UPDATE", "what is on paper is finished",
        _any_differs("consent_id", "signed_on", "until", "scan_kind", "scan_digest", "asked_at"),
    )  # fmt: skip
    yield Refusal(
        "paper_consent_stays_answered", "paper_consent", "UPDATE", "an answer is never changed",
        "OLD.confirmed IS NOT NULL AND ("
        + _any_differs("confirmed", "overtaken", "answered_by_id", "answered_at") + ")",
    )  # fmt: skip
    yield Refusal(
        "attachment_is_finished", "attachment", "UPDATE", "a file that is sent is finished",
        _any_differs("message_id", "kind", "size", "digest"),  # the rest is encrypted anew
    )  # fmt: skip
    yield from map(_locked, elements())


def _refuse(table: str, verb: str, why: str) -> Refusal:
    return Refusal(f"{table}_refuses_{verb.lower()}", table, verb, why)


def _stays() -> Iterator[Refusal]:
    """A row goes on belonging to whom it did: the guard's own declaration, kept here too."""
    for mapper in sorted(Model.registry.mappers, key=lambda m: m.class_.__name__):
        if issubclass(mapper.class_, Bound) and mapper.class_.__tablename__ not in APPEND_ONLY:
            table = mapper.class_.__table__  # type: ignore[attr-defined]
            fixed = sorted(mapper.class_.immutable & BELONGING & set(table.c.keys()))
            yield Refusal(
                f"{table.name}_stays", table.name, "UPDATE",
                "rows do not move to another plan, person or municipality", _any_differs(*fixed),
            )  # fmt: skip


def _any_differs(*columns: str) -> str:
    return " OR ".join(f"NEW.{c} {{differs}} OLD.{c}" for c in columns)


def _locked(cls: type[PlanElement]) -> Refusal:
    """Words that may be put right are so by a new version, whose old one is kept."""
    table, corrected = cast(Table, cls.__table__), sorted(cls.element.corrected)
    free = {*MARKS, "version", "hidden_because", *corrected} | BELONGING
    changed = _any_differs(*(c.name for c in table.c if c.name not in free))
    if corrected:
        changed += f" OR (({_any_differs(*corrected)}) AND NEW.version <= OLD.version)"
    when = f"OLD.locked_at IS NOT NULL AND ({changed})"
    return Refusal(f"{table.name}_stays_locked", table.name, "UPDATE", "the row is finished", when)


def wanted(dialect: str) -> dict[str, str]:
    """Trigger name -> the statement that makes it; SQLite knows no TRUNCATE."""
    if dialect == "sqlite":
        return {r.name: r.sqlite() for r in refusals() if r.verb != "TRUNCATE"}
    return {r.name: r.postgresql() for r in refusals()}


def install(connection: Connection) -> None:
    """Make all triggers anew; called after every step up or down of the schema.

    An older schema has fewer tables and columns than the models: what it has is guarded,
    and its own release makes the rest.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_REFUSE.replace("%", "%%"))
    remove(connection)
    there = _columns(connection)
    statements = wanted(connection.dialect.name)
    for refusal in refusals():
        needed = set(re.findall(r"NEW\.(\w+)", refusal.when))
        known = refusal.table in there and needed <= there[refusal.table]
        if known and refusal.name in statements:
            connection.exec_driver_sql(statements[refusal.name])


def _columns(connection: Connection) -> dict[str, set[str]]:
    """Table -> its columns, as the database has them."""
    found = inspect(connection).get_multi_columns()
    return {table: {c["name"] for c in columns} for (_, table), columns in found.items()}


def remove(connection: Connection) -> None:
    """Take away all triggers of ours; called before a table is rebuilt or dropped."""
    for name, table in live(connection).items():
        on = f" ON {table}" if connection.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"{on}')


def live(connection: Connection) -> dict[str, str]:
    """Name -> table of the triggers the database really has."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "WHERE NOT tgisinternal"
        )
    return {name: table for name, table in connection.exec_driver_sql(query)}
