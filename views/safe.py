"""Flask-AppBuilder made safe (trygg grunnvisning): what every generated view inherits.

FAB's own `_add`, `_edit` and `_delete` commit, and swallow whatever is raised. Ours
flush and let it through: the edge commits, once, and only when nothing was refused.
Filters live in the request, not in the view; order and page are checked; a GET never
changes anything; actions, downloads and related tabs have no route.
"""

from __future__ import annotations

from copy import copy
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from flask import abort, after_this_request, flash, g, request, url_for
from flask_appbuilder import ModelView, expose, has_access
from flask_appbuilder.models.filters import Filters
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.urltools import get_filter_args
from flask_appbuilder.widgets import RenderTemplateWidget
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from models.i18n import N_
from models.keys import key
from security.policy import Forbidden
from services.errors import Conflict
from views import stale_edit
from views.once import once
from views.paging import Order
from views.realm import Realm, not_there, see_other

PAGE_SIZE = 25
MOST_COUNTED = 1000


class SafeFilters:
    """Filters of the request, not of the process.

    FAB keeps one mutable `_filters` on a view that lives as long as the process: two
    threads mix up each other's rows. This gives each request its own copy.
    """

    @property
    def _filters(self) -> Filters:
        prototype = self.__dict__["_filters_prototype"]
        mine: dict[int, Filters] = g.setdefault("filters", {}) if g else {}
        if id(self) not in mine:
            mine[id(self)] = copy(prototype)  # FAB's own .copy() forgets the search columns
            mine[id(self)].clear_filters()
        return mine[id(self)]

    @_filters.setter
    def _filters(self, value: Filters) -> None:
        self.__dict__["_filters_prototype"] = value


class SafeRows(SQLAInterface):
    """Rows the actor may read, flushed and never committed."""

    def get(self, id: Any, *_: Any, **__: Any) -> Any:
        wanted = self.narrow(select(self.obj).where(self.obj.id == key(id)))
        return self.session.scalars(wanted).unique().first()

    def query(
        self, filters: Any, order_column: str, order_direction: str, page: int, page_size: int
    ) -> tuple[int, list[Any]]:
        """The rows after the row `page`, and how many there are from there on: counted as far
        as people read, a bigger list is searched."""
        order = Order(self.obj, order_column, order_direction == "desc")
        rows = self.apply_filters(self.session.query(self.obj), filters)
        rows = order.after(rows, page) if page else rows
        count = rows.enable_eagerloads(False).limit(MOST_COUNTED + 1).count()
        if page and not count:  # the row is gone meanwhile: from the start again
            return self.query(filters, order_column, order_direction, 0, page_size)
        return count, order(rows).limit(page_size).all()

    def every(self) -> Any:
        """A select of all the rows there are, in no order."""
        return self.narrow(select(self.obj))

    def narrow(self, statement: Any) -> Any:
        """More conditions on every read; the actor's scope is there without saying."""
        return statement

    def apply_filters(self, query: Any, filters: Any) -> Any:
        return self.narrow(super().apply_filters(query, filters))

    @staticmethod
    def _get_attr_value(item: Any, col: str) -> Any:
        """The value itself: FAB hands out an enum's stored value, which nobody can read."""
        return attrgetter(col)(item)

    def add(self, item: Any, **_: Any) -> None:
        self.session.add(item)
        self.session.flush()

    def edit(self, item: Any, **_: Any) -> None:
        self.session.flush()

    def delete(self, item: Any, **_: Any) -> None:
        self.session.delete(item)
        self.session.flush()


class InUse(Conflict):
    """Other rows point to it."""

    words = N_("It is in use, and cannot be removed.")


def widget(name: str) -> type[RenderTemplateWidget]:
    """A FAB widget that renders `templates/widgets/<name>.html`."""
    made: type[RenderTemplateWidget] = type(
        name, (RenderTemplateWidget,), {"template": f"widgets/{name}.html"}
    )
    return made


