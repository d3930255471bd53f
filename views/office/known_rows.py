"""What a register counts as the same (kjende rader), for files that are brought into it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from unicodedata import normalize

from flask import g
from sqlalchemy import func, select

from models.municipality import Department, ServiceType
from models.people import Person
from models.types import blind_index
from views.office.import_rows import Intake, Keys

Said = Sequence[Mapping[str, str]]
AT_A_TIME = 500


def _name(form: Any) -> Keys:
    return {(form["name"].data or "").casefold()} - {""}


def _names(_said: Said) -> Keys:
    return {name.casefold() for name in g.session.scalars(select(Department.name))}


departments = Intake(
    {"name": ("namn", "navn", "name", "avdeling", "avdelingsnamn", "avdelingsnavn", "department",
              "eining", "enhet", "verksemd", "virksomhet")},
    _name, _names,
)  # fmt: skip


def _both_norwegian(words: Mapping[str, str | None]) -> Keys:
    return {tuple((words.get(one) or "").casefold() for one in ("nn", "nb"))}


def _words(form: Any) -> Keys:
    return _both_norwegian({one: form[one].data for one in ("nn", "nb")})


def _all_words(_said: Said) -> Keys:
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


def _persons(said: Said) -> Keys:
    g.asked_addresses = _addresses({one.get("email", "") for one in said})
    return {key for row in _rows(said) for key in _keys(*row)}


def _addresses(mails: Iterable[str]) -> dict[str, set[int]]:
    """Who is reached by which of them already: asked once for all rows."""
    p, found = Person, dict[str, set[int]]()
    wanted = select(p.email_index, func.coalesce(p.merged_into_id, p.id))
    indexes = {blind_index("person.email", mail.strip().lower()) for mail in mails if mail}
    for some in _some(sorted(indexes)):
        for index, who in g.session.execute(wanted.where(p.email_index.in_(some))):
            found.setdefault(index, set()).add(who)
    return found


def _rows(said: Said) -> Iterator[Any]:
    names = {normalize("NFC", one.get("name", "")).strip() for one in said}
    numbers = {_number_index(one["identity_number"]) for one in said if one.get("identity_number")}
    p = Person
    wanted = select(p.name, p.birth_date, p.email_index, p.identity_index)
    for some in _some(names):
        yield from g.session.execute(wanted.where(p.name.in_(some)))
    for some in _some(numbers):
        yield from g.session.execute(wanted.where(p.identity_index.in_(some)))


def _some(values: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(values)
    while some := list(islice(rest, AT_A_TIME)):
        yield some


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
