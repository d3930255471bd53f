"""Form fields (skjemafelt): one for each kind of column, all of them strict about input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from enum import Enum
from functools import partial
from typing import Any, ClassVar, cast
from unicodedata import normalize

from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Boolean, Column, Date, Integer, Text
from sqlalchemy import Enum as EnumType
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    Field,
    FieldList,
    IntegerField,
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

from models import contact
from models.base import EnumSet, UtcDateTime
from models.clock import OSLO, today, utcnow
from models.contact import telephone
from models.i18n import N_
from models.keys import key
from models.language import Language, LanguageCode
from views.choices import LanguageField, WordsField, WordsSetField

LONGEST_TEXT, LONGEST_LINE = 10_000, 200
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


def to_come(_form: Any, field: Any) -> None:
    """What has passed can be told, and not planned."""
    if field.moment and field.moment <= utcnow():
        raise ValidationError(gettext("That moment has passed. Choose one still to come."))


def has_come(_form: Any, field: Any) -> None:
    """What is told of has happened."""
    if field.data and field.data > today():
        raise ValidationError(gettext("This day has not come yet."))


class NotBefore:
    """An end is not before its start: in the form, or else in the row that is changed."""

    def __init__(self, start: str) -> None:
        self.start = start

    def __call__(self, form: Any, field: Field) -> None:
        row = getattr(form, "_row", None)
        start = form[self.start].data if self.start in form else getattr(row, self.start, None)
        if field.data and start and field.data < start:
            raise ValidationError(gettext("The end is before the start."))


class AddressField(StringField):
    """A telephone number, an e-mail address or a link; stored in the one form of it."""

    READS: ClassVar[dict[str, tuple[Callable[[str], str], str, str]]] = {
        "phone": (contact.phone, "tel", N_("This is not a telephone number.")),
        "email": (contact.email, "email", N_("This is not an e-mail address.")),
        "link": (contact.link, "url", N_("Write the whole address, from https://.")),
    }

    def __init__(self, label: Any, reads: str, longest: int = LONGEST_LINE, **kw: Any) -> None:
        self.parse, mode, self.wrong = self.READS[reads]
        rules = [Optional(), Length(max=longest), storable]
        kw |= {"validators": rules, "filters": [stripped], "render_kw": {"inputmode": mode}}
        super().__init__(label, **kw)

    def process_data(self, value: str | None) -> None:
        self.data = telephone(value) if value else None

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        try:
            if self.data and not self.errors:
                self.data = telephone(self.parse(self.data))
        except ValueError:
            raise ValidationError(gettext(self.wrong)) from None

    def populate_obj(self, obj: object, name: str) -> None:
        setattr(obj, name, self.parse(self.data) if self.data else None)


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


def _made(column: Column[Any]) -> Any:
    """What the column is when nothing is said, made anew for each form (now)."""
    default: Any = column.default
    return partial(default.arg, None) if default is not None and default.is_callable else None


def _after_its_start(column: Column[Any]) -> list[NotBefore]:
    name = str(column.name)
    return [NotBefore(name.replace("ends", "starts"))] if name.startswith("ends_") else []


def text_in(
    language: Language, label: Any, longest: int, *more: Any, is_required: bool = True
) -> Field:
    """The field of a municipality's own word in one language: both Norwegian ones are required,
    where it is.

    more: validators.
    """
    is_norwegian = language in (Language.NYNORSK, Language.BOKMAL)
    must: Any = DataRequired() if is_required and is_norwegian else Optional()
    field = TextAreaField if longest > LONGEST_LINE else StringField
    rules = [must, Length(max=longest), storable, *more]
    return field(label, validators=rules, filters=[stripped], render_kw={"lang": language})


def label_about(label: str, what: object) -> Markup:
    """A label that stands under what it is about, and says so to those who only hear it."""
    return Markup('{}<span class="ds-sr-only">: {}</span>').format(label, what)


def field_for(column: Column[Any], label: Any, help: Any = "") -> Field:
    """The field of a column: typed, required unless nullable, never longer than what is stored."""
    kind = column.type
    if column.info.get("reads"):
        longest = getattr(kind, "length", None) or LONGEST_LINE
        return AddressField(label, column.info["reads"], longest, description=help)
    must: Any = Optional() if column.nullable else InputRequired()
    if isinstance(kind, EnumSet):
        return WordsSetField(label, kind.members, description=help)
    if isinstance(kind, EnumType):
        default = column.default.arg if column.default is not None else None  # type: ignore[attr-defined]
        members = cast(type[Enum], kind.enum_class)
        blank = default is None
        must = must if blank else DataRequired()  # left out, it is as the row is
        return WordsField(
            label, members, blank=blank, default=default, description=help, validators=[must]
        )
    if isinstance(kind, LanguageCode):
        blank = column.default is None
        return LanguageField(label, blank=blank, description=help, validators=[must])
    if isinstance(kind, Boolean):
        return BooleanField(label, description=help)
    if isinstance(kind, UtcDateTime | Date):
        moment = OsloDateTimeField if isinstance(kind, UtcDateTime) else DayField
        rules = [must, *_after_its_start(column)]
        return moment(label, description=help, validators=rules, default=_made(column))
    if isinstance(kind, Integer) or kind.python_type is int:
        return NumberField(label, description=help, validators=[must, NumberRange(0, 10_000)])
    size = getattr(kind, "length", None) or LONGEST_TEXT
    must = must if column.nullable else DataRequired()  # blanks are nothing
    rules = [must, Length(max=size), storable]
    field = TextAreaField if isinstance(kind, Text) or size > LONGEST_LINE else StringField
    return field(label, description=help, validators=rules, filters=[stripped])
