"""Asking the coordinating unit for help (førespurnad): page by page, signed in or not."""

from __future__ import annotations

from typing import Any

from flask import abort, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import get_locale, gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from models.keys import HIGHEST
from models.language import Language
from models.municipality import Municipality
from models.people import Person
from security.rate_limits import TooManyAttempts
from services import request_drafts
from services.request_drafts import NoSuchDraft, Said
from services.requests import receipt, send
from views import errors
from views.engine import engine
from views.fields import storable
from views.forms import Form
from views.public.request_forms import PAGES, PageForm, columns, concerns, filled, names_of
from views.realm import PublicPage, see_other
from views.words import shown

TITLES = {
    "about": lazy_gettext("Who and what"),
    "person": lazy_gettext("Who is it?"),
    "words": lazy_gettext("In your own words"),
    "sender": lazy_gettext("How we reach you"),
}


class CodeForm(Form):
    code = StringField(
        lazy_gettext("Code"),
        description=lazy_gettext("Twelve letters and digits. It counts for fourteen days."),
        validators=[DataRequired(), Length(max=40), storable],
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )


class Requesting(PublicPage):
    """The draft lies in the database, and the session knows which one is this browser's."""

    route_base = "/request"

    @expose("/")
    def towns(self) -> str | Response:
        """Which municipality; with one only there is nothing to choose."""
        wanted = select(Municipality.id, Municipality.name).order_by(Municipality.name)
        found = g.session.execute(wanted).all()
        if len(found) == 1:
            return see_other(url_for("Requesting.start", municipality_id=found[0].id))
        title = gettext("Where do you live?")
        return str(self.render_template("request/towns.html", title=title, towns=found))

    @expose("/<int:municipality_id>/", methods=["GET", "POST"])
    def start(self, municipality_id: int) -> str | Response | tuple[str, int]:
        if request.method == "POST":
            return self._begin(municipality_id)
        title = gettext("Ask for a coordinator or a plan")
        town = _town(municipality_id)
        return str(self.render_template("request/start.html", title=title, town=town))

    def _begin(self, municipality_id: int) -> Response | tuple[str, int]:
        try:
            uid = request_drafts.begin(engine(), municipality_id, request.remote_addr or "")
        except TooManyAttempts:
            return errors.page(429)
        except NoSuchDraft:
            abort(404)
        login["request"] = uid
        return _to(municipality_id, "about")

    @expose("/<int:municipality_id>/code", methods=["GET", "POST"])
    def resume(self, municipality_id: int) -> str | Response | tuple[str, int]:
        form = CodeForm()
        if form.validate_on_submit():
            try:
                here = request_drafts.find(
                    engine(), form.code.data or "", request.remote_addr or ""
                )
            except TooManyAttempts:
                return errors.page(429)
            except NoSuchDraft:
                form.code.errors = [gettext("We find nothing with this code. Is it right?")]
            else:
                login["request"] = here[1]
                return see_other(url_for("Requesting.summary", municipality_id=here[0]))
        title, button = gettext("Go on with a request"), gettext("Go on")
        page = self.render_template("form_page.html", title=title, form=form, button=button)
        return str(page), 422 if form.errors else 200

    @expose("/<int:municipality_id>/<step>", methods=["GET", "POST"])
    def step(self, municipality_id: int, step: str) -> str | Response | tuple[str, int]:
        form_class = PAGES.get(step) or abort(404)
        kept = _kept(municipality_id)
        if kept is None:
            return _begin_again(municipality_id)
        form = form_class(concerns(kept), kept.get(step) or _known(step))
        later = "later" in request.form
        if later or form.validate_on_submit():
            sent = {name: request.form.getlist(name) for name in names_of(form_class)}
            kept = request_drafts.keep(engine(), municipality_id, login["request"], step, sent)
            if later:
                return see_other(url_for("Requesting.later", municipality_id=municipality_id))
            return _onwards(municipality_id, kept)
        return self._page(municipality_id, step, form), 422 if form.errors else 200

    def _page(self, municipality_id: int, step: str, form: PageForm) -> str:
        page = self.render_template(
            "request/step.html",
            title=TITLES[step],
            form=form,
            steps=[*TITLES.values(), gettext("Look over")],
            now=[*TITLES].index(step) + 1,
            back=_before(municipality_id, step),
        )
        return str(page)

    @expose("/<int:municipality_id>/later")
    def later(self, municipality_id: int) -> str | Response:
        if _kept(municipality_id) is None:
            return _begin_again(municipality_id)
        title = gettext("Go on later")
        said = {"code": request_drafts.code(login["request"]), "at": municipality_id}
        return str(self.render_template("request/later.html", title=title, **said))

    @expose("/<int:municipality_id>/summary", methods=["GET", "POST"])
    def summary(self, municipality_id: int) -> str | Response | tuple[str, int]:
        try:
            return self._summary(municipality_id)
        except TooManyAttempts:
            return errors.page(429)

    def _summary(self, municipality_id: int) -> str | Response | tuple[str, int]:
        kept = _kept(municipality_id)
        if kept is None:
            return _sent_or_begin_again(municipality_id)
        forms = filled(kept)
        wrong = next((name for name, form in forms.items() if not form.validate()), None)
        if request.method == "POST" and wrong is not None:
            return _to(municipality_id, wrong)
        if request.method == "POST":
            said = columns(forms) | {"language": Language(str(get_locale()))}
            send(
                engine(),
                login["request"],
                said,
                _sender(municipality_id),
                request.remote_addr or "",
            )
            return see_other(url_for("Requesting.sent", municipality_id=municipality_id))
        page = self.render_template(
            "request/summary.html",
            title=gettext("Look over and send"),
            parts=[(name, TITLES[name], _facts(form)) for name, form in forms.items()],
            steps=[*TITLES.values(), gettext("Look over")],
            wrong=wrong,
            town=_town(municipality_id),
            at=municipality_id,
        )
        return str(page)

    @expose("/<int:municipality_id>/sent")
    def sent(self, municipality_id: int) -> str | Response:
        try:
            kept = receipt(engine(), login.get("request", ""))
        except NoSuchDraft:
            return _begin_again(municipality_id)
        title = gettext("The request is sent")
        return str(self.render_template("request/sent.html", title=title, receipt=kept))


