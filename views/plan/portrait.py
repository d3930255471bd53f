"""The owner's picture (portrett): chosen, made square, shown beside the presentation."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, make_response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError

from integrations.drawing import NotAPicture
from integrations.portrait import TooSmall, portrait_of
from models.clock import today
from models.elements.presentation import Presentation
from models.keys import HIGHEST
from models.portrait import Crop, Portrait
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.portraits import file_of, portrait, put, take_away
from views.choices import OneField
from views.forms import OnceForm
from views.once import once
from views.realm import PlanPage, needs, see_other
from views.sent_file import SentFile
from views.words import shown


class PictureField(SentFile):
    """A picture, judged by its content when it is made square."""

    accept = ".jpg,.jpeg,.png"
    left_out = lazy_gettext("Choose a picture.")
    too_large = lazy_gettext("The picture is larger than 10 MB. Choose another.")


class PortraitForm(OnceForm):
    picture = PictureField(
        lazy_gettext("Picture"),
        description=lazy_gettext("JPEG or PNG. We remove where and when it was taken."),
    )
    crop = OneField(
        lazy_gettext("Which part of it?"),
        description=lazy_gettext("The picture is made square."),
        validators=[InputRequired()],
    )
    agreed = BooleanField(lazy_gettext("The one in the picture says that it is all right"))

    def validate_agreed(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(gettext("Ask first. A child decides about this too."))


class PortraitPage(PlanPage):
    route_base = "/plan/<int:plan_id>/presentation/picture"
    types = Presentation.element.types
    part = Presentation.element.scope

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        presentation = _presentation()
        if not may_put(presentation):
            raise Forbidden("a picture is put there by who writes the presentation")
        form = PortraitForm()
        form.crop.choices = [(crop.value, shown(crop)) for crop in Crop]
        if form.validate_on_submit() and self._store(form, presentation):
            flash(gettext("The picture is stored."), "success")
            return see_other(url_for("PresentationRoom.page"))
        g.session.rollback()
        page = self.render_template(
            "form_page.html",
            title=gettext("Picture"),
            lead=gettext("Everybody who may read the presentation sees it."),
            form=form,
            button=gettext("Store the picture"),
            back=url_for("PresentationRoom.page"),
        )
        return str(page), 422 if form.errors else 200

    def _store(self, form: PortraitForm, presentation: Presentation) -> bool:
        try:
            file = portrait_of(form.picture.sent, Crop(form.crop.data))
        except NotAPicture:
            form.picture.errors = [gettext("That is no JPEG or PNG picture we can read.")]
            return False
        except TooSmall:
            form.picture.errors = [gettext("The picture is too small. Choose a larger one.")]
            return False
        uid = str(form.uid.data)
        store = partial(put, g.session, g.plan, presentation, file, today(), uid)
        once(Portrait, uid, store)
        return True

    @expose("/<int:pk>")
    @needs("read")
    def file(self, pk: int) -> Response:
        content = file_of(g.session, g.plan.id, pk) if pk <= HIGHEST else None
        reply = make_response(abort(404) if content is None else content)
        reply.mimetype = "image/jpeg"
        return reply

    @expose("/away", methods=["GET", "POST"])
    @needs("write")
    def away(self) -> str | Response:
        row = portrait(g.session, _presentation()) or abort(404)
        if not permits(g.access, Action.CHANGE, facts(row)):
            raise Forbidden("taking a picture away is for who may change the presentation")
        back = url_for("PresentationRoom.page")
        if request.method == "POST":
            take_away(g.session, row)
            flash(gettext("The picture is gone."), "success")
            return see_other(back)
        title, text = gettext("Take the picture away"), gettext("Nothing is left of it here.")
        return str(self.render_template("confirm.html", title=title, text=text, back_url=back))


def may_put(presentation: Presentation) -> bool:
    """Whether the reader may put a picture beside it."""
    draft = Portrait(plan_id=g.plan.id, presentation=presentation)
    return permits(g.access, Action.ADD, facts(draft))


def _presentation() -> Presentation:
    p = Presentation
    here = select(p).where(p.plan_id == g.plan.id, p.removed_at.is_(None)).order_by(p.id)
    found: Presentation | None = g.session.scalars(here).first()
    return found or abort(404)
