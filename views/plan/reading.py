"""Who can read what one is about to send (kven kan lese): said for each choice there is."""

from __future__ import annotations

from collections.abc import Sequence

from flask import g
from flask_babel import gettext

from models.plan import Participant
from models.vocabulary import Circle, Package
from services.readers import always

EVERYBODY, SAME = "everybody", "same"
Readers = list[tuple[str, str]]
"""(choice, who reads it then)."""


def readers_of(
    choices: Sequence[str], team: Sequence[Participant], partners: Sequence[Participant] = ()
) -> Readers:
    """partners: those an answer to the same people goes to."""
    side = always(g.session, g.plan)
    said = {
        EVERYBODY: _named(gettext("They get it, and are told: %(names)s."), team, side),
        SAME: _named(gettext("They get it, and are told: %(names)s."), partners, side),
        str(Circle.CHOSEN): _others(gettext("Those you choose get it, and are told."), side, set()),
        str(Circle.COORDINATOR_ONLY): _alone(team),
        str(Circle.OWNERS_SIDE): gettext(
            "They get it, and are told: %(names)s. Of the others, only the coordinator reads it.",
            names=", ".join(p.person.name for p in team if p.package is None),
        ),
    }
    return [(choice, said[choice]) for choice in choices]


def _named(words: str, people: Sequence[Participant], side: Sequence[tuple[int, str]]) -> str:
    names = ", ".join(one.person.name for one in people)
    return _others(words % {"names": names}, side, {one.person_id for one in people})


def _others(words: str, side: Sequence[tuple[int, str]], named: set[int]) -> str:
    rest = ", ".join(name for person_id, name in side if person_id not in named)
    if not rest:
        return words
    too = gettext("They can read it too: %(names)s.", names=rest)
    return f"{words} {too}"


def _alone(team: Sequence[Participant]) -> str:
    leads = ", ".join(p.person.name for p in team if p.package is Package.COORDINATOR)
    return str(
        gettext(
            "Only you and the coordinator (%(names)s) read it. The owner does not, and not those "
            "who act for the owner.",
            names=leads or gettext("nobody yet"),
        )
    )
