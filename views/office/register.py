"""What every register of the office is (register): rows of one's own municipality, declared."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models.vocabulary import PlanType
from views.forms import register_form
from views.realm import Realm
from views.safe import GeneratedView, SafeRows


class RegisterRows(SafeRows):
    """Rows of one's own municipality; `eager` are the relations a list shows."""

    def __init__(self, obj: Any, *eager: Any) -> None:
        super().__init__(obj)
        self.eager = eager

    def narrow(self, statement: Any) -> Any:
        return statement.options(*(joinedload(relation) for relation in self.eager))


class RegisterView(GeneratedView):
    """A register of the office. The menu shows it to roles that may list it."""

    realm = Realm.REGISTER
    types: frozenset[PlanType] = frozenset()
    include_route_methods = {"list", "show", "add", "edit"}
    menu_label: Any = ""
    search_columns: list[str] = []

    def new(self, form: FlaskForm) -> Any:
        return self.datamodel.obj(municipality_id=g.actor.municipality_id)

    def _add(self) -> dict[str, Any] | None:
        return self._or_taken(super()._add, "add", self.add_form)

    def _edit(self, pk: str) -> dict[str, Any] | None:
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
    labels: dict[str, str] | None = None,
    eager: tuple[Any, ...] = (),
    pages: tuple[str, ...] = ("list", "show", "add", "edit"),
    permission: str = "",
    base: type[RegisterView] = RegisterView,
    order: tuple[str, str] = ("id", "asc"),
    **special: Any,
) -> type[RegisterView]:
    """A register's view: its class, its words, the fields of its form and of its list."""
    words = {**fields, **(labels or {})}
    columns = list(shown or fields)
    form = register_form(cls, fields, **special)
    return type(
        f"{name}View",
        (base,),
        {
            "datamodel": RegisterRows(cls, *eager),
            "route_base": f"/register/{name.lower()}",
            "class_permission_name": permission or name,
            "menu_label": lazy_gettext(label),
            "list_title": lazy_gettext(label),
            "show_title": lazy_gettext(label),
            "add_title": lazy_gettext(label),
            "edit_title": lazy_gettext(label),
            "include_route_methods": set(pages),
            "label_columns": {key: lazy_gettext(text) for key, text in words.items()},
            "list_columns": columns,
            "show_columns": columns,
            "order_columns": [c for c in columns if c in cls.__mapper__.columns],
            "base_order": order,
            "add_form": form,
            "edit_form": form,
        },
    )
