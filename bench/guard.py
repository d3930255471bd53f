"""What the guard costs (måling): the same six queries with and without it.

`python -m bench.guard`, from the project's folder. Prints the ratio; the bar is 1.5.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from deploy.release import release
from models.base import READABLE, PlanBound
from models.database import prepare
from models.elements import PlanElement
from models.elements.activity import Activity
from models.elements.comment import Comment
from models.elements.goal import Goal
from models.elements.message import Message
from models.plan import Participant, Plan
from security import crypto
from security.actor import Actor
from security.element_scope import element_criterion
from security.session import GuardedSession, SystemSession
from tests.factories import build

ROUNDS = 400
CLASSES = 25


def add_classes() -> None:
    """As many plan-bound classes as the bar speaks of; the missing ones have no rows."""
    for n in range(CLASSES - _plan_bound()):
        declared = replace(Comment.element, key=f"extra{n}")
        extra = type(
            f"Extra{n}", (PlanElement,), {"__tablename__": f"extra{n}", "element": declared}
        )
        READABLE[extra] = partial(element_criterion, extra)


def _plan_bound() -> int:
    return sum(issubclass(cls, PlanBound) for cls in READABLE)


def page(session: Session, plan_id: int) -> None:
    """Six queries, as a page of a plan makes them."""
    session.scalars(select(Plan).where(Plan.id == plan_id)).all()
    for cls in (Goal, Activity, Comment, Participant):
        session.scalars(select(cls).where(cls.plan_id == plan_id)).unique().all()
    session.scalar(select(func.count(Message.id)).where(Message.plan_id == plan_id))


def main() -> None:
    crypto.install(crypto.KeyRing({"bench": b"k" * 32}, b"i" * 32))
    with TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/bench.db")
        prepare(engine)
        release(engine)
        with SystemSession(engine, because="measuring") as session:
            town = build(session)
            session.commit()
        add_classes()
        nurse = Actor(
            account_id=1, person_id=town.people["nurse"], municipality_id=1, name="n",
            roles=frozenset(),
        )  # fmt: skip
        times: dict[bool, list[float]] = {True: [], False: []}
        for _ in range(ROUNDS):
            for guarded, samples in times.items():
                made = GuardedSession(engine) if guarded else SystemSession(engine, because="m")
                with made as session:
                    if isinstance(session, GuardedSession):
                        session.act_as(nurse)
                    start = perf_counter()
                    page(session, town.plan)
                    samples.append(perf_counter() - start)
        scoped, plain = (median(times[key][50:]) * 1e3 for key in (True, False))
    sys.stdout.write(
        f"{_plan_bound()} plan-bound classes, 6 queries: {plain:.2f} ms unguarded, {scoped:.2f} ms "
        f"guarded, ratio {scoped / plain:.2f}\n"
    )


if __name__ == "__main__":
    main()
