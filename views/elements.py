"""One generated view for each declared plan element (planelement)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import g, get_template_attribute, request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Text, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from models.clock import utcnow
from models.contact import telephone
from models.elements import PlanElement, changing, declared, elements, encrypted
from models.i18n import N_
from models.keys import key
from models.people import Person
from models.plan import Participant
from models.vocabulary import LifeArea, Scope
from security.facts import facts
from security.policy import Action, permits
from security.roles import PLAN
from services.errors import Conflict
from views.branches import Branch, branch, kinds_below
from views.finished import finished_of, is_asked_for, of_those_shown
from views.forms import add_form, edit_form
from views.life_areas import names
from views.plan.adding import may_add
from views.plan.hiding import hiding_address
from views.plan.versions import versions_address
from views.realm import Realm
from views.safe import GeneratedView, SafeRows
from views.words import shown


class AlreadyThere(Conflict):
    """A plan has one of it, and somebody has written it."""

    words = N_("Somebody has written here already. Open the page again to go on with it.")


TAKER = (Participant.plan_id, Participant.person_id, Participant.status)
"""What is asked of who does a task, beside the name; the log names whom it was about."""


class PlanRows(SafeRows):
    """Rows of the plan in the address; removed, never deleted."""

    def narrow(self, statement: Any) -> Any:
        here = (self.obj.plan_id == g.plan.id, self.obj.removed_at.is_(None))
        with_author = joinedload(self.obj.author).load_only(Person.name)
        taker = getattr(self.obj, "taker", None)
        status = [] if taker is None else [joinedload(taker).load_only(*TAKER)]
        return statement.where(*here).options(with_author, *status)

    def apply_filters(self, query: Any, filters: Any) -> Any:
        """Those that are shown: what is finished stands there when it is asked for."""
        return of_those_shown(super().apply_filters(query, filters), self.obj)

    def get_values(self, lst: Any, list_columns: list[str]) -> Iterator[dict[str, Any]]:
        """Who wrote each row, and when, comes with it: one wants to know in every list."""
        rows = list(lst)
        for row, values in zip(rows, super().get_values(rows, list_columns), strict=True):
            by = row.author.name if row.author else ""
            written = ", ".join(filter(None, (by, shown(row.created_at))))
            yield {**values, "written": written, "row": row}

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        """A telephone number as people read it aloud, to be pressed; an address likewise."""
        value, column = SafeRows._get_attr_value(item, col), inspect(type(item)).columns.get(col)
        kind = "" if column is None else column.info.get("reads")
        if not value or not kind:
            return value
        return get_template_attribute("components/reach.html", "reach")(
            kind, value, telephone(value)
        )

    def delete(self, item: Any, **_: Any) -> None:
        item.removed_at = utcnow()
        self.session.flush()


class ElementView(GeneratedView):
    """Behaviour common to all plan elements; the elements themselves only declare."""

    realm = Realm.PLAN
    class_permission_name = PLAN
    cls: type[PlanElement]
    rules: tuple[type[Any], ...] = ()
    """What its forms ask beside what is declared."""
    listed: tuple[str, ...] = ()
    """Columns of its list; the first short ones unless it says."""

    def can(self, verb: str, row: Any = None) -> bool:
        """The policy's own answer, so that no button leads to a refusal."""
        if verb == "add" and self.cls.element.start:
            return self._may_start()
        made = self.cls.element
        if (verb == "show" and made.room) or (verb == "list" and made.home):
            return True
        if verb not in self.include_route_methods:
            return False
        if verb in ("list", "show"):
            return True
        if verb == "add":
            return may_add(self.cls)
        changes = row is not None and row.locked_at is None
        asked = {"removed_at": None} if verb == "delete" else None
        return changes and permits(g.access, Action.CHANGE, facts(row, asked))

    def _may_start(self) -> bool:
        level = g.access.level(self.cls.element.scope)
        shell = g.access.coordinator and self.cls.element.scope is Scope.MESSAGES
        reaches = level is not None and level.covers(self.cls.element.add_level)
        return bool((reaches or shell) and g.access.is_open)

    def address(self, verb: str, pk: Any = None) -> str:
        """Where to go to list, show or add rows: the page made by hand, when there is one."""
        declared = self.cls.element
        if verb == "list" and declared.home:
            return url_for(declared.home)
        if verb == "show" and declared.room:
            return url_for(declared.room, pk=pk)
        if verb == "add" and declared.start:
            return url_for(declared.start)
        return super().address(verb, pk)

    def way_to_the_finished(self) -> tuple[bool, str] | None:
        """Whether what is finished is shown, and where it is turned; None where nothing is."""
        if not finished_of(self.cls):
            return None
        return is_asked_for(), self.address("list")

    def blank(self) -> FlaskForm:
        """An empty form; asked for below a row, it points at that row already."""
        asked: dict[str, Any] = {k: key(request.args[k]) for k in self._above()}
        return self.add_form(data=asked | self._about())

    def _about(self) -> dict[str, Any]:
        """What of the fixed is said in the address: the life area."""
        said = request.args.get("life_areas")
        return {"life_areas": frozenset({LifeArea(said)})} if said in set(LifeArea) else {}

    def _add(self) -> dict[str, Any] | None:
        """Of what a plan has one, that one is shown, beside what one has written meanwhile."""
        there = self._there(self._about()) if request.method == "GET" else None
        if there is not None and self.blank().draft_since is None:
            g.there = there
            return None
        if there is not None:
            return self._form("add", self.blank(), there=there)
        try:
            return super()._add()
        except (IntegrityError, AlreadyThere):
            g.session.rollback()
            form = self.blank()
            second = self.new(form)
            form.populate_obj(second)
            there = self._there(self._one_of(second))
            if there is None:
                raise
            return self._form("add", form, there=there)

    def _edit(self, pk: str) -> dict[str, Any] | None:
        fixed = declared(self.cls).keys() - changing(self.cls).keys()
        if fixed:
            g.facts = [(self.label_columns[name], self.title_of(self.row(pk))) for name in fixed]
        return super()._edit(pk)

    def _there(self, about: dict[str, Any]) -> Any:
        """The row that a new one would be the second of, when the actor may read it."""
        each = self.cls.element.one_each
        if each is None or not about.keys() >= set(each):
            return None
        here = [getattr(self.cls, name) == about[name] for name in each]
        there = self.datamodel.narrow(select(self.cls)).where(*here)
        return g.session.scalars(there.order_by(self.cls.hidden_from_guardians)).first()

    def store(self, item: Any) -> None:
        if self._there(self._one_of(item)) is not None:
            raise AlreadyThere
        super().store(item)

    def _one_of(self, item: PlanElement) -> dict[str, Any]:
        return {name: getattr(item, name) for name in self.cls.element.one_each or ()}

    def get_redirect(self) -> str:
        """Where one came from: the row above, when there is one, else the list."""
        if "there" in g:
            return self.address("show", g.there.id)
        for name, cls in self._above().items():
            pk = key(request.args[name])
            if pk is not None:
                return url_for(f"{cls.__name__}View.show", pk=pk)
        return self.address("list")

    def title_of(self, row: Any) -> str:
        """Of what a plan has one for each life area, or only one, each is called as that is."""
        each = self.cls.element.one_each
        if each is None:
            return str(row)
        return names()[min(row.life_areas)] if each else str(self.show_title)

    def _above(self) -> dict[str, type[PlanElement]]:
        links = self.cls.relations.values()
        return {r.key: r.target for r in links if r.key in request.args and r.target is not Person}

    def readers(self, row: PlanElement) -> str:
        """Whom a row for some only is for, by name; empty when all with the part read it."""
        only = row.audience
        if only is None:
            return ""
        table: Any = only.table
        to = select(Person.name).join(table, table.person_id == Person.id)
        here = getattr(table, only.key) == getattr(row, only.column)
        return ", ".join(g.session.scalars(to.where(here).order_by(Person.name)))

    def ways(self, row: PlanElement) -> list[tuple[str, str]]:
        """What it was before; and keeping it from somebody, for those who may."""
        there = {
            gettext("Earlier versions"): versions_address(row),
            gettext("Who must not read this?"): hiding_address(row),
        }
        return [(words, address) for words, address in there.items() if address]

    def branches(self, row: PlanElement) -> list[Branch]:
        """What hangs below the row: tasks and comments of a goal, comments of a task."""
        return [branch(cls, name, row) for cls, name in kinds_below(self.cls)]

    def new(self, form: FlaskForm) -> Any:
        return self.cls(plan_id=g.plan.id)

    def is_fresh(self, item: Any, form: FlaskForm) -> bool:
        return self.version_of(item) == str(form.version.data)

    def version_of(self, item: Any) -> str:
        return str(item.version)


