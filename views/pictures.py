"""Which icon stands for what (bilete): faces and life areas, the same wherever they are seen."""

from __future__ import annotations

from enum import StrEnum

from models.vocabulary import (
    ActivityStatus,
    Attendance,
    Face,
    GoalStatus,
    LifeArea,
    MeetingState,
    ParticipantStatus,
)

PICTURES: dict[StrEnum, str] = {
    Face.VERY_BAD: "FaceCry",
    Face.BAD: "FaceFrown",
    Face.SO_SO: "Face",
    Face.GOOD: "FaceSmile",
    Face.VERY_GOOD: "FaceLaugh",
    LifeArea.HOUSING: "House",
    LifeArea.ECONOMY: "Piggybank",
    LifeArea.WORK_SCHOOL: "HatSchool",
    LifeArea.COMMUNITY: "PersonGroup",
    LifeArea.LEISURE: "Bicycle",
    LifeArea.HEALTH: "Heart",
}
"""In the order they stand on a page."""


MARKS: dict[StrEnum, tuple[str, str]] = {
    MeetingState.PLANNED: ("info", "PencilLine"),
    MeetingState.CANCELLED: ("warning", "CircleSlash"),
    Attendance.UNANSWERED: ("neutral", "Hourglass"),
    Attendance.COMING: ("success", "CheckmarkCircle"),
    Attendance.NOT_COMING: ("neutral", "CircleSlash"),
    Attendance.NOT_NEEDED: ("neutral", "CircleSlash"),
    ParticipantStatus.PROPOSED: ("neutral", "Hourglass"),
    ParticipantStatus.CONSENTED: ("info", "CheckmarkCircle"),
    ParticipantStatus.INVITED: ("info", "EnvelopeClosed"),
    ParticipantStatus.ACTIVE: ("success", "CheckmarkCircle"),
    ParticipantStatus.EXPIRED: ("warning", "Clock"),
    ParticipantStatus.PAUSED: ("warning", "Pause"),
    ParticipantStatus.LEFT: ("neutral", "CircleSlash"),
    ParticipantStatus.WITHDRAWN: ("neutral", "CircleSlash"),
    ParticipantStatus.DECLINED: ("neutral", "CircleSlash"),
    GoalStatus.NEW: ("neutral", "Circle"),
    GoalStatus.UNDER_WAY: ("info", "Clock"),
    GoalStatus.REACHED: ("success", "CheckmarkCircle"),
    GoalStatus.SET_ASIDE: ("neutral", "Pause"),
    ActivityStatus.ONGOING: ("info", "Clock"),
    ActivityStatus.DONE: ("success", "CheckmarkCircle"),
    ActivityStatus.ENDED: ("neutral", "CircleSlash"),
}
"""Colour and icon of where somebody stands; words are always beside them."""


def mark(value: StrEnum) -> tuple[str, str]:
    """(colour, icon)"""
    return MARKS[value]


def picture(value: str) -> str:
    """The icon of a member of either vocabulary, by its stored value too."""
    return PICTURES[value]  # type: ignore[index]  # a member equals what is stored
