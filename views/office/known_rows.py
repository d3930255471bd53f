"""What a register counts as the same (kjende rader), for files that are brought into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from flask import g
from sqlalchemy import func, select

from models.clock import today
from models.municipality import Department, ServiceType
from models.people import Person
from models.types import blind_index
from security.coordinating import bonds
from views.office.import_rows import Intake, Keys
from views.office.said_people import in_lots, meant

Said = Sequence[Mapping[str, str]]


def by_name(form: Any) -> Keys:
    return {(form["name"].data or "").casefold()} - {""}


def _names(_form: Any, _said: Said) -> Keys:
    return {name.casefold() for name in g.session.scalars(select(Department.name))}


departments = Intake(
    {"name": ("namn", "navn", "name", "avdeling", "avdelingsnamn", "avdelingsnavn", "department",
              "eining", "enhet", "verksemd", "virksomhet")},
    by_name, _names,
)  # fmt: skip


def _both_norwegian(words: Mapping[str, str | None]) -> Keys:
    return {tuple((words.get(one) or "").casefold() for one in ("nn", "nb"))}


def _words(form: Any) -> Keys:
    return _both_norwegian({one: form[one].data for one in ("nn", "nb")})


def _all_words(_form: Any, _said: Said) -> Keys:
    rows = g.session.scalars(select(ServiceType.words))
    return {key for words in rows for key in _both_norwegian(words)}


service_types = Intake(
    {"nn": ("teneste", "tenestetype", "namn", "nn"),
     "nb": ("tjeneste", "tjenestetype", "navn", "nb"),
     "en": ("service", "engelsk", "name", "en")},
    _words, _all_words,
)  # fmt: skip


def _person(form: Any) -> Keys:
    """By number, by name and birth date, by name and e-mail; by name where there is no more."""
    name, mail = form["name"].data, form["email"].data
    number, born = form["identity_number"].data, form["birth_date"].data
    index = blind_index("person.email", mail) if mail else None
    keys = {("born", name, born)} if born else set[tuple[Any, ...]]()
    keys |= {("mail", name, index)} if index else set()
    keys |= {("number", _number_index(number))} if number else set()
    return keys or ({("name", name)} if name else set())


def _persons(form: Any, said: Said) -> Keys:
    form.addresses = _addresses({one.get("email", "") for one in said})
    return {key for row in _rows(said) for key in _keys(*row)}


def _addresses(mails: Iterable[str]) -> dict[str, set[int]]:
    """Who is reached by which of them already: asked once for all rows."""
    p, found = Person, dict[str, set[int]]()
    wanted = select(p.email_index, func.coalesce(p.merged_into_id, p.id))
    indexes = {blind_index("person.email", mail.strip().lower()) for mail in mails if mail}
    for some in in_lots(indexes):
        for index, who in g.session.execute(wanted.where(p.email_index.in_(some))):
            found.setdefault(index, set()).add(who)
    return found


def _rows(said: Said) -> Iterator[Any]:
    names = {normalize("NFC", one.get("name", "")).strip() for one in said}
    numbers = {_number_index(one["identity_number"]) for one in said if one.get("identity_number")}
    p = Person
    wanted = select(p.name, p.birth_date, p.email_index, p.identity_index)
    for some in in_lots(names):
        yield from g.session.execute(wanted.where(p.name.in_(some)))
    for some in in_lots(numbers):
        yield from g.session.execute(wanted.where(p.identity_index.in_(some)))


def _keys(name: str, born: Any, mail: str | None, number: str | None) -> Iterable[tuple[Any, ...]]:
    yield "name", name
    if born:
        yield "born", name, born
    if mail:
        yield "mail", name, mail
    if number:
        yield "number", number


def _number_index(number: str) -> str:
    return blind_index("person.identity_number", "".join(number.split()))


persons = Intake(
    {
        "name": ("namn", "navn", "fullt namn", "fullt navn", "full name", "tilsett", "ansatt"),
        "name 1": ("fornamn", "fornavn", "first name", "given name"),
        "name 2": ("etternamn", "etternavn", "last name", "surname", "family name"),
        "birth_date": ("fødd", "født", "fødselsdato", "date of birth", "born"),
        "identity_number": ("fødselsnummer", "fødselsnr", "personnummer", "fnr"),
        "organisation": ("arbeidsplass", "arbeidsstad", "arbeidssted", "workplace"),
        "department_id": ("avdeling", "eining", "enhet", "department", "unit"),
        "email": ("e-post", "e-postadresse", "epostadresse", "e-mail address", "mail"),
        "phone": ("telefon", "telefonnummer", "tlf", "mobil", "mobiltelefon", "mobilnummer",
                  "phone", "mobile"),
        "place": ("adresse", "address"),
        "shielded": ("skjerma", "skjermet", "shielded"),
        "died_on": ("død", "dødsdato"),
    },
    _person, _persons, alone=("email",),
)  # fmt: skip


def _appointment(form: Any) -> Keys:
    return {(form["person_id"].person_id, form["coordinator_id"].person_id)}


def _appointments(form: Any, _said: Said) -> Keys:
    """Those that hold or will: what is over may begin anew."""
    people, named = (meant(form[one]) for one in ("person_id", "coordinator_id"))
    form.bonds = between = bonds(g.session, g.actor.person_id, people, named)
    return between.leads_from(today())


appointments = Intake(
    {
        "person_id": ("brukar", "bruker", "brukarnamn", "brukernavn", "eigar", "eier", "barn",
                      "pasient", "namn", "navn", "name"),
        "person_id +born": ("fødd", "født", "fødselsdato", "date of birth", "born"),
        "coordinator_id": ("barnekoordinator", "ansvarleg", "ansvarlig", "kontaktperson"),
        "coordinator_id +mail": ("koordinator e-post", "koordinators e-post", "e-post", "epost",
                                 "e-mail", "coordinator e-mail"),
        "department_id": ("eining", "enhet", "unit"),
        "agreed_hours": ("timar", "timer", "timar i veka", "timer i uken", "hours"),
        "starts_on": ("oppnemnd", "oppnevnt", "start", "startdato", "appointed"),
        "ends_on": ("slutt", "sluttdato", "end"),
    },
    _appointment, _appointments,
)  # fmt: skip
