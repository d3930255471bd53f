"""One generated view for each declared plan element (planelement)."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Text, inspect, select

from models.clock import utcnow
from models.elements import PlanElement, declared, elements
from models.vocabulary import Scope
from security.facts import facts
from security.policy import Action, permits
from security.roles import PLAN
from views.forms import add_form, edit_form
from views.realm import Realm
from views.safe import GeneratedView, SafeRows


class PlanRows(SafeRows):
    """Rows of the plan in the address; removed, never deleted."""

    def narrow(self, statement: Any) -> Any:
        here = (self.obj.plan_id == g.plan.id, self.obj.removed_at.is_(None))
        return statement.where(*here) if hasattr(statement, "where") else statement.filter(*here)

    def delete(self, item: Any, **_: Any) -> None:
        item.removed_at = utcnow()
        self.session.flush()


class ElementView(GeneratedView):
    """Behaviour common to all plan elements; the elements themselves only declare."""

    realm = Realm.PLAN
    class_permission_name = PLAN
    cls: type[PlanElement]

    def can(self, verb: str, row: Any = None) -> bool:
        """The policy's own answer, so that no button leads to a refusal."""
        if verb == "add" and self.cls.element.start:
            return self._may_start()
        if verb == "show" and self.cls.element.room:
            return True
        if verb not in self.include_route_methods:
            return False
        if verb in ("list", "show"):
            return True
        if verb == "add":
            draft = self.cls(plan_id=g.plan.id, author_id=g.actor.person_id)
            areas = [a.life_areas for a in g.access.grants if a.scope is self.cls.element.scope]
            draft.life_areas = areas[0] if areas else frozenset()
            return permits(g.access, Action.ADD, facts(draft))
        changes = row is not None and row.locked_at is None
        return changes and permits(g.access, Action.CHANGE, facts(row))

    def _may_start(self) -> bool:
        level = g.access.level(self.cls.element.scope)
        shell = g.access.coordinator and self.cls.element.scope is Scope.MESSAGES
        reaches = level is not None and level.covers(self.cls.element.add_level)
        return bool((reaches or shell) and g.access.is_open)

    def address(self, verb: str, pk: Any = None) -> str:
        """Where to go to show or add a row: the page made by hand, when there is one."""
        declared = self.cls.element
        if verb == "show" and declared.room:
            return url_for(declared.room, pk=pk)
        if verb == "add" and declared.start:
            return url_for(declared.start)
        return super().address(verb, pk)

    def new(self, form: FlaskForm) -> Any:
        return self.cls(plan_id=g.plan.id)

    def was_stored(self, item: Any) -> bool:
        mine = (self.cls.uid == item.uid, self.cls.author_id == g.actor.person_id)
        return g.session.scalars(select(self.cls.id).where(*mine)).first() is not None

    def is_fresh(self, item: Any, form: FlaskForm) -> bool:
        return str(item.version) == str(form.version.data)


def _is_long(cls: type[PlanElement], name: str) -> bool:
    """Long text is read on the row's own page, not in a list."""
    return name not in cls.relations and isinstance(inspect(cls).columns[name].type, Text)


def build_view(cls: type[PlanElement]) -> type[ElementView]:
    """The view of one element, under `/plan/<plan_id>/<key>`, made from its declaration."""
    names = list(declared(cls))
    label = lazy_gettext(cls.element.label)
    return type(
        f"{cls.__name__}View",
        (ElementView,),
        {
            "cls": cls,
            "types": cls.element.types,
            "datamodel": PlanRows(cls),
            "route_base": f"/plan/<int:plan_id>/{cls.element.key}",
            "include_route_methods": set(cls.element.pages),
            "list_title": lazy_gettext(cls.element.plural),
            "show_title": label,
            "add_title": label,
            "edit_title": label,
            "label_columns": {name: lazy_gettext(text) for name, text in declared(cls).items()},
            "list_columns": [n for n in names if not _is_long(cls, n)][:5] or names[:1],
            "show_columns": names,
            "order_columns": [name for name in names if name not in cls.relations],
            "search_columns": [names[0]],
            "base_order": ("id", "asc"),
            "add_columns": names,
            "edit_columns": names,
            "add_form": add_form(cls),
            "edit_form": edit_form(cls),
        },
    )


def register(appbuilder: AppBuilder) -> None:
    for cls in elements():
        if cls.element.pages:
            appbuilder.add_view_no_menu(build_view(cls))
