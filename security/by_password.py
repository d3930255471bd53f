"""What a password opens where people can sign in with an electronic ID (passordinnlogging).

Children come in by it as before (NO-2.6). Adults when their municipality says so, and then to
the parts it has opened; a system administrator always, to the set-up and to no plan.
"""

from __future__ import annotations

from datetime import date

from models.account import Membership
from models.clock import months_later, today
from models.vocabulary import Role, Scope

EVERYTHING = frozenset(Scope)
ADULT = 12 * 18


def parts(born: date | None, allowed: bool, chosen: frozenset[Scope]) -> frozenset[Scope] | None:
    """The parts of plans that are open to whoever has said a password; None: they do not come in.

    born: None when nobody has registered it: an adult. allowed, chosen: as the municipality says.
    """
    if born is not None and today() < months_later(born, ADULT):
        return EVERYTHING
    return chosen if allowed else None


def lets_in(hat: Membership, has_eid: bool) -> bool:
    """Whether a password opens this hat at all; its person and municipality are loaded.
    has_eid: citizens can sign in with an electronic ID here."""
    town = hat.municipality
    opened = parts(hat.person.birth_date, town.adults_by_password, town.parts_by_password)
    return not has_eid or opened is not None or Role.ADMINISTRATOR in hat.roles


def roles(held: frozenset[Role], opened: frozenset[Scope] | None) -> frozenset[Role]:
    """The roles one has then: none, or the one that can mend the set-up."""
    return held if opened is not None else held & {Role.ADMINISTRATOR}
