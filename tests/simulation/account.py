"""What the simulation knows (rekneskap), in plain Python: no row is read to know what is so."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from models.case_words import Ruling
from models.vocabulary import PlanType

YES = (Ruling.BOTH, Ruling.COORDINATOR_ONLY)


@dataclass
class Asked:
    """What the simulation knows of a request."""

    received: date
    by: date
    family: Family | None
    party: bool
    uid: str = ""
    decided: date | None = None
    outcome: Ruling | None = None
    complaint: str = ""  # open, sent on, settled
    questions: list[Question] = field(default_factory=list)


@dataclass
class Question:
    """A department that is asked."""

    department: int
    by: date
    state: str = "waits"  # named, declined, appointed


@dataclass
class Held:
    """An appointment."""

    coordinator: int
    department: int
    starts: date
    ends: date | None = None


@dataclass
class Family:
    """A child, and the plan it has or will have."""

    number: int
    name: str
    born: date
    person: int = 0
    guardian: str = ""
    held: list[Held] = field(default_factory=list)
    plan: int = 0
    kind: PlanType = PlanType.SIMPLE_COLLABORATION
    opened: date | None = None
    started: date | None = None
    individual: date | None = None
    closed: date | None = None
    until: date | None = None
    met: list[date] = field(default_factory=list)
    evaluate: date | None = None
    department: int = 0
    is_still: bool = False  # a new coordinator, whom the family has not let in

    @property
    def runs(self) -> bool:
        return self.started is not None and self.closed is None
