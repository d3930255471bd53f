"""Pictures in a plan (bilete): chosen, made square, shown beside the row they belong to."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from flask import abort, flash, g, make_response, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError

from integrations.drawing import NotAPicture
from integrations.square import TooSmall, square
from models.clock import today
from models.elements import PlanElement
from models.elements.goal import Goal
from models.elements.presentation import Presentation
from models.i18n import N_
from models.illustration import Crop, GoalPicture, Illustration, Portrait
from models.keys import HIGHEST
from security.facts import facts
from security.policy import Action, Forbidden, permits
from services.illustrations import blank, file_of, picture, put, take_away
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


class PictureForm(OnceForm):
    picture = PictureField(
        lazy_gettext("Picture"),
        description=lazy_gettext("JPEG or PNG. We remove where and when it was taken."),
    )
    crop = OneField(
        lazy_gettext("Which part of it?"),
        description=lazy_gettext("The picture is made square."),
        validators=[InputRequired()],
    )


class PortraitForm(PictureForm):
    agreed = BooleanField(lazy_gettext("The one in the picture says that it is all right"))

    def validate_agreed(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(gettext("Ask first. A child decides about this too."))


class GoalPictureForm(PortraitForm):
    agreed = BooleanField(
        lazy_gettext("Nobody is in the picture, or those who are say that it is all right")
    )


class PicturePage(PlanPage):
    """What is alike, whatever the picture belongs to."""

    kind: ClassVar[type[Illustration]]
    form_of: ClassVar[type[PortraitForm]]
    lead: ClassVar[str]

    def put_there(self, of: PlanElement, back: str) -> str | Response | tuple[str, int]:
        if not may_put(self.kind, of):
            raise Forbidden("a picture is put there by who writes what it belongs to")
        form = self.form_of()
        form.crop.choices = [(crop.value, shown(crop)) for crop in Crop]
        if form.validate_on_submit() and self._store(form, of):
            flash(gettext("The picture is stored."), "success")
            return see_other(back)
        g.session.let_go()
        page = self.render_template(
            "form_page.html",
            title=": ".join(filter(None, (gettext("Picture"), self.about(of)))),
            lead=gettext(self.lead),
            form=form,
            button=gettext("Store the picture"),
            back=back,
        )
        return str(page), 422 if form.errors else 200

    def about(self, of: PlanElement) -> str:
        """What it belongs to, where a plan has several of those."""
        return ""

    def _store(self, form: PortraitForm, of: PlanElement) -> bool:
        try:
            file = square(form.picture.sent, Crop(form.crop.data))
        except NotAPicture:
            form.picture.errors = [gettext("That is no JPEG or PNG picture we can read.")]
            return False
        except TooSmall:
            form.picture.errors = [gettext("The picture is too small. Choose a larger one.")]
            return False
        uid = str(form.uid.data)
        once(self.kind, uid, partial(put, g.session, self.kind, of, file, today(), uid))
        return True

    def sent(self, pk: int) -> Response:
        content = file_of(g.session, self.kind, g.plan.id, pk) if pk <= HIGHEST else None
        reply = make_response(abort(404) if content is None else content)
        reply.mimetype = "image/jpeg"
        return reply

    def take_it_away(self, of: PlanElement, back: str) -> str | Response:
        row = picture(g.session, self.kind, of) or abort(404)
        if not permits(g.access, Action.CHANGE, facts(row)):
            raise Forbidden("taking a picture away is for who may change what it belongs to")
        if request.method == "POST":
            take_away(g.session, row)
            flash(gettext("The picture is gone."), "success")
            return see_other(back)
        title, text = gettext("Take the picture away"), gettext("Nothing is left of it here.")
        return str(self.render_template("confirm.html", title=title, text=text, back_url=back))


class PortraitPage(PicturePage):
    route_base = "/plan/<int:plan_id>/presentation/picture"
    types = Presentation.element.types
    part = Presentation.element.scope
    kind, form_of = Portrait, PortraitForm
    lead = N_("Everybody who may read the presentation sees it.")

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        return self.put_there(_presentation(), url_for("PresentationRoom.page"))

    @expose("/<int:pk>")
    @needs("read")
    def file(self, pk: int) -> Response:
        return self.sent(pk)

    @expose("/away", methods=["GET", "POST"])
    @needs("write")
    def away(self) -> str | Response:
        return self.take_it_away(_presentation(), url_for("PresentationRoom.page"))


class GoalPicturePage(PicturePage):
    route_base = "/plan/<int:plan_id>/goal"
    types = Goal.element.types
    part = Goal.element.scope
    kind, form_of = GoalPicture, GoalPictureForm
    lead = N_("Everybody who may read the goal sees it.")

    def about(self, of: PlanElement) -> str:
        return str(of)

    @expose("/<int:pk>/picture", methods=["GET", "POST"])
    @needs("write")
    def form(self, pk: int) -> str | Response | tuple[str, int]:
        return self.put_there(_goal(pk), url_for("GoalView.show", pk=pk))

    @expose("/picture/<int:pk>")
    @needs("read")
    def file(self, pk: int) -> Response:
        return self.sent(pk)

    @expose("/<int:pk>/picture/away", methods=["GET", "POST"])
    @needs("write")
    def away(self, pk: int) -> str | Response:
        return self.take_it_away(_goal(pk), url_for("GoalView.show", pk=pk))


def may_put(kind: type[Illustration], of: PlanElement) -> bool:
    """Whether the reader may put a picture beside it."""
    return permits(g.access, Action.ADD, facts(blank(kind, of)))


def _presentation() -> Presentation:
    p = Presentation
    here = select(p).where(p.plan_id == g.plan.id, p.removed_at.is_(None)).order_by(p.id)
    found: Presentation | None = g.session.scalars(here).first()
    return found or abort(404)


def _goal(pk: int) -> Goal:
    here = select(Goal).where(Goal.plan_id == g.plan.id, Goal.removed_at.is_(None))
    found: Goal | None = g.session.scalars(here.where(Goal.id == min(pk, HIGHEST))).first()
    return found or abort(404)
