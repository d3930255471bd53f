"""Many plans, for measuring (frødata): `make seed PLANS=10000`.

Each plan has 8 participants, 24 grants, 6 goals with 3 activities each and 30 messages; a
coordinator has 40 plans. Rows are written past the session, as nobody ever wrote them.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, create_engine, insert, select, text

import config
from deploy.demo import fill
from models.clock import months_later, today, utcnow
from models.database import WRITING, prepare
from models.everything import METADATA
from models.folding import fold
from models.vocabulary import (
    Circle,
    ConsentStatus,
    Level,
    LifeArea,
    Package,
    ParticipantStatus,
    PlanStatus,
    PlanType,
    Scope,
)

TEAM, GOALS, ACTIVITIES, MESSAGES, A_COORDINATOR = 8, 6, 3, 30, 40
SCOPES = (Scope.GOALS, Scope.MESSAGES, Scope.MEETINGS)
CHUNK = 100
ALL = frozenset(LifeArea)


class Rows:
    """Rows waiting to be written, with keys given here."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.waiting = connection, {}  # type: ignore[var-annotated]
        self.keys: dict[str, Any] = {}

    def add(self, to: str, /, **values: Any) -> int:
        table = METADATA.tables[to]
        if to not in self.keys:
            newest = self.connection.execute(select(text("max(id)")).select_from(table)).scalar()
            self.keys[to] = count((newest or 0) + 1)
        key = next(self.keys[to])
        self.waiting.setdefault(to, []).append({"id": key, "uid": str(uuid4()), **values})
        return int(key)

    def write(self) -> None:
        for table in METADATA.sorted_tables:
            rows = self.waiting.pop(table.name, None)
            if rows:
                self.connection.execute(insert(table), rows)


def seed(connection: Connection, plans: int) -> None:
    """Write `plans` plans into the first municipality."""
    municipality: Table = METADATA.tables["municipality"]
    home = (
        connection.execute(select(municipality.c.id).order_by(municipality.c.id)).scalars().first()
    )
    rows = Rows(connection)
    staff = [
        rows.add("person", municipality_id=home, name=f"Tilsett {n}", shielded=False)
        for n in range(max(TEAM, plans // A_COORDINATOR) + TEAM)
    ]
    for number in range(plans):
        _plan(rows, home or 1, number, staff)
        if number % CHUNK == CHUNK - 1:
            rows.write()
    rows.write()


def _plan(rows: Rows, home: int, number: int, staff: list[int]) -> None:
    then, until = utcnow() - timedelta(days=300 - number % 290), utcnow() + timedelta(days=200)
    owner = rows.add("person", municipality_id=home, name=f"Eigar {number}", shielded=False)
    lead = number // A_COORDINATOR
    team = [staff[(lead + n) % len(staff)] for n in range(TEAM)]
    kind = {"type": PlanType.INDIVIDUAL_PLAN, "status": PlanStatus.ACTIVE}
    plan = rows.add(
        "plan", municipality_id=home, person_id=owner, short_name=f"S {number}", opened_at=then,
        owner_decides_from=today(), guardian_until=today(), **kind,
    )  # fmt: skip
    at = {"plan_id": plan, "created_at": then}
    register = {"plan_id": plan, "municipality_id": home, "person_id": owner, **kind}
    rows.add(
        "plan_register",
        coordinator_id=team[0],
        opened_on=then.date(),
        started_on=then.date(),
        individual_since=then.date(),
        **register,
    )
    rows.add("coordinator_appointment", municipality_id=home, person_id=owner,
             coordinator_id=team[0], starts_on=months_later(today(), -11))  # fmt: skip
    consent = rows.add(
        "consent", **at, version=1, status=ConsentStatus.SIGNED, prepared_by_id=team[0],
        plan_type=PlanType.INDIVIDUAL_PLAN, until=until,
    )  # fmt: skip
    for person in team:
        rows.add("participant", **at, person_id=person, role="fagperson",
                 package=Package.PROFESSIONAL, status=ParticipantStatus.ACTIVE)  # fmt: skip
        for scope in SCOPES:
            rows.add("access_grant", **at, consent_id=consent, person_id=person, scope=scope,
                     level=Level.WRITE, life_areas=ALL, since=then, starts_at=then,
                     ends_at=until)  # fmt: skip
    _content(rows, plan, team, then)


def _content(rows: Rows, plan: int, team: list[int], then: datetime) -> None:
    at = {"plan_id": plan, "created_at": then}
    plain = at | {"author_id": team[0], "hidden_from_guardians": False, "version": 1}
    mine = plain | {"life_areas": frozenset()}
    line = at | {"author_id": team[0], "hidden_from_guardians": False, "life_areas": frozenset()}
    line |= {"at": then, "changed_by_id": team[0], "happens_at": then, "text": ""}

    def kept(key: str, scope: Scope, title: str, row_id: int) -> int:
        words = {"title": title, "words": fold(title)}
        rows.add("element_index", **line, **words, scope=scope, key=key, row_id=row_id)
        return row_id

    for n in range(GOALS):
        goal = kept("goal", Scope.GOALS, f"Mål {n}", rows.add("goal", **mine, goal=f"Mål {n}"))
        for k in range(ACTIVITIES):
            done = rows.add("activity", **mine, what=f"Tiltak {k}", goal_id=goal, status="new")
            kept("activity", Scope.GOALS, f"Tiltak {k}", done)
    for n in range(MESSAGES):
        letter = rows.add("message", **mine, subject_line=f"Melding {n}", body="Hei",
                          circle=Circle.CHOSEN, locked_at=then)  # fmt: skip
        kept("message", Scope.MESSAGES, f"Melding {n}", letter)
        rows.add("message_recipient", **at, message_id=letter, person_id=team[n % TEAM])


def main(plans: int) -> None:
    os.environ["MEDSPEL_DEMO"] = "1"
    settings = config.from_environment()
    fill(settings, Path(os.environ.get("DATA", "data")))
    engine = create_engine(settings.database_url)
    prepare(engine)
    WRITING.set(True)
    with engine.begin() as connection:
        seed(connection, plans)
    sys.stdout.write(f"{plans} plans more.\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
