"""Forms (skjema): the base all of them stand on, and those made from a declaration."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from flask_babel import get_translations, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import inspect
from wtforms import Field, HiddenField
from wtforms.validators import InputRequired, Optional

from models.elements import PlanElement, declared, helps
from models.people import Person
from views.fields import RowField, field_for, people_of_the_team, rows_of_the_plan


class _OurCatalogue:
    """WTForms' own words come from our catalogues too: it has no nynorsk of its own."""

    def gettext(self, text: str) -> str:
        return str(get_translations().gettext(text))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return str(get_translations().ngettext(one, many, n))


class Form(FlaskForm):
    """Every form of ours. A field without text is None; errors stand beside their field."""

    class Meta:
        def get_translations(self, _form: object) -> _OurCatalogue:
            return _OurCatalogue()

    def shown_fields(self) -> list[Field]:
        """The fields a person fills in, in order."""
        return [field for field in self if not _is_hidden(field)]

    def hidden_fields(self) -> list[Field]:
        return [field for field in self if _is_hidden(field)]


def _is_hidden(field: Field) -> bool:
    return isinstance(field, HiddenField)


class OnceForm(Form):
    """A form that stores a row: it carries the row's `uid`, so that a double click and
    the back button store once, says the database."""

    uid = HiddenField(default=lambda: str(uuid4()))

    def validate_uid(self, field: Field) -> None:
        try:
            field.data = str(UUID(str(field.data)))
        except ValueError:
            field.data = str(uuid4())


class VersionField(HiddenField):
    """What was looked at; never written back: SQLAlchemy counts versions."""

    def populate_obj(self, obj: object, name: str) -> None:
        pass


class VersionForm(Form):
    """A form that changes a row: it carries the version that was looked at."""

    version = VersionField()


def _fields(cls: type[PlanElement]) -> dict[str, Field]:
    columns, fields, hints = inspect(cls).columns, {}, helps(cls)
    for name, label in declared(cls).items():
        text, hint = lazy_gettext(label), lazy_gettext(hints[name]) if name in hints else ""
        if name not in cls.relations:
            fields[name] = field_for(columns[name], text, hint)
            continue
        relation = cls.relations[name]
        must = Optional() if columns[relation.key].nullable else InputRequired()
        is_person = relation.target is Person
        rows = people_of_the_team if is_person else rows_of_the_plan(relation.target)
        fields[relation.key] = RowField(text, rows, description=hint, validators=[must])
    return fields


def add_form(cls: type[PlanElement]) -> type[OnceForm]:
    """A form with one field for each declared field and relation of `cls`, in source order."""
    return type(f"Add{cls.__name__}Form", (OnceForm,), _fields(cls))


def edit_form(cls: type[PlanElement]) -> type[VersionForm]:
    """The same fields, for a row that is there."""
    return type(f"Edit{cls.__name__}Form", (VersionForm,), _fields(cls))


def register_form(cls: type[Any], labels: dict[str, str], **more: Field) -> type[Form]:
    """A form of a register: column -> msgid, and fields that are not plain columns."""
    columns = inspect(cls).columns
    fields = {
        name: more.get(name) or field_for(columns[name], lazy_gettext(label))
        for name, label in labels.items()
    }
    return type(f"{cls.__name__}Form", (Form,), fields)
