"""Who has seen the plan (innsyn): every look, every write, every refusal."""

from __future__ import annotations

from flask import abort, g, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import select

from models.audit import AccessEvent
from models.elements import elements
from models.i18n import N_
from models.keys import key
from models.vocabulary import Role
from security.policy import Forbidden
from views.realm import PlanPage, needs
from views.words import shown

A_PAGE = 30
ACTIONS = {
    "read": N_("Looked at"),
    "add": N_("Wrote"),
    "change": N_("Changed"),
    "denied": N_("Was refused"),
}
KINDS = {
    "plan": N_("The plan"),
    "participant": N_("Participants"),
    "consent": N_("Consent"),
    "consent_line": N_("Consent"),
    "signature": N_("Signature"),
    "signature_answer": N_("Signature"),
    "hearing": N_("What the child means"),
    "access_grant": N_("Access"),
    "message_recipient": N_("Receiver of a message"),
    "invitee": N_("Called to a meeting"),
    "access_event": N_("Who has seen the plan"),
}
BASES = {
    "owner": N_("Owner of the plan"),
    "representation": N_("Acts for the owner"),
    "appointment": N_("Appointed coordinator"),
    "none": N_("No access"),
}


class AccessLog(PlanPage):
    route_base = "/plan/<int:plan_id>/log"

    @expose("/")
    @needs("read")
    def page(self) -> str:
        if not g.access.owners_side:
            raise Forbidden("the log is for the owner's side")
        wanted = select(AccessEvent).where(AccessEvent.plan_id == g.plan.id)
        before = request.args.get("before", "")
        if before:
            wanted = wanted.where(AccessEvent.seq < (key(before) or abort(400)))
        events = g.session.scalars(wanted.order_by(AccessEvent.seq.desc()).limit(A_PAGE + 1)).all()
        older = ""
        if len(events) > A_PAGE:
            older = url_for("AccessLog.page", before=events[A_PAGE - 1].seq)
        rows = [_row(event) for event in events[:A_PAGE]]
        title = gettext("Who has seen the plan")
        return str(
            self.render_template("plan/access_log.html", title=title, rows=rows, older=older)
        )


def _row(event: AccessEvent) -> dict[str, object]:
    kinds = KINDS | {cls.__tablename__: cls.element.label for cls in elements()}
    kinds |= {cls.element.key: cls.element.label for cls in elements()}
    roles = [shown(Role(word)) for word in event.role.split() if word in set(Role)]
    base = event.basis.partition(":")[0]
    return {
        "at": event.at,
        "name": event.name,
        "who": ", ".join([*roles, event.organisation]),
        "action": gettext(ACTIONS.get(event.action, event.action)),
        "kind": gettext(kinds.get(event.kind, N_("A page"))),
        "count": len(event.rows),
        "basis": gettext("Consent") if base == "grant" else gettext(BASES.get(base, base)),
        "denied": event.action == "denied",
    }
