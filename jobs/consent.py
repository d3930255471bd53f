"""`flask --app app consent verify PLAN`: whether what was signed still stands (kontroll)."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import Engine

from security.session import SystemSession
from services.evidence_check import check


@click.group()
def consent() -> None:
    """What people have signed."""


@consent.command()
@click.argument("plan", type=int)
@with_appcontext
def verify(plan: int) -> None:
    """Check all evidence of one plan, by its number; the exit status is 1 when something does
    not hold, and the last line says what. Names nobody."""
    engine: Engine = current_app.extensions["sqlalchemy"].engine
    seen = 0
    with SystemSession(engine, because="verifying evidence") as session:
        for found in check(session, plan):
            if found.wrong:
                click.echo(f"BROKEN {found.what}: {found.wrong}")
                raise SystemExit(1)
            click.echo(f"holds  {found.what}")
            seen += 1
    click.echo(f"Plan {plan}: {seen} checked, all hold." if seen else f"Plan {plan}: no evidence.")
