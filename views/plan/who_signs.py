"""Who must sign, in words (kven signerer): as what, by which rule, and who need not and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import g
from flask_babel import gettext

from models.ages import birthday
from models.clock import today
from models.i18n import N_
from models.municipality import Municipality
from models.people import Person
from models.representation_rules import UNTIL_THE_OWNER_DECIDES
from models.vocabulary import Capacity
from security.ages import last_moment
from security.signers import Part, Signer, must_sign, signers
from views.words import shown


@dataclass(frozen=True, slots=True)
class Line:
    """One person: as what, and what they have to do with the consent."""

    person_id: int
    name: str
    capacity: Capacity
    signs: bool
    words: str


_IN_THEIR_PLACE = N_("Signs in the place of the parents. From %(day)s the child decides.")
_SIGNS = {
    Capacity.OWNER: N_("Signs alone, from %(age)s years on."),
    Capacity.PARENTAL_RESPONSIBILITY: N_(
        "Signs together with everybody else with parental responsibility. From %(day)s the child "
        "decides."
    ),
    Capacity.CHILD_WELFARE: _IN_THEIR_PLACE,
    Capacity.MINOR_REPRESENTATIVE: _IN_THEIR_PLACE,
    Capacity.GUARDIAN: N_("Signs: the mandate covers personal matters."),
    Capacity.POWER_OF_ATTORNEY: N_("Signs: the mandate covers personal matters."),
    Capacity.FUTURE_POWER_OF_ATTORNEY: N_("Signs as long as the owner cannot."),
    Capacity.NEXT_OF_KIN: N_("Signs as long as the owner cannot."),
}
_PARTS = {
    Part.EXCEPTED: N_("Need not sign for now. Reads, and may take back."),
    Part.ANOTHER_SIGNS: N_("Does not sign: somebody else signs in their place."),
    Part.OWNER_IS_GROWN: N_("Does not sign: the owner is grown up."),
    Part.OWNER_DECIDES: N_("Does not sign: the owner is over %(age)s years, and decides."),
    Part.OWNER_CAN: N_("Does not sign: the owner decides."),
    Part.IS_INFORMED: N_("Does not sign: is only informed, outside Medspel."),
    Part.MONEY_ONLY: N_("Does not sign: the mandate is for money only."),
    Part.NOT_CONFIRMED: N_("Does not sign yet: the coordinating unit has not confirmed it."),
}
_TOO_YOUNG = N_("Does not sign: is under %(age)s years.")
_OTHERS = N_("Does not sign: others decide for the owner.")


def who_signs() -> list[Line]:
    """Everybody who signs, or is registered as acting for the owner; those who sign first."""
    acting = signers(g.session, g.plan)
    must = must_sign(g.plan, acting)
    age = g.session.get_one(Municipality, g.plan.municipality_id).consent_age
    lines = [*_acting(acting, age), _owner(age, g.plan.person_id in must)]
    return sorted(lines, key=lambda line: not line.signs)


def lasts_at_most(lines: Iterable[Line]) -> datetime | None:
    """When what those who sign now sign ends at the latest, if it is sooner than they say."""
    as_ = {line.capacity for line in lines if line.signs}
    return last_moment(g.session, g.plan, owner_signed=not as_ <= UNTIL_THE_OWNER_DECIDES)


def _acting(acting: Iterable[Signer], age: int) -> Iterator[Line]:
    day = shown(g.plan.owner_decides_from)
    for one in acting:
        said = _SIGNS[one.capacity] if one.part is Part.SIGNS else _PARTS[one.part]
        words = " ".join([gettext(said, age=age, day=day), *_reason(one)])
        yield Line(one.person_id, one.name, one.capacity, one.part is Part.SIGNS, words)


def _reason(one: Signer) -> Iterator[str]:
    """Why an exception was made, unless it had better not be told."""
    if one.reason is not None and (one.reason.may_be_told or g.access.coordinator):
        yield str(gettext("The reason: %(reason)s.", reason=shown(one.reason).lower()))


def _owner(age: int, signs: bool) -> Line:
    owner = g.session.get_one(Person, g.plan.person_id)
    if signs:
        words = _SIGNS[Capacity.OWNER]
    else:
        young = owner.birth_date is not None and today() < birthday(owner.birth_date, age)
        words = _TOO_YOUNG if young else _OTHERS
    return Line(owner.id, owner.name, Capacity.OWNER, signs, str(gettext(words, age=age)))
