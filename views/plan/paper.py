"""A consent on paper (papirsamtykke): the sheet to print, and what came back registered."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, g, request, url_for
from flask_appbuilder import expose
from flask_babel import force_locale, gettext, lazy_gettext
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms import Field, StringField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from models.clock import months_later, today
from models.consent import Consent
from models.keys import key
from models.language import spoken
from models.paper import PaperConsent
from models.people import Person
from models.vocabulary import ConsentStatus, Heard, Level, LifeArea
from security.paper_rules import earliest
from security.policy import Forbidden
from services import paper, papers
from services.consent import waiting_consent
from services.paper import NobodyLeft, NotAsked, OnPaper
from services.signing import LONGEST_MONTHS
from views.choices import OneField
from views.fields import DayField, storable, stripped
from views.files import to_be_saved
from views.forms import OnceForm
from views.once import once
from views.plan.paper_sheet import PaperSheet
from views.plan.scan_field import ScanField
from views.plan.sheet import NOT_HEARD
from views.realm import PlanPage, needs, not_there, see_other


class PaperForm(OnceForm):
    """What is on the paper besides the answers, and the paper itself."""

    signer = OneField(lazy_gettext("Who has signed?"), validators=[InputRequired()])
    printed = StringField(
        lazy_gettext("The code on the paper"),
        description=lazy_gettext("It is at the top, and looks like 3021-9154."),
        validators=[DataRequired(), Length(max=20)],
        filters=[stripped],
    )
    signed_on = DayField(lazy_gettext("Date on the paper"), validators=[InputRequired()])
    original = StringField(
        lazy_gettext("Where does the paper lie?"),
        description=lazy_gettext("The archive or the place, so that it is found again."),
        validators=[DataRequired(), Length(max=200), storable],
        filters=[stripped],
    )
    scan = ScanField(
        lazy_gettext("The scanned paper"),
        description=lazy_gettext("A PDF, or a picture (JPEG or PNG), at most 10 MB."),
    )
    sheet: PaperSheet

    def validate_printed(self, field: Field) -> None:
        if not self.sheet.knows(field.data or ""):
            raise ValidationError(
                gettext(
                    "That is not the code of what is asked now. Look at it once more; if it is "
                    "right, the proposal was changed, and a new paper is needed."
                )
            )

    def validate_signed_on(self, field: Field) -> None:
        self.sheet.signed_on = field.data
        sent_at = self.sheet.consent.sent_at
        if field.data and not (sent_at and earliest(sent_at) <= field.data <= today()):
            words = gettext("It is signed the day it was asked for or later, and not after today.")
            raise ValidationError(words)

    def check(self) -> bool:
        """Everything at once: whoever has the paper in hand goes through it once."""
        good = self.validate()
        return self.sheet.check() and good


class PaperPage(PlanPage):
    """For the coordinator; the scan for the owner's side too."""

    route_base = "/plan/<int:plan_id>/consent/paper"

    @expose("/print")
    @needs("read")
    def print(self) -> str:
        """As often as one wants: a paper nobody has signed is nothing."""
        consent = _asked_for()
        sheet = PaperSheet(consent, MultiDict(request.args.items(multi=True)))
        owner = g.session.get_one(Person, g.plan.person_id).name
        with force_locale(spoken(sheet.language)):  # in the language of those who sign
            return str(
                self.render_template(
                    "plan/paper_print.html",
                    title=gettext("Consent"),
                    sheet=sheet,
                    owner=owner,
                    heard=Heard,
                )
            )

    @expose("/", methods=["GET", "POST"])
    @needs("write")
    def form(self) -> str | Response | tuple[str, int]:
        consent = _asked_for()
        who = paper.may_sign(g.session, g.plan, consent)
        form = PaperForm()
        form.sheet = PaperSheet(consent, request.form)
        if not form.is_submitted():  # who sends the same twice has named one of whom one waits
            waits = papers.papers_wait_of(g.session, consent)
            who = [one for one in who if one[0] not in waits]
            if not who:
                raise NobodyLeft(g.plan.id)
        form.signer.choices = [(str(id_), name) for id_, name in who]
        if not form.is_submitted():
            return self._form(form)
        if not form.check():
            return self._form(form), 422
        once(PaperConsent, form.uid.data, partial(_register, consent, form))
        flash(gettext("Registered. It counts when the office has compared it."), "success")
        return see_other(url_for("ConsentPage.page"))

    def _form(self, form: PaperForm) -> str:
        g.wrong = bool(form.errors or form.sheet.errors)
        page: dict[str, Any] = {"title": gettext("Register a signed paper"), "form": form}
        page |= {"sheet": form.sheet, "levels": Level, "life_areas": LifeArea, "heard": Heard}
        page |= {"not_heard": NOT_HEARD, "today": today()}
        page |= {"last_day": months_later(today(), LONGEST_MONTHS)}
        html = str(self.render_template("plan/paper.html", **page))
        g.session.let_go()
        return html

    @expose("/<pk>/scan")
    @needs("read")
    def scan(self, pk: str) -> Response:
        return sent_scan(pk, g.plan.id)


def sent_scan(pk: str, plan_id: int | None = None) -> Response:
    """The file of a paper one may read; of a plan, when one is in it."""
    found = papers.scan_of(g.session, key(pk) or 0)
    if found is None or (plan_id is None and not papers.may_answer(g.session, found[0])):
        not_there()
    row, content = found
    if plan_id not in (None, row.plan_id):
        abort(404)
    return to_be_saved(content, row.scan_kind.mimetype, f"samtykke-{row.id}.{row.scan_kind}")


def _asked_for() -> Consent:
    if not g.access.coordinator or not g.access.is_open:
        raise Forbidden("papers are the coordinator's, in an open plan")
    consent = waiting_consent(g.session, g.plan.id)
    if consent is None or consent.status is not ConsentStatus.SENT:
        raise NotAsked(g.plan.id)
    return consent


def _register(consent: Consent, form: PaperForm) -> PaperConsent:
    sheet, scan = form.sheet, form.scan.data
    assert scan is not None and form.signed_on.data is not None  # says the form
    return paper.register(
        g.session, g.plan, consent,
        OnPaper(
            signer_id=int(form.signer.data), signed_on=form.signed_on.data,
            until=sheet.until or today(), language=str(sheet.language), shown=sheet.shown,
            original=form.original.data or "", scan=scan,
            answers=sheet.answers(), outside=sheet.outside_answers(), child=sheet.child_heard(),
            uid=str(form.uid.data),
        ),
    )  # fmt: skip
