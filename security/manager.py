"""FAB's security manager, asked about the active membership only (rolle i kommunen)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Request, g
from flask import session as login
from flask_appbuilder.security.sqla import models as fab
from flask_appbuilder.security.sqla.manager import SecurityManager
from flask_login import LoginManager, UserMixin
from sqlalchemy import Engine, select

from models.vocabulary import Role
from security.actor import Actor
from security.roles import OWN_ACCOUNT, Permission, permissions


class SignedIn(UserMixin):  # type: ignore[misc]
    """Who Flask-Login and FAB meet: the actor of this session, no row of any table."""

    roles: tuple[()] = ()
    groups: tuple[()] = ()

    def __init__(self, actor: Actor) -> None:
        self.id, self.username, self.actor = actor.account_id, actor.name, actor


class OutdatedRoles(Exception):
    """The role tables differ from the declaration: run the release command."""


class MembershipRoles(SecurityManager):  # type: ignore[misc]
    """Permissions from the actor's roles in one municipality, never from `ab_user_role`.

    The tables are read once a process: the release command writes them, and a web
    process that was started before a release is replaced by it.
    """

    def __init__(self, appbuilder: Any) -> None:
        super().__init__(appbuilder)
        self.granted: dict[Role, frozenset[Permission]] = {}

    def create_login_manager(self, app: Flask) -> LoginManager:
        manager = super().create_login_manager(app)
        manager.request_loader(_signed_in)
        manager.session_protection = None  # the session is ours and has a token of its own
        return manager

    def load(self, engine: Engine) -> None:
        """Read the role tables. Raises: OutdatedRoles."""
        with engine.connect() as connection:
            self.granted = {role: _stored(connection, role) for role in Role}
        if self.granted != {role: permissions(role) for role in Role}:
            raise OutdatedRoles("run the release command: python -m deploy.release")

    def has_access(self, permission_name: str, view_name: str) -> bool:
        actor: Actor | None = g.get("actor")
        if actor is None:
            return False
        wanted = (permission_name, view_name)
        return wanted in OWN_ACCOUNT or any(
            wanted in self.granted.get(role, ()) for role in actor.roles
        )

    def register_views(self) -> None:
        """None of FAB's own: signing in, accounts and roles are pages of ours."""


def _signed_in(_request: Request) -> SignedIn | None:
    actor: Actor | None = getattr(login, "actor", None)
    return SignedIn(actor) if actor else None


def _stored(connection: Any, role: Role) -> frozenset[Permission]:
    pair, link = fab.PermissionView.__table__, fab.assoc_permissionview_role
    verb, view, roles = fab.Permission.__table__, fab.ViewMenu.__table__, fab.Role.__table__
    rows = connection.execute(
        select(verb.c.name, view.c.name.label("view"))
        .select_from(link)
        .join(roles, roles.c.id == link.c.role_id)
        .join(pair, pair.c.id == link.c.permission_view_id)
        .join(verb, verb.c.id == pair.c.permission_id)
        .join(view, view.c.id == pair.c.view_menu_id)
        .where(roles.c.name == str(role))
    )
    return frozenset((row.name, row.view) for row in rows)