def _is_long(cls: type[PlanElement], name: str) -> bool:
    """Long text is read on the row's own page, not in a list."""
    return name not in cls.relations and isinstance(inspect(cls).columns[name].type, Text)


def build_view(cls: type[PlanElement], base: type[ElementView] = ElementView) -> type[ElementView]:
    """The view of one element, under `/plan/<plan_id>/<key>`, made from its declaration.

    base: what is made by hand of it.
    """
    names = list(changing(cls))
    short = [n for n in names if not _is_long(cls, n)]
    label = lazy_gettext(cls.element.label)
    return type(
        f"{cls.__name__}View",
        (base,),
        {
            "cls": cls,
            "types": cls.element.types,
            "part": cls.element.scope,
            "has_home": cls.element.home is not None,
            "datamodel": PlanRows(cls),
            "route_base": f"/plan/<int:plan_id>/{cls.element.key}",
            "include_route_methods": set(cls.element.pages),
            "list_title": lazy_gettext(cls.element.plural),
            "show_title": label,
            "add_title": lazy_gettext(cls.element.add_text),
            "add_text": lazy_gettext(cls.element.add_text),
            "edit_title": lazy_gettext("%(what)s: change", what=label),
            "label_columns": {name: lazy_gettext(text) for name, text in declared(cls).items()},
            "list_columns": base.listed or short[:5] or names[:1],
            "show_columns": names,
            "order_columns": [
                name for name in names if name not in {*cls.relations, *encrypted(cls)}
            ],
            "search_columns": [names[0]],
            # What is never changed is read as a log: the newest first.
            "base_order": ("id", "asc" if "edit" in cls.element.pages else "desc"),
            "add_columns": list(declared(cls)),
            "edit_columns": names,
            "add_form": add_form(cls, *base.rules),
            "edit_form": edit_form(cls, *base.rules),
        },
    )


def register(
    appbuilder: AppBuilder, by_hand: Mapping[type[PlanElement], type[ElementView]]
) -> None:
    """by_hand: element -> its view, where generation is not enough."""
    for cls in elements():
        if cls.element.pages:
            appbuilder.add_view_no_menu(build_view(cls, by_hand.get(cls, ElementView)))
