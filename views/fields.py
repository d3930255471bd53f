"""Form fields (skjemafelt): one for each kind of column, all of them strict about input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, cast
from unicodedata import normalize

from flask import g
from flask_babel import gettext, lazy_gettext
from sqlalchemy import Boolean, Column, Date, Integer, Text, select
from sqlalchemy import Enum as EnumType
from sqlalchemy.orm import joinedload
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    FieldList,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)

from models.base import EnumSet, UtcDateTime
from models.clock import OSLO
from models.keys import key
from models.plan import Participant
from models.vocabulary import Face, LifeArea
from views.words import role_of, shown

LONGEST_TEXT = 10_000
NO_CHOICE = lazy_gettext("Choose")
WRONG_CHOICE = lazy_gettext("Choose one of those on the list.")
FIRST_YEAR, LAST_YEAR = 1900, 2199


def stripped(value: object) -> object:
    """No blanks around, one way to write an é (NFC) and a new line; nothing left is None."""
    if not isinstance(value, str):
        return value
    return normalize("NFC", value.replace("\r\n", "\n")).strip() or None


def storable(_form: Any, field: Field) -> None:
    """No database stores NUL, and no person types it."""
    if isinstance(field.data, str) and "\x00" in field.data:
        raise ValidationError(gettext("There is a character in the text that cannot be stored."))


class NotBefore:
    """An end is not before its start: in the form, or else in the row that is changed."""

    def __init__(self, start: str) -> None:
        self.start = start

    def __call__(self, form: Any, field: Field) -> None:
        row = getattr(form, "_row", None)
        start = form[self.start].data if self.start in form else getattr(row, self.start, None)
        if field.data and start and field.data < start:
            raise ValidationError(gettext("The end is before the start."))


class _Read(Field):
    """What could not be read is said once: no rule judges a value that is not there.
    Blanks are nothing to read; whether a field may be empty is its own rules' matter."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if any(value.strip() for value in valuelist):
            super().process_formdata(valuelist)  # type: ignore[arg-type]
        elif valuelist:
            self.data, self.raw_data = None, []

    def pre_validate(self, form: Any) -> None:
        if self.process_errors:
            raise StopValidation


def _in_our_time(day: date | None) -> None:
    """Years like 0001 are slips of the pen, and at the ends of the calendar sums fail."""
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(gettext("Write a year between 1900 and 2199."))


class DayField(_Read, DateField):
    """A date."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)
        _in_our_time(self.data)


class NumberField(_Read, IntegerField):
    """A whole number."""


class LinesField(FieldList):  # type: ignore[type-arg]
    """Some lines of the same kind. The number in a name is plain digits, or no line."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Any:
        plain = [
            name for name in formdata if key(name[len(prefix) + 1 :].split("-")[0]) is not None
        ]
        return super()._extract_indices(prefix, plain)  # type: ignore[misc]


class OsloDateTimeField(_Read, DateTimeLocalField):
    """A moment as people in Norway say it; aware UTC as data.

    An hour that does not exist (in March) is refused; one that is there twice
    (in October) is the first of the two.
    """

    def process_data(self, value: datetime | None) -> None:
        self.data = value.astimezone(OSLO).replace(tzinfo=None) if value else None

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is None:
            return
        said, self.data = self.data, None  # no sum is made with what is refused
        _in_our_time(said)
        if _is_skipped(said.replace(tzinfo=OSLO)):
            raise ValueError(gettext("That hour does not exist: the clock is put forward."))
        self.data = said

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, self.moment)

    @property
    def moment(self) -> datetime | None:
        """Aware, in UTC."""
        return self.data.replace(tzinfo=OSLO).astimezone(UTC) if self.data else None


