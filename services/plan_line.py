"""A plan as its line on the start page (planlinje): what it is, and what is due in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from models.clock import utcnow
from models.vocabulary import Attendance, PlanStatus, PlanType


@dataclass(frozen=True, slots=True)
class NextMeeting:
    """The first that is not over: `called`, how many are; `silent`: of the others, those who have
    not answered; `mine`: my own answer, when I am called."""

    id: int
    starts_at: datetime
    ends_at: datetime
    called: int
    silent: int
    mine: Attendance | None

    @property
    def has_begun(self) -> bool:
        return self.starts_at <= utcnow()


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan as its line on the start page: what it is, and what is due in it.

    `nickname`: what one calls it oneself; `own`: one is on its owner's side; `leads`: one is
    its coordinator; `asked`: one has been asked to sign, and has not; `unsigned`: somebody
    has; `lacking`: how many of those who must sign have not; `lasts_to`: when the consent in
    force ends; `has_met`: a meeting is called, or has been; `minutes_of`: the first meeting
    without minutes; `polled`: one that asks which time suits, and I have not said; `unread`:
    messages to me; `left`: open tasks of people who have gone.
    """

    id: int
    short_name: str
    type: PlanType
    status: PlanStatus
    next_evaluation: date | None
    opened_at: datetime
    nickname: str | None
    steps_hidden: bool
    own: bool
    leads: bool
    asked: bool
    unsigned: bool
    lacking: int
    lasts_to: datetime | None
    meeting: NextMeeting | None
    has_met: bool
    unanswered: int
    without_minutes: int
    minutes_of: int | None
    polled: int | None
    unreached: int
    unread: int
    tasks: int
    my_tasks: int
    my_first_due: date | None
    others_first_due: date | None
    left: int
