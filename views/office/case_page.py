"""What all pages beside a request are (saka): one short form about one row of its case."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from flask import flash, g, request, url_for
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.keys import key
from models.request import Request
from services.case import case
from views.forms import RowForm
from views.once import once
from views.realm import HandMade, Realm, not_there, see_other
from views.stale_edit import is_fresh, version_of


class CasePage(HandMade):
    """`wrong`: what the service raises -> the field it stands beside, and the words (a msgid).
    `beside`: options for what more is read of the request."""

    realm = Realm.REGISTER
    route_base = "/register/request"
    class_permission_name = "Request"
    form_class: type[RowForm]
    kind: type[Any]
    saved = lead = ""
    beside: tuple[Any, ...] = ()
    wrong: dict[type[ValueError], tuple[str, str]] = {}

    @abstractmethod
    def title(self, asked: Request) -> str: ...

    @abstractmethod
    def row(self, asked: Request) -> Any:
        """The row that is changed; None when one is written. 404 where there is nothing to do."""

    def begun(self, asked: Request) -> dict[str, Any] | None:
        """What an empty form is filled in with."""
        return None

    def fit(self, form: RowForm, asked: Request) -> None:
        """Leave out what does not concern this request."""

    def lead_for(self, asked: Request) -> str:
        return str(gettext(self.lead))

    def onward(self, asked: Request) -> str:
        return url_for("RequestView.show", pk=asked.id)

    @abstractmethod
    def new(self, asked: Request, at: dict[str, Any]) -> Any:
        """A row that is not stored yet. at: its municipality, request and uid."""

    @abstractmethod
    def store(self, asked: Request, row: Any) -> None: ...

    def page(self, pk: str) -> str | Response | tuple[str, int]:
        asked = case(g.session, key(pk) or 0, *self.beside) or not_there()
        row = self.row(asked)
        is_opened = row is None and request.method == "GET"  # what is sent stands for itself
        form = self.form_class(obj=row, data=self.begun(asked) if is_opened else None)
        self.fit(form, asked)
        if not form.is_submitted() and row is not None:
            form.version.data = version_of(row)
        if form.validate_on_submit() and is_fresh(form, row):
            if row is not None or not self._is_stored(form, asked):
                self._store(form, asked, row)
            if not form.errors:
                flash(gettext(self.saved), "success")
                return see_other(self.onward(asked))
        return self._shown(form, asked), 422 if form.errors else 200

    def _is_stored(self, form: RowForm, asked: Request) -> bool:
        """The second click on the same button."""
        one = self.kind
        same = select(one.id).where(one.uid == form.uid.data, one.request_id == asked.id)
        return g.session.scalar(same) is not None

    def _store(self, form: RowForm, asked: Request, there: Any) -> None:
        uid = form.uid.data or ""
        at = {"uid": uid, "municipality_id": asked.municipality_id, "request_id": asked.id}
        row = there if there is not None else self.new(asked, at)
        with g.session.no_autoflush:
            form.populate_obj(row)
        try:
            once(self.kind, uid, lambda: self.store(asked, row))
        except tuple(self.wrong) as fault:
            words = gettext(self.wrong[type(fault)][1])
            for field in self.wrong_fields(form, fault):
                form[field].errors = [words]

    def wrong_fields(self, form: RowForm, fault: ValueError) -> list[str]:
        """Where it is said."""
        return [self.wrong[type(fault)][0]]

    def _shown(self, form: RowForm, asked: Request) -> str:
        title = self.title(asked)
        back, lead = url_for("RequestView.show", pk=asked.id), self.lead_for(asked)
        g.session.rollback()  # nothing is rendered inside a writing transaction
        page = self.render_template("form_page.html", title=title, lead=lead, form=form, back=back)
        return str(page)
