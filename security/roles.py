"""Roles and what they may try (roller): one declaration, synced into FAB's tables.

A permission opens a page, never a row: rows of a plan are the policy's matter, rows of
a register the municipality's. Content roles may try every page of a plan. The office's
may try none of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_appbuilder.security.sqla import models as fab
from sqlalchemy import Connection, Table, delete, insert, select

from models.vocabulary import Role

READ = ("list", "show")
WRITE = (*READ, "add", "edit")
FULL = (*WRITE, "delete")
OUT = ("export",)
"""To take a register out as a file, which is then outside what this house can guard."""

CONTENT_ROLES = (Role.OWNER, Role.REPRESENTATIVE, Role.COORDINATOR, Role.PARTICIPANT)
PLAN = "Plan"
"""The one name under which all pages inside a plan ask."""
CONTENT_VERBS = (*FULL, "read", "write")

REGISTERS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.COORDINATOR: {
        "Registration": ("read", "write"),
        "Invitation": ("list", "edit"),
        "Training": ("read", "write"),
        "Guidance": ("write",),
        "Deadlines": ("list",),
    },
    Role.COORDINATING_UNIT: {
        "PlanRegister": (*READ, *OUT),
        "Request": ("list", "show", "add", "edit"),
        "Numbers": (*READ, *OUT),
        "Deadlines": ("list",),
        "Duty": WRITE,
        "Settings": ("list",),
        "DeadlineRule": ("list", "show", "edit"),
        "CaseRule": ("list", "show", "edit"),
        "Nomination": ("list", "show", "edit"),
        "Course": (*FULL, *OUT),
        "Attendance": ("list", "add", "edit", *OUT),
        "Invitation": ("list", "edit"),
        "Undelivered": ("list", "edit"),
        "Appointment": (*WRITE, *OUT),
        "Succession": ("edit",),
        "CoordinatorProfile": ("edit",),
        "Person": (*WRITE, *OUT),
        "Merging": ("list", "add", "edit"),
        "Representation": ("list", "show", "edit"),
        "CompetenceDecision": WRITE,
        "SigningException": ("list", "show", "edit"),
        "Confirmation": ("list", "edit"),
        "Department": (*FULL, *OUT),
        "ServiceType": (*FULL, *OUT),
        "LifeAreaName": WRITE,
        "PlanTypeName": WRITE,
        "EvaluationQuestion": WRITE,
        "ConsentText": WRITE,
        "UserAgreement": ("list", "show", "add"),
        "HelpText": ("list", "show", "edit"),
        "NoticeText": ("list", "show", "edit"),
        "LetterText": ("list", "show", "edit"),
        "MessageTemplate": FULL,
        "CoordinatorFeedback": READ,
    },
    Role.COMPETENCE_GROUP: {"Course": READ},
    Role.LEADER: {
        "PlanRegister": READ,
        "Numbers": ("list",),
        "Deadlines": ("list",),
        "Nomination": ("list", "show", "edit"),
        "Appointment": WRITE,
        "CoordinatorProfile": ("edit",),
        "Rights": ("list", "edit"),
        "Confirmation": ("list", "edit"),
    },
    Role.ADMINISTRATOR: {
        "Municipality": ("list", "show", "edit"),
        "Deadlines": ("list",),
        "Duty": WRITE,
        "Settings": ("list",),
        "Department": (*FULL, *OUT),
        "Person": (*WRITE, *OUT),
        "Merging": ("list", "add", "edit"),
        "Account": WRITE,
        "Invitation": ("list", "edit"),
        "Rights": ("list", "add", "edit"),
        "Undelivered": ("list", "edit"),
        "PlanRegister": READ,
        "ServiceType": (*FULL, *OUT),
        "LifeAreaName": WRITE,
        "PlanTypeName": WRITE,
        "EvaluationQuestion": WRITE,
        "NoticeText": ("list", "show", "edit"),
        "LetterText": ("list", "show", "edit"),
        "MessageTemplate": FULL,
        "ConsentText": WRITE,
        "UserAgreement": ("list", "show", "add"),
    },
}
Permission = tuple[str, str]
OWN_ACCOUNT: frozenset[Permission] = frozenset(
    {("can_read", "Account page"), ("can_write", "Account page")}
)
"""What everybody may who has signed in, even without a role: come in, and get out again."""


def permissions(role: Role) -> frozenset[Permission]:
    """(FAB permission, view name) pairs of one role."""
    return frozenset(_permissions(role))


def _permissions(role: Role) -> Iterator[Permission]:
    if role in CONTENT_ROLES:
        yield from ((f"can_{verb}", PLAN) for verb in CONTENT_VERBS)
    for view, verbs in REGISTERS.get(role, {}).items():
        yield from ((f"can_{verb}", view) for verb in verbs)


def synchronise(connection: Connection) -> None:
    """Make FAB's role tables say what this file says; idempotent, adds and removes.

    The caller holds the release lock (deploy.release), so that two never meet here.
    """
    permission, view, pair, role_table, link = (
        _table(fab.Permission), _table(fab.ViewMenu), _table(fab.PermissionView),
        _table(fab.Role), fab.assoc_permissionview_role,
    )  # fmt: skip
    wanted = {role: permissions(role) for role in Role}
    verbs = _ids(connection, permission, {v for ps in wanted.values() for v, _ in ps})
    views = _ids(connection, view, {n for ps in wanted.values() for _, n in ps})
    roles = _ids(connection, role_table, {str(role) for role in Role})
    keys = {(verbs[v], views[n]) for ps in wanted.values() for v, n in ps}
    stored = {(r.permission_id, r.view_menu_id): r.id for r in connection.execute(select(pair))}
    for verb_id, view_id in sorted(keys - stored.keys()):
        connection.execute(insert(pair).values(permission_id=verb_id, view_menu_id=view_id))
    stored = {(r.permission_id, r.view_menu_id): r.id for r in connection.execute(select(pair))}
    links = {
        (roles[str(role)], stored[verbs[v], views[n]]) for role, ps in wanted.items() for v, n in ps
    }
    existing = {(r.role_id, r.permission_view_id) for r in connection.execute(select(link))}
    for role_id, pair_id in sorted(links - existing):
        connection.execute(insert(link).values(role_id=role_id, permission_view_id=pair_id))
    for role_id, pair_id in sorted(existing - links):
        gone = (link.c.role_id == role_id) & (link.c.permission_view_id == pair_id)
        connection.execute(delete(link).where(gone))


def _table(cls: type) -> Table:
    table: Table = cls.__table__  # type: ignore[attr-defined]
    return table


def _ids(connection: Connection, table: Table, names: set[str]) -> dict[str, int]:
    have = {row.name: row.id for row in connection.execute(select(table.c.id, table.c.name))}
    for name in sorted(names - have.keys()):
        connection.execute(insert(table).values(name=name))
    return {row.name: row.id for row in connection.execute(select(table.c.id, table.c.name))}
