"""Signing together (signere saman): the coordinator's page, while the family signs on their own
phones. Nobody signs here."""

from __future__ import annotations

import segno
from flask import abort, current_app, flash, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from models.consent import Consent
from models.i18n import N_
from models.keys import key
from security.policy import Forbidden
from services.errors import Conflict
from services.together import Progress, Stage, Step, progress, send_to_phone
from views.providers import address_of
from views.realm import PlanPage, needs, see_other

STEPS = {
    Step.NOT_OPENED: (N_("Has not opened it"), "neutral", "Hourglass"),
    Step.OPENED: (N_("Has opened it"), "info", "Eye"),
    Step.SIGNED: (N_("Has signed"), "success", "CheckmarkCircle"),
}


class Together(PlanPage):
    """For the coordinator of the plan alone. The page asks again with `?of=` the consent it
    shows, and gets the part that changes."""

    route_base = "/plan/<int:plan_id>/consent/together"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        _coordinator_only()
        if "of" in request.args:
            return self._part(key(request.args["of"]) or abort(400))
        now = progress(g.session, g.plan)
        if now.consent_id:  # the look is noted once, and not each time the page asks
            g.session.scalars(select(Consent).where(Consent.id == now.consent_id)).first()
        return str(
            self.render_template(
                "plan/together.html",
                title=gettext("Sign together now"),
                picture=_picture() if now.stage is Stage.WAITING else "",
                again=url_for("Together.page", of=now.consent_id),
                **_words(now),
            )
        )

    def _part(self, consent_id: int) -> str:
        login.unattended()  # type: ignore[attr-defined]
        now = progress(g.session, g.plan, consent_id)
        return str(self.render_template("plan/together_progress.html", **_words(now)))

    @expose("/send/<int:person_id>", methods=["POST"])
    @needs("write")
    def phone(self, person_id: int) -> Response:
        _coordinator_only()
        try:
            send_to_phone(g.session, g.plan, person_id)
        except Conflict as why:
            flash(gettext(why.words), "info")
        else:
            flash(gettext("It is on its way to the phone."), "success")
        return see_other(url_for("Together.page"))


def _words(now: Progress) -> dict[str, object]:
    signed = sum(one.step is Step.SIGNED for one in now.signers)
    state = ",".join(f"{one.id}={one.step}" for one in now.signers)
    said = [f"{one.name}: {gettext(STEPS[one.step][0])}." for one in now.signers]
    return {
        "now": now, "signed": signed, "state": f"{now.stage}:{state}", "steps": STEPS,
        "said": " ".join(said), "over": now.stage is not Stage.WAITING,
    }  # fmt: skip


def _picture() -> Markup:
    """The plain address of the signing page as a QR code, black on white on every background.
    It opens nothing: whoever reads it signs in first, as themselves."""
    if current_app.config["PORTAL"]:
        address = address_of("ConsentPage.sign")
    else:
        address = url_for("ConsentPage.sign", _external=True)
    drawn = segno.make(address, error="m", micro=False)
    title = gettext("A picture that opens the signing page on a phone")
    return Markup(drawn.svg_inline(scale=5, border=4, light="white", title=title))


def _coordinator_only() -> None:
    if not g.access.coordinator:
        raise Forbidden("the coordinator has the consent signed together")
