"""Looking somebody up by name (oppslag), with at most twenty hits and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import g
from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, or_, select, true
from wtforms import StringField
from wtforms.validators import ValidationError

from models.people import Person
from views.words import shown

MOST = 20
LONGEST = 300
_NUMBERED = re.compile(r"\[(\d{1,18})\]\s*$")


def has_name(text: str) -> ColumnElement[bool]:
    """Persons whose name holds every word of `text`. SQLite takes only a-z for the same in
    both cases, so a word is also looked for as names are written: Ø for ø."""
    words = [{word, word.lower(), word.title(), word.upper()} for word in text.split()]
    like = Person.name.icontains
    return and_(true(), *(or_(*(like(w, autoescape=True) for w in forms)) for forms in words))


class PersonField(StringField):
    """Part of a name is typed; one hit is taken, several are offered as "Name, born [number]".

    `person_id` is the answer; every hit is looked up through the actor's own scope.
    """

    person_id: int | None = None
    hits: Sequence[str] = ()

    def process_data(self, value: Any) -> None:
        self.data, self.person_id = "", None
        if isinstance(value, int):
            person = g.session.scalars(select(Person).where(Person.id == value)).first()
            self.data = _line(person) if person else ""

    def pre_validate(self, form: Any) -> None:
        text = (self.data or "").strip()
        if not text or "\x00" in text or len(text) > LONGEST:
            return  # the field's other rules say so
        wanted = select(Person).order_by(Person.name, Person.id).limit(MOST + 1)
        numbered = _NUMBERED.search(text)
        if numbered:
            wanted = wanted.where(Person.id == int(numbered[1]))
        else:
            wanted = wanted.where(has_name(text))
        found = g.session.scalars(wanted).all()
        if len(found) == 1:
            self.person_id = found[0].id
            return
        self.hits = [_line(person) for person in found[:MOST]]
        if found:
            raise ValidationError(gettext("Several have this name. Choose one from the list."))
        raise ValidationError(gettext("Nobody by this name is registered."))

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, self.person_id)


def _line(person: Person) -> str:
    born = f", {shown(person.birth_date)}" if isinstance(person.birth_date, date) else ""
    return f"{person.name}{born} [{person.id}]"
