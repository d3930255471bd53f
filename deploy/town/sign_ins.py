"""Who can sign in from outside in the demo (innlogging): citizens, and those employed."""

from __future__ import annotations

from uuid import NAMESPACE_DNS, uuid5

from deploy.test_provider import TestPerson
from deploy.town.families import FAMILIES
from deploy.town.hall import IN_BOTH, STAFF, WORK
from deploy.town.numbers import identity_number

_TOWNS = {"": "Fjordvik", ".lund": "Lundmarka"}


def citizens() -> list[TestPerson]:
    """Those who decide in a plan, those who take part, and two whom Medspel lets in nowhere."""
    deciders = [
        TestPerson(name, identity_number(login), seed=login, note=town)
        for tail, town in _TOWNS.items()
        for family in FAMILIES[tail]
        for name, login in family.deciders
    ]
    outside = [
        TestPerson(name, identity_number(login), seed=login, note=f"{WORK.get(who)}, {town}")
        for who, login, name, town in _staff()
        if who in WORK
    ]
    strangers = [
        TestPerson("Kari Utland", None, seed="utland"),
        TestPerson("Ukjend Person", identity_number("ukjend"), seed="ukjend"),
    ]
    return [*{one.key: one for one in (*deciders, *outside)}.values(), *strangers]


def employees() -> list[TestPerson]:
    """Those employed, as the municipality's own directory knows them: by `oid` in `tid`."""
    found = {
        login: TestPerson(name, None, seed=login, claims=_directory(login, town), note=town)
        for _, login, name, town in _staff()
    }
    return list(found.values())


def _staff() -> list[tuple[str, str, str, str]]:
    """Key, sign-in name, name and town of each."""
    return [
        (who + tail, who if who in IN_BOTH else who + tail, name, town)
        for tail, town in _TOWNS.items()
        for name, who, *_ in STAFF[tail]
    ]


def _directory(login: str, town: str) -> dict[str, str]:
    return {
        "oid": str(uuid5(NAMESPACE_DNS, f"{login}.medspel.invalid")),
        "tid": str(uuid5(NAMESPACE_DNS, f"{town}.medspel.invalid")),
    }
