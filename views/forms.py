"""Forms (skjema): the base all of them stand on, and those made from a declaration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID, uuid4

from flask import request
from flask_babel import get_translations, gettext, lazy_gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import inspect
from wtforms import Field, FieldList, FileField, FormField, HiddenField, TextAreaField
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired, Optional

from models.elements import PlanElement, changing, declared, helps
from models.language import LANGUAGES, Language
from models.municipality import Named
from models.people import Person
from views import drafts
from views.choices import AboveField, AreaField, RowField, people_of_the_team, rows_of_the_plan
from views.fields import field_for, text_in
from views.plan.adding import areas_open


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

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """What a form of ours sends: never JSON, whose lists and numbers no field expects.
            Or, when it is opened, what its writer had come to the last time."""
            if formdata is None:
                return None
            return request.form if request.method == "POST" else form.draft_offered()

    def process(self, formdata: Any = None, obj: Any = None, *more: Any, **kw: Any) -> None:
        self._row = obj  # what rules about two fields look at, when one is not in the form
        super().process(formdata, obj, *more, **kw)

    @property
    def has_files(self) -> bool:
        """Whether a browser must send it in parts."""
        return any(isinstance(field, FileField) for field in self)

    draft_since: datetime | None = None
    """Since when there is a draft, which it is filled in with."""

    def keeps_draft(self) -> bool:
        """Whether a draft is kept of it: a form for long text inside a plan."""
        return drafts.is_taken_here() and any(isinstance(f, TextAreaField) for f in self)

    def draft_address(self) -> str:
        return drafts.address()

    def draft_was_there(self) -> bool:
        """A form that comes back with an error still has its draft."""
        return "draft" in request.form

    def draft_offered(self) -> Any:
        draft = drafts.begun() if self.keeps_draft() else None
        if draft is None:
            return None
        self.draft_since = draft.saved_at
        return drafts.as_sent(draft)

    def shown_fields(self) -> list[Field]:
        """The fields a person fills in, in order."""
        return [field for field in self if not _is_hidden(field)]

    def hidden_fields(self) -> list[Field]:
        return [field for field in self if _is_hidden(field)]

    def wrong(self) -> list[tuple[str, str]]:
        """(id, label and what is wrong) of each field that was refused, inner ones too."""
        return [(id_, f"{label}: {text}") for id_, label, text in _wrong(self)]

    def kept_back(self, row: Any) -> Iterable[str]:
        """Names of fields whose stored value is never shown."""
        return ()


def _is_hidden(field: Field) -> bool:
    return isinstance(field, HiddenField)


def _wrong(fields: Iterable[Field]) -> Iterator[tuple[str, str, str]]:
    for field in fields:
        if isinstance(field, FieldList):
            for number, line in enumerate(field, 1):
                yield from (
                    (id_, f"{number}. {label}", text) for id_, label, text in _wrong([line])
                )
        elif isinstance(field, FormField):
            yield from _wrong(field)
        said = [str(error) for error in field.errors if not isinstance(error, dict | list)]
        if said and not isinstance(field, FormField):
            yield field.id, _spoken(field.label.text), said[0]


def _spoken(label: Any) -> str:
    return str(label.striptags() if isinstance(label, Markup) else label)


class UidField(HiddenField):
    """The row's own, from the form that made it; a row that is there keeps its own."""

    def populate_obj(self, obj: object, name: str) -> None:
        if inspect(obj).transient:
            setattr(obj, name, self.data)


class OnceForm(Form):
    """A form that stores a row: it carries the row's `uid`, so that a double click and
    the back button store once, says the database."""

    uid = UidField(default=lambda: str(uuid4()))

    def validate_uid(self, field: Field) -> None:
        try:
            field.data = str(UUID(str(field.data)))
        except ValueError:
            field.data = str(uuid4())


class VersionField(HiddenField):
    """What was looked at; never written back: SQLAlchemy counts versions."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = valuelist[0] if valuelist else ""  # what is stored has not been looked at

    def populate_obj(self, obj: object, name: str) -> None:
        pass


class VersionForm(Form):
    """A form that changes a row: it carries the version that was looked at."""

    version = VersionField()


class SomeWordsForm(Form):
    """A form in which nothing must be filled in, but something: so none of it is said to be
    optional."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for field in self:
            if isinstance(field, TextAreaField):
                field.flags.required = True

    def validate(self, *args: Any, **kw: Any) -> bool:
        texts = [field for field in self if isinstance(field, TextAreaField)]
        right: bool = super().validate(*args, **kw)
        if right and not any(field.data for field in texts):
            texts[0].errors = [gettext("Write something in one of the fields.")]
            return False
        return right


def _fields(cls: type[PlanElement], names: dict[str, str]) -> dict[str, Field]:
    columns, hints = inspect(cls).columns, helps(cls)
    fields: dict[str, Field] = {}
    for name, label in names.items():
        text, hint = lazy_gettext(label), lazy_gettext(hints[name]) if name in hints else ""
        if name not in cls.relations and getattr(columns[name].type, "single", False):
            areas = partial(areas_open, cls)
            fields[name] = AreaField(text, areas, description=hint, validators=[InputRequired()])
            continue
        if name not in cls.relations:
            fields[name] = field_for(columns[name], text, hint)
            continue
        relation = cls.relations[name]
        must = Optional() if columns[relation.key].nullable else InputRequired()
        said: dict[str, Any] = {"description": hint, "validators": [must]}
        if relation.target is cls:
            fields[relation.key] = AboveField(text, cls, **said)
            continue
        is_person = relation.target is Person
        rows = people_of_the_team if is_person else rows_of_the_plan(relation.target)
        fields[relation.key] = RowField(text, rows, **said)
    return fields


def add_form(cls: type[PlanElement], *rules: type[Any]) -> type[OnceForm]:
    """A form with one field for each declared field and relation of `cls`, in source order.

    rules: classes whose `validate_<field>` say what a declaration cannot.
    """
    kinds = (*rules, *_kinds(cls, OnceForm))
    return type(f"Add{cls.__name__}Form", kinds, _fields(cls, declared(cls)))


def edit_form(cls: type[PlanElement], *rules: type[Any]) -> type[VersionForm]:
    """The same fields, but what is fixed, for a row that is there."""
    kinds = (*rules, *_kinds(cls, VersionForm))
    return type(f"Edit{cls.__name__}Form", kinds, _fields(cls, changing(cls)))


def _kinds(cls: type[PlanElement], kind: type[Form]) -> tuple[type[Form], ...]:
    columns = inspect(cls).columns
    must = any(not columns[name].nullable for name in changing(cls) if name not in cls.relations)
    return (kind,) if must else (SomeWordsForm, kind)


class RowForm(OnceForm, VersionForm):
    """A form for a new row and for one that is there."""


def _field_of(cls: type[Any], columns: Any, name: str, label: Any) -> Field:
    if issubclass(cls, Named) and name in LANGUAGES:
        return text_in(Language(name), label, cls.longest)
    return field_for(columns[name], label)


def register_form(cls: type[Any], labels: dict[str, str], **more: Field) -> type[RowForm]:
    """A form of a register: column -> msgid, and fields that are not plain columns."""
    columns = inspect(cls).columns
    fields = {
        name: more.get(name) or _field_of(cls, columns, name, lazy_gettext(label))
        for name, label in labels.items()
    }
    for field in fields.values():  # in the order of the declaration, whoever made them
        UnboundField.creation_counter += 1
        cast(Any, field).creation_counter = UnboundField.creation_counter
    return type(f"{cls.__name__}Form", (RowForm,), fields)