def _is_skipped(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(OSLO).replace(tzinfo=None) != local.replace(tzinfo=None)


class _Choice(SelectField):
    """A choice that is none of ours is said in plain words, and never said back."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        said = {"invalid_value_message": WRONG_CHOICE, "invalid_choice_message": WRONG_CHOICE}
        super().__init__(*args, **said | kw)


class OneField(_Choice, RadioField):
    """One of given choices, all of them in sight."""

    boxes = radios = True

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata([value.strip() for value in valuelist])


class FacesField(OneField):
    """How it goes, on the scale of five faces."""

    pictures = "faces"

    def __init__(self, label: Any, **kw: Any) -> None:
        super().__init__(label, choices={str(face): shown(face) for face in Face}, **kw)


class WordsField(_Choice):
    """One of a closed vocabulary, in the reader's words; anything else is no choice."""

    def __init__(self, label: Any, members: type[Enum], blank: bool = True, **kw: Any) -> None:
        self.members = members

        def coerce(value: Any) -> Any:
            return value if value in (None, "") else members(value)

        def choices() -> list[tuple[Any, str]]:
            words = [(str(m.value), shown(m)) for m in members]
            return [("", str(NO_CHOICE)), *words] if blank else words

        super().__init__(label, coerce=coerce, choices=choices, **kw)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        super().process_formdata(valuelist)  # type: ignore[arg-type]
        self.data = self.data or None


class WordsSetField(_Choice, SelectMultipleField):
    """Any number of a closed vocabulary, as boxes to tick."""

    boxes = True

    def __init__(self, label: Any, members: type[Enum], **kw: Any) -> None:
        def choices() -> list[tuple[Any, str]]:
            return [(str(m.value), shown(m)) for m in members]

        super().__init__(label, coerce=members, choices=choices, **kw)
        self.pictures = "life areas" if members is LifeArea else ""

    def process_data(self, value: Any) -> None:
        self.data = list(value or ())

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, frozenset(self.data or ()))


class BoxesField(_Choice, SelectMultipleField):
    """Any number of given choices, as boxes to tick; `choices` is set for each request."""

    boxes = True


class RowField(_Choice):
    """One row out of those the actor may read; anything else is no choice."""

    def __init__(
        self, label: Any, rows: Callable[[], Sequence[tuple[int, str]]], **kw: Any
    ) -> None:
        def choices() -> list[tuple[Any, str]]:
            return [("", str(NO_CHOICE)), *rows()]

        super().__init__(label, coerce=key, choices=choices, **kw)

    def populate_obj(self, obj: object, name: str) -> None:
        """What one cannot see one cannot choose, and does not take away either."""
        unseen = self.object_data not in {choice[0] for choice in self.choices or ()}
        if self.data is not None or self.object_data is None or not unseen:
            super().populate_obj(obj, name)


def rows_of_the_plan(target: Any) -> Callable[[], list[tuple[int, str]]]:
    """Rows of an element in the plan at hand, oldest first."""

    def rows() -> list[tuple[int, str]]:
        wanted = select(target).where(target.plan_id == g.plan.id, target.removed_at.is_(None))
        return [
            (row.id, str(row)) for row in g.session.scalars(wanted.order_by(target.id)).unique()
        ]

    return rows


def people_of_the_team() -> list[tuple[int, str]]:
    """Person and role of everybody who takes part in the plan at hand."""
    wanted = (
        select(Participant)
        .where(Participant.plan_id == g.plan.id)
        .options(joinedload(Participant.person))
        .order_by(Participant.id)
    )
    return [(p.person_id, f"{p.person.name}, {role_of(p)}") for p in g.session.scalars(wanted)]


def rows_of_the_register(target: Any, order: Any) -> Callable[[], list[tuple[int, str]]]:
    """Rows of one of the municipality's registers."""

    def rows() -> list[tuple[int, str]]:
        return [(row.id, str(row)) for row in g.session.scalars(select(target).order_by(order))]

    return rows


def _after_its_start(column: Column[Any]) -> list[NotBefore]:
    name = str(column.name)
    return [NotBefore(name.replace("ends", "starts"))] if name.startswith("ends_") else []


def field_for(column: Column[Any], label: Any, help: Any = "") -> Field:
    """The field of a column: typed, required unless nullable, never longer than what is stored."""
    kind = column.type
    must: Any = Optional() if column.nullable else InputRequired()
    if isinstance(kind, EnumSet):
        return WordsSetField(label, kind.members, description=help)
    if isinstance(kind, EnumType):
        default = column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
        members = cast(type[Enum], kind.enum_class)
        blank = default is None
        return WordsField(
            label, members, blank=blank, default=default, description=help, validators=[must]
        )
    if isinstance(kind, Boolean):
        return BooleanField(label, description=help)
    if isinstance(kind, UtcDateTime | Date):
        moment = OsloDateTimeField if isinstance(kind, UtcDateTime) else DayField
        return moment(label, description=help, validators=[must, *_after_its_start(column)])
    if isinstance(kind, Integer) or kind.python_type is int:
        return NumberField(label, description=help, validators=[must, NumberRange(0, 10_000)])
    size = getattr(kind, "length", None) or LONGEST_TEXT
    must = must if column.nullable else DataRequired()  # blanks are nothing
    rules = [must, Length(max=size), storable]
    field = TextAreaField if isinstance(kind, Text) else StringField
    return field(label, description=help, validators=rules, filters=[stripped])
