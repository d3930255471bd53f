"""Looking somebody up by name (oppslag), with at most twenty hits and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import aliased
from wtforms import StringField
from wtforms.validators import ValidationError

from models.i18n import N_
from models.people import Person
from views.words import shown

MOST = 20
LONGEST = 300
NOBODY = N_("Nobody by this name is registered.")
_NUMBERED = re.compile(r"\[(\d{1,18})\]\s*$")


def has_name(text: str, person: Any = Person) -> ColumnElement[bool]:
    """Persons whose name holds every word of `text`. SQLite takes only a-z for the same in
    both cases, so a word is also looked for as names are written: Ø for ø."""
    words = [{word, word.lower(), word.title(), word.upper()} for word in text.split()]
    like = person.name.icontains
    return and_(true(), *(or_(*(like(w, autoescape=True) for w in forms)) for forms in words))


def called(text: str) -> Sequence[Person]:
    """The first of those whose name holds `text`, or whose line it is; one more than `MOST`
    when there are more. Found through the actor's own scope; whoever stood twice is found by
    both names, and as the one who is used."""
    double = aliased(Person)
    numbered = _NUMBERED.search(text)

    def is_meant(person: Any) -> ColumnElement[bool]:
        return person.id == int(numbered[1]) if numbered else has_name(text, person)

    closed = select(double.merged_into_id).where(
        double.merged_into_id.is_not(None), is_meant(double)
    )
    used = Person.merged_into_id.is_(None)
    wanted = select(Person).where(used, or_(is_meant(Person), Person.id.in_(closed)))
    ordered = wanted.order_by(Person.name, Person.id).limit(MOST + 1)
    found: Sequence[Person] = g.session.scalars(ordered).all()
    return found


def is_name(text: str) -> bool:
    """Whether it is worth looking for; what else is wrong with it the field's rules say."""
    return bool(text) and "\x00" not in text and len(text) <= LONGEST


class PersonField(StringField):
    """Part of a name is typed; one hit is taken, several are offered as "Name, born [number]".

    `person_id` is the answer; whatever was chosen while one typed is looked up again. `meant`:
    in the rows of a file, who is meant by each text.
    """

    looked_up = True
    person_id: int | None = None
    hits: Sequence[str] = ()
    meant: Mapping[str, Collection[int]] | None = None

    def process_data(self, value: Any) -> None:
        self.data, self.person_id = "", None
        if isinstance(value, int):
            person = g.session.scalars(select(Person).where(Person.id == value)).first()
            self.data = line(person) if person else ""

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not is_name(text):
            return
        if self.meant is not None:
            self._choose(self.meant.get(text, ()))
            return
        found = called(text)
        if len(found) == 1:
            self.person_id = found[0].id
            return
        self.hits = [line(person) for person in found[:MOST]]
        if found:
            raise ValidationError(gettext("Several have this name. Choose one from the list."))
        raise ValidationError(gettext(NOBODY))

    def _choose(self, meant: Collection[int]) -> None:
        if len(meant) == 1:
            [self.person_id] = meant
            return
        if meant:
            raise ValidationError(
                gettext("Several have this name. Write the birth date or the e-mail address too.")
            )
        raise ValidationError(gettext(NOBODY))

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, self.person_id)


def line(person: Person) -> str:
    """How a person is offered: two of the same name are told apart."""
    born = f", {shown(person.birth_date)}" if isinstance(person.birth_date, date) else ""
    return f"{person.name}{born} [{person.id}]"
