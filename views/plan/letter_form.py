"""The form of a message and of an answer (meldingsskjema): whoever gets it is whom one was told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from models.keys import key
from models.people import Person
from models.plan import Participant
from views.choices import OneField
from views.fields import LONGEST_TEXT, storable, stripped
from views.forms import OnceForm
from views.plan.files_field import FilesField


def words_field(label: Any) -> TextAreaField:
    rules = [DataRequired(), Length(max=LONGEST_TEXT), storable]
    return TextAreaField(label, validators=rules, filters=[stripped])


class LetterForm(OnceForm):
    """`audience`: the people it said could get it, when it was opened."""

    audience = HiddenField()
    who = OneField(lazy_gettext("To"), validators=[InputRequired()])
    files = FilesField()

    def goes_to(self, people: Sequence[Participant]) -> str:
        """Say who can get it from now on, and return whom it was until now."""
        until_now = str(self.audience.data or "")
        self.audience.data = ",".join(str(one.person_id) for one in people)
        return until_now

    def is_as_said(self, until_now: str, people: Sequence[Participant]) -> bool:
        """Whether it still goes to those it was said to go to; if not, that stands at the choice,
        and one sends again when one has read it."""
        then = {person_id for one in until_now.split(",") if (person_id := key(one)) is not None}
        now = {one.person_id for one in people}
        if not until_now or then == now:
            return True
        if gone := names_of(then - now):
            words = gettext(
                "%(names)s cannot get it any more. Look at who gets it, and send again.",
                names=", ".join(gone),
            )
        else:
            words = gettext("More people would get it now. Look at who gets it, and send again.")
        self.who.errors = [words]
        return False


def names_of(people: Iterable[int]) -> list[str]:
    """Names of those of them who have ever taken part in the plan at hand."""
    p = Participant
    asked = sorted(people)
    if not asked:
        return []
    wanted = select(Person.name).join(p, p.person_id == Person.id)
    here = wanted.where(p.plan_id == g.plan.id, p.person_id.in_(asked))
    return list(g.session.scalars(here.order_by(Person.name, Person.id)))