def _town(municipality_id: int) -> Municipality:
    if municipality_id > HIGHEST:
        abort(404)
    row: Municipality = g.session.get(Municipality, municipality_id) or abort(404)
    return row


def _kept(municipality_id: int) -> Said | None:
    """What this browser has filled in there; None when it has begun nothing, or has sent it."""
    try:
        return request_drafts.said(engine(), municipality_id, login.get("request", ""))
    except NoSuchDraft:
        return None


def _known(step: str) -> dict[str, list[str]] | None:
    """How whoever has signed in is called and reached: they need not write it again."""
    if step != "sender" or g.get("actor") is None or request.method == "POST":
        return None
    me = g.session.get(Person, g.actor.person_id)
    known = {"from_name": me.name, "from_phone": me.phone, "from_email": me.email} if me else {}
    return {name: [value] for name, value in known.items() if value}


def _sender(municipality_id: int) -> int | None:
    actor = g.get("actor")
    return actor.person_id if actor and actor.municipality_id == municipality_id else None


def _facts(form: PageForm) -> list[tuple[Any, str]]:
    """What was answered, in words."""
    return [(field.label.text, _said(field)) for field in form.shown_fields()]


def _said(field: Any) -> str:
    chosen = getattr(field, "choices", None)
    if not chosen:
        return shown(field.data)
    offered = chosen() if callable(chosen) else chosen
    data = field.data if isinstance(field.data, list) else [field.data]
    picked = {str(one) for one in data if one is not None}
    return ", ".join(str(label) for value, label in offered if str(value) in picked)


def _onwards(municipality_id: int, kept: Said) -> Response:
    """The next page that is not filled in; when all are, the summary."""
    for name in PAGES:
        if name not in kept:
            return _to(municipality_id, name)
    return see_other(url_for("Requesting.summary", municipality_id=municipality_id))


def _to(municipality_id: int, step: str) -> Response:
    return see_other(url_for("Requesting.step", municipality_id=municipality_id, step=step))


def _before(municipality_id: int, step: str) -> str:
    names = [*PAGES]
    place = names.index(step)
    if place == 0:
        return url_for("Requesting.start", municipality_id=municipality_id)
    before = names[place - 1]
    return url_for("Requesting.step", municipality_id=municipality_id, step=before)


def _begin_again(municipality_id: int) -> Response:
    return see_other(url_for("Requesting.start", municipality_id=municipality_id))


def _sent_or_begin_again(municipality_id: int) -> Response:
    """The second click goes where the first one went."""
    try:
        receipt(engine(), login.get("request", ""))
    except NoSuchDraft:
        return _begin_again(municipality_id)
    return see_other(url_for("Requesting.sent", municipality_id=municipality_id))
