"""What every register of the office is (register): rows of one's own municipality, declared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import g, request
from flask_babel import get_locale, gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models.contact import telephone
from models.language import LANGUAGES
from models.municipality import Named
from models.people import Person
from models.vocabulary import PlanType
from views.forms import register_form
from views.office.bringing_in import BroughtIn
from views.office.import_rows import Intake
from views.office.person_field import has_name
from views.office.search import Searched, sought
from views.office.shown_only import ShownOnly
from views.office.taking_out import TakenOut
from views.realm import Realm
from views.safe import GeneratedView, SafeRows
from views.words import shown as as_words


class RegisterRows(SafeRows):
    """Rows of one's own municipality; `eager` are the relations a list shows, `named` the
    id of the person, or of another row of `whose`, by whose name they are searched."""

    def __init__(
        self,
        obj: Any,
        *eager: Any,
        named: Any = None,
        whose: Any = Person,
        shown_only: ShownOnly | None = None,
    ) -> None:
        super().__init__(obj)
        self.eager, self.named, self.whose = eager, named, whose
        self.shown_only = shown_only

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        value = SafeRows._get_attr_value(item, col)
        return telephone(value) if value and col.endswith("phone") else value

    def narrow(self, statement: Any) -> Any:
        eager = statement.options(*(joinedload(relation) for relation in self.eager))
        text = sought()
        listed = str(request.endpoint).endswith((".list", ".file"))
        if self.shown_only and listed:
            eager = self.shown_only.narrow(eager)
        if self.named is None or not text or not listed:
            return eager
        whose = self.whose
        return eager.filter(self.named.in_(select(whose.id).where(has_name(text, whose))))


class RowsWithDays(RegisterRows):
    """Each with the row itself: the list says which days have passed (`due`)."""

    def get_values(self, lst: Any, list_columns: list[str]) -> Iterator[dict[str, Any]]:
        rows = list(lst)
        for row, values in zip(rows, super().get_values(rows, list_columns), strict=True):
            yield {**values, "row": row}


class RegisterView(Searched, TakenOut, BroughtIn, GeneratedView):
    """A register of the office. The menu shows it to roles that may list it."""

    realm = Realm.REGISTER
    types: frozenset[PlanType] = frozenset()
    include_route_methods = {"list", "show", "add", "edit"}
    menu_label: Any = None
    search_columns: list[str] = []
    shown_only: ShownOnly | None = None
    """Lists within it, which one may ask for."""
    fixed: tuple[str, ...] = ()
    """Columns shown above the form that changes the rest: nobody changes a nameless row."""

    def title_of(self, row: Any) -> str:
        """The first thing its page says; a word of the town's own in the reader's language."""
        first = self.show_columns[0]
        if isinstance(row, Named) and first in LANGUAGES:
            return row.in_language(str(get_locale()))
        return as_words(self.datamodel.get_values_item(row, [first])[0])

    def new(self, form: FlaskForm) -> Any:
        return self.datamodel.obj(municipality_id=g.actor.municipality_id)

    def _add(self) -> dict[str, Any] | None:
        return self._or_taken(super()._add, "add", self.add_form)

    def _edit(self, pk: str) -> dict[str, Any] | None:
        values = self.datamodel.get_values_item(self.row(pk), self.fixed)
        facts = zip(self.fixed, values, strict=True)
        g.facts = [(self.label_columns[name], as_words(value)) for name, value in facts]
        return self._or_taken(lambda: super(RegisterView, self)._edit(pk), "edit", self.edit_form)

    def _or_taken(self, act: Any, name: str, form_class: Any) -> dict[str, Any] | None:
        """What is in the register already is said beside the form, and nothing is lost."""
        try:
            answer: dict[str, Any] | None = act()
            return answer
        except IntegrityError:
            g.session.rollback()
            form = form_class()
            form.validate()
            first = form.shown_fields()[0]
            first.errors = [gettext("This is in the register already.")]
            return self._form(name, form)


def declare(
    name: str,
    cls: Any,
    label: str,
    fields: dict[str, str],
    *,
    shown: tuple[str, ...] = (),
    more: tuple[str, ...] = (),
    labels: dict[str, str] | None = None,
    eager: tuple[Any, ...] = (),
    pages: tuple[str, ...] = ("list", "show", "add", "edit"),
    permission: str = "",
    base: type[RegisterView] = RegisterView,
    named: Any = None,
    whose: Any = Person,
    order: tuple[str, str] = ("id", "asc"),
    rows: type[RegisterRows] = RegisterRows,
    taken_out: bool = False,
    intake: Intake | None = None,
    shown_only: ShownOnly | None = None,
    **special: Any,
) -> type[RegisterView]:
    """A register's view: its class, its words, the fields of its form and of its list.

    more: columns that only the row's own page shows. taken_out: whether the list can be had as a
    file; intake: how one is brought in; shown_only: lists within it.
    """
    words = {**fields, **(labels or {})}
    columns = list(shown or fields)
    form = register_form(cls, fields, **special)
    routes = {*pages, *(("search",) if named is not None else ())}
    routes |= ({"file"} if taken_out else set()) | ({"bring_in", "look_over"} if intake else set())
    return type(
        f"{name}View",
        (base,),
        {
            "datamodel": rows(cls, *eager, named=named, whose=whose, shown_only=shown_only),
            "shown_only": shown_only,
            "is_searched": named is not None,
            "route_base": f"/register/{name.lower()}",
            "class_permission_name": permission or name,
            "menu_label": lazy_gettext(label),
            "list_title": lazy_gettext(label),
            "show_title": lazy_gettext(label),
            "add_title": lazy_gettext("%(what)s: add", what=lazy_gettext(label)),
            "edit_title": lazy_gettext("%(what)s: change", what=lazy_gettext(label)),
            "include_route_methods": routes,
            "intake": intake,
            "label_columns": {key: lazy_gettext(text) for key, text in words.items()},
            "list_columns": columns,
            "show_columns": [*columns, *more],
            "order_columns": [c for c in columns if c in cls.__mapper__.columns],
            "base_order": order,
            "add_form": form,
            "edit_form": form,
        },
    )