class GeneratedView(SafeFilters, ModelView):
    """List, show, add, edit and delete of rows. Nothing else has a route."""

    realm: Realm
    include_route_methods = {"list", "show", "add", "edit", "delete"}
    list_widget, show_widget = widget("list"), widget("show")
    add_widget = edit_widget = widget("form")
    list_template = show_template = add_template = edit_template = "page.html"
    search_form = FlaskForm
    related_views: list[Any] = []
    add_row_message = edit_row_message = lazy_gettext("Saved.")
    delete_row_message = lazy_gettext("Removed.")
    empty_text = lazy_gettext("Nothing here yet.")
    add_text = lazy_gettext("Add")
    nobody_text = lazy_gettext("Nobody by this name.")
    is_searched = False
    search_label: Any = ""
    most_counted = MOST_COUNTED
    has_home = False

    def update_redirect(self) -> None:
        """FAB writes every address into the session; ours always knows where to go."""

    def get_redirect(self) -> str:
        return url_for(f"{type(self).__name__}.list")

    # What a person may do here, asked once by the templates

    def can(self, verb: str, row: Any = None) -> bool:
        """Whether to show a way to `verb`; the guard decides for itself."""
        return verb in self.include_route_methods and bool(g.may(f"can_{verb}"))

    def address(self, verb: str, pk: Any = None) -> str:
        """Where a button leads."""
        keys = {} if pk is None else {"pk": pk}
        return url_for(f"{type(self).__name__}.{verb}", **keys)

    def readers(self, row: Any) -> str:
        """Whom the row is for, when it is for some only."""
        return ""

    def answer_to(self, row: Any) -> str:
        """Where one answers what somebody wrote; nowhere in a register."""
        return ""

    def ways(self, row: Any) -> list[tuple[str, str]]:
        """What else can be done with a row: (words, where)."""
        return []

    def presses(self, row: Any) -> list[tuple[str, str]]:
        """What is done with a row at once, without another page: (words, where)."""
        return []

    def ways_from_the_list(self) -> list[tuple[str, str]]:
        """What else can be done with all of them: (words, where)."""
        return []

    def ways_into_the_list(self) -> list[tuple[str, str]]:
        """How else rows come into it, also when there are none: (words, where)."""
        return []

    def way_to_the_finished(self) -> tuple[bool, str] | None:
        """In a register nothing is ever finished."""
        return None

    def picture(self, row: Any) -> str:
        """The address of a picture of the row; empty without one."""
        return ""

    def origin(self, row: Any) -> tuple[str, str] | None:
        """Where it comes from, when one may go there: (words, where)."""
        return None

    def branches(self, row: Any) -> list[Any]:
        """What hangs below a row, shown on its page; nothing in a register."""
        return []

    def here(self, **changed: Any) -> str:
        """The list as it is now, with something changed: a page, an order, a search."""
        return self.address("list") + "?" + urlencode(request.args.to_dict() | changed)

    def heading(self) -> str:
        """A row's page is headed by the row's own words; its title, in the browser's own
        history, by its kind only."""
        return self.title_of(g.row) if "row" in g else ""

    def title_of(self, row: Any) -> str:
        return str(row)

    def row(self, pk: str) -> Any:
        """The row the actor may read; a look for any other is noted, and finds nothing."""
        row = self.datamodel.get(pk)
        if row is None:
            not_there()
        return row

    # FAB's life-cycle, made to raise

    def _must(self, verb: str, row: Any = None) -> None:
        """A form is for those only who may send it."""
        if not self.can(verb, row):
            raise Forbidden(f"{type(self).__name__}.{verb}")

    def _list(self, **_: Any) -> dict[str, Any]:
        try:
            get_filter_args(self._filters)  # search columns only
        except (IndexError, KeyError):
            abort(400)
        name, asked = type(self).__name__, self.order_asked()
        widgets: dict[str, Any] = self._get_list_widget(
            filters=self._filters,
            order_column=asked[0],
            order_direction=asked[1],
            page=after_row(f"after_{name}"),
            page_size=PAGE_SIZE,
            view=self,
        )
        return widgets

    def order_asked(self) -> tuple[str, str]:
        """Column and way of the list at hand; empty for the usual order."""
        name = type(self).__name__
        column = _choice(f"_oc_{name}", ["", *self.order_columns])
        return column, _choice(f"_od_{name}", ["", "asc", "desc"])

    def render_template(self, template: str, **context: Any) -> Any:
        return super().render_template(template, **{"heading": self.heading()} | context)

    def _show(self, pk: str) -> dict[str, Any]:
        item = g.row = self.row(pk)
        widgets: dict[str, Any] = self._get_show_widget(pk, item)
        widgets["show"].template_args |= {"view": self, "row": item}
        return widgets

    def _add(self) -> dict[str, Any] | None:
        self._must("add")
        form = self.blank()
        if not form.validate_on_submit():
            return self._form("add", form)
        item = self.new(form)
        form.populate_obj(item)
        once(self.datamodel.obj, item.uid, lambda: self.store(item))
        flash(str(self.add_row_message), "success")
        return None

    def store(self, item: Any) -> None:
        self.datamodel.add(item)

    def put_right(self, item: Any) -> None:
        self.datamodel.edit(item)

    def _edit(self, pk: str) -> dict[str, Any] | None:
        item = self.row(pk)
        self._must("edit", item)
        form = self.edit_form(obj=item)
        if "version" in form and not form.is_submitted() and form.draft_since is None:
            form.version.data = self.version_of(item)
        if not form.validate_on_submit():
            return self._form("edit", form)
        if self.is_fresh(item, form):
            with g.session.no_autoflush:  # one change is one version
                form.populate_obj(item)
            self.put_right(item)
        elif not stale_edit.is_stored(form, item):
            return self._form("edit", form, stale=item)
        flash(str(self.edit_row_message), "success")
        return None

    def _delete(self, pk: str) -> None:
        try:
            self.datamodel.delete(self.row(pk))
        except IntegrityError as used:
            raise InUse from used
        flash(str(self.delete_row_message), "success")

    def blank(self) -> FlaskForm:
        return self.add_form()

    def new(self, form: FlaskForm) -> Any:
        return self.datamodel.obj()

    def version_of(self, item: Any) -> str:
        return stale_edit.version_of(item)

    def is_fresh(self, item: Any, form: FlaskForm) -> bool:
        """Whether the row is as it was when the form was opened."""
        return "version" not in form or self.version_of(item) == form.version.data

    def _form(
        self, name: str, form: FlaskForm, stale: Any = None, there: Any = None
    ) -> dict[str, Any]:
        """stale: the row as somebody else has changed it; there: the one they have added.

        `g.facts`: what is fixed, (label, words), is shown above the form.
        """
        other = stale if there is None else there
        if form.errors or other is not None:
            after_this_request(_unprocessable if other is None else _conflict)
            g.wrong = True
        theirs = stale_edit.theirs(form, other) if other is not None else {}
        if stale is not None:
            form.version.data = self.version_of(stale)
        opened = "" if there is None else self.address("show", there.id)
        g.session.let_go()  # nothing is rendered inside a writing transaction
        made = getattr(self, f"{name}_widget")
        facts = g.get("facts", ())
        return {name: made(form=form, view=self, theirs=theirs, there=opened, facts=facts)}

    def post_add_redirect(self) -> Response:
        return see_other(self.get_redirect())

    post_edit_redirect = post_delete_redirect = post_add_redirect

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @has_access
    def delete(self, pk: str) -> Response | str:
        if request.method == "POST":
            self._delete(pk)
            return self.post_delete_redirect()
        row = self.row(pk)
        return str(
            self.render_template(
                "confirm.html",
                title=gettext("Remove"),
                heading=gettext("Remove “%(what)s”?", what=self.title_of(row)),
                colour="danger",
                yes=gettext("Yes, remove it"),
                no=gettext("No, keep it"),
                back_url=self.get_redirect(),
            )
        )


def _unprocessable(response: Response) -> Response:
    response.status_code = 422
    return response


def _conflict(response: Response) -> Response:
    response.status_code = 409
    return response


def _choice(name: str, allowed: list[str]) -> str:
    value = request.args.get(name, "")
    return value if value in allowed else abort(400)


def after_row(name: str) -> int:
    """The row whose followers are asked for; none on the first page."""
    row = key(request.args.get(name, "0"))
    return row if row is not None else abort(400)
