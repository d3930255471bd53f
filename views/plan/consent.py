"""The consent (samtykke): what is asked, signing it, and taking it back."""

from __future__ import annotations

import json
from typing import Any

from flask import abort, flash, g, request, url_for
from flask import session as login
from flask_appbuilder import expose
from flask_babel import gettext
from sqlalchemy import and_, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from models.clock import months_later, today
from models.consent import Consent, Hearing, Signature, SignatureAnswer
from models.outside import OutsideAnswer
from models.people import Person
from models.receipt import Receipt
from models.vocabulary import ConsentStatus, Heard, Level, LifeArea, Scope
from security.policy import Forbidden, follows_up
from security.signers import deciders
from services import exceptions, papers
from services.answer import Answer
from services.consent import lines_of, signatures, standing, team_with_people, waiting_consent
from services.outside import open_now, outside_lines
from services.packages import scopes
from services.sign_in import is_own_password
from services.signing import LONGEST_MONTHS, NotOpenForSigning, conclude, sign
from services.withdrawal import withdraw_person, withdraw_plan
from services.words import PARTS
from views import anew, drafts
from views.plan.card import Card, cards_of
from views.plan.outside_card import OutsideCard
from views.plan.sealing import can_seal
from views.plan.sheet import NOT_HEARD, Sheet, SheetForm
from views.plan.who_signs import lasts_at_most, who_signs
from views.realm import PlanPage, needs, see_other


class ConsentPage(PlanPage):
    route_base = "/plan/<int:plan_id>/consent"
    drafts = True

    @expose("/")
    @needs("read")
    def page(self) -> str:
        not_for_participants()
        waiting, in_force, signed_by_me = standing(g.session, g.plan.id)
        signed = {s.person_id for s in signatures(g.session, waiting)} if waiting else set()
        who = who_signs()
        must = {one.person_id for one in who if one.signs}
        leads = g.access.coordinator and g.access.is_open
        return str(
            self.render_template(
                "plan/consent.html",
                title=gettext("Consent"),
                waiting=waiting,
                in_force=in_force,
                signers=[(one.name, one.person_id in signed) for one in who if one.signs],
                who_signs=who,
                all_have_signed=bool(must) and must <= signed,
                lasts_at_most=lasts_at_most(who),
                exceptions=exceptions.of_the_plan(g.session, g.plan) if leads else (),
                may_except=leads and len(must) > 1 and today() < g.plan.owner_decides_from,
                papers=papers.of_the_plan(g.session, g.plan),
                signed=signed,
                signed_by_me=signed_by_me,
                team=team_with_people(g.session, g.plan.id),
                outside=open_now(g.session, g.plan.id),
                follows_up=follows_up(g.access, "consent"),
            )
        )

    @expose("/sign", methods=["GET", "POST"])
    @needs("write")
    def sign(self) -> str | Response | tuple[str, int]:
        if not g.access.decides or not g.access.is_open:
            raise Forbidden("only those who decide sign, in an open plan")
        consent, in_force, signed = standing(g.session, g.plan.id)
        if consent is None or consent.status is not ConsentStatus.SENT or signed:
            raise NotOpenForSigning(g.plan.id)
        typed = request.form if request.method == "POST" else anew.kept()
        sheet = Sheet(consent, in_force, typed or MultiDict())
        if typed is None or {"read", "back"} & set(request.form):
            return self._sheet(sheet)
        if not sheet.check():
            return self._sheet(sheet), 422
        if "sign" not in request.form:  # looked over first, also by who comes back
            return self._summary(sheet)
        if anew.provider_name():
            if not anew.is_shown():
                return anew.send_to_show()
        elif not is_own_password(g.session, g.session.get_bind(), request.form.get("password", "")):
            sheet.password_error = gettext("That is not your password. Nothing is signed yet.")
            return self._summary(sheet), 422
        opened = sign(
            g.session, g.plan, consent, sheet.answers(),
            until=sheet.until or today(), language=sheet.language, shown=sheet.shown,
            child=sheet.child_heard(), outside=sheet.outside_answers(), proof=anew.proof(),
        )  # fmt: skip
        login.keep(None)  # type: ignore[attr-defined]
        flash(_thanks(opened), "success")
        return see_other(url_for("ConsentPage.receipt"))

    def _sheet(self, sheet: Sheet) -> str:
        form = SheetForm()
        begun = drafts.begun() if request.method == "GET" and not sheet.form else None
        if begun is not None:
            form.draft_since = begun.saved_at
            sheet.go_on(drafts.as_sent(begun))
        page: dict[str, Any] = {"title": gettext("Who may see what?"), "sheet": sheet, "form": form}
        g.wrong = bool(sheet.errors)
        page |= {"last_day": months_later(today(), LONGEST_MONTHS)}
        page |= {"levels": Level, "life_areas": LifeArea, "today": today()}
        page["parts"] = _parts(sheet.consent)
        page |= {"heard": Heard, "not_heard": NOT_HEARD}
        waits_for, signed = _other_signers(sheet.consent)
        page |= {"waits_for": waits_for, "signed": signed, "whose": _whose()}
        html = str(self.render_template("plan/sign.html", **page))
        g.session.let_go()
        return html

    def _summary(self, sheet: Sheet) -> str:
        g.wrong = bool(sheet.password_error)
        page = {"title": gettext("Look it over and sign"), "sheet": sheet, "form": SheetForm()}
        page |= {"eid": anew.provider_name(), "shown_until": anew.shown_until()}
        html = str(self.render_template("plan/sign_summary.html", **page))
        g.session.let_go()
        return html

    @expose("/conclude", methods=["POST"])
    @needs("write")
    def conclude(self) -> Response:
        """Whoever was waited for need not sign any more."""
        consent = waiting_consent(g.session, g.plan.id)
        if consent is None or not g.access.is_open:
            abort(409)
        conclude(g.session, g.plan, consent)
        flash(_thanks(True), "success")
        return see_other(url_for("ConsentPage.page"))

    @expose("/receipt")
    @needs("read")
    def receipt(self) -> str:
        mine = select(Signature).where(
            Signature.plan_id == g.plan.id, Signature.person_id == g.actor.person_id
        )
        signature = g.session.scalars(mine.order_by(Signature.id.desc())).first() or abort(404)
        consent = g.session.get(Consent, signature.consent_id) or abort(404)
        said = select(SignatureAnswer).where(SignatureAnswer.signature_id == signature.id)
        answers = {a.line_id: a for a in g.session.scalars(said)}
        sealed = select(Receipt.id).where(Receipt.signature_id == signature.id)
        hearing = select(Hearing).where(Hearing.signature_id == signature.id)
        return str(
            self.render_template(
                "plan/receipt.html",
                title=gettext("Receipt"),
                signature=signature,
                consent=consent,
                cards=_signed_cards(consent, answers),
                outside=_signed_outside(consent, signature),
                waits_for=_other_signers(consent)[0] if consent.status == "sent" else [],
                text=json.loads(signature.statement or "{}").get("text"),
                hearing=g.session.scalars(hearing).first(),
                file=g.session.scalars(sealed).first(),
                can_seal=can_seal(),
            )
        )

    @expose("/withdraw/<int:person_id>", methods=["GET", "POST"])
    @needs("write")
    def withdraw(self, person_id: int) -> str | Response:
        _deciders_only()
        person = _participant(person_id).person
        if request.method == "POST":
            withdraw_person(g.session, g.plan, person_id)
            flash(gettext("%(name)s no longer has access.", name=person.name), "success")
            return see_other(url_for("ConsentPage.page"))
        text = gettext(
            "%(name)s will be out at once, and what %(name)s has written stays in the plan. "
            "%(name)s is told.",
            name=person.name,
        )
        return self._confirm(gettext("Withdraw access"), text)

    @expose("/withdraw", methods=["GET", "POST"])
    @needs("write")
    def withdraw_all(self) -> str | Response:
        _deciders_only()
        if request.method == "POST":
            withdraw_plan(g.session, g.plan)
            flash(gettext("Nobody but you and the owner's side can read the plan now."), "success")
            return see_other(url_for("ConsentPage.page"))
        text = gettext(
            "Everybody is out at once, the coordinator too. The plan stays as it is, and a new "
            "consent starts it again. It costs you nothing."
        )
        return self._confirm(gettext("Withdraw the whole consent"), text)

    def _confirm(self, title: str, text: str) -> str:
        back = url_for("ConsentPage.page")
        return str(self.render_template("confirm.html", title=title, text=text, back_url=back))


def _signed_cards(consent: Consent, answers: dict[int, SignatureAnswer]) -> list[Card]:
    """What was said to each, as it was stored."""
    said = {
        key: Answer(one.accepted, one.level, one.life_areas, one.older)
        for key, one in answers.items()
    }
    team = team_with_people(g.session, g.plan.id)
    return cards_of(lines_of(g.session, consent), team, said)


def _signed_outside(consent: Consent, signature: Signature) -> list[OutsideCard]:
    """What was said of those without a sign-in."""
    said = select(OutsideAnswer).where(OutsideAnswer.signature_id == signature.id)
    ways = {one.line_id: one.ways for one in g.session.scalars(said)}
    lines = outside_lines(g.session, consent) if ways else ()
    return [OutsideCard(line, stands=ways.get(line.id), answer="") for line in lines]


def _participant(person_id: int) -> Any:
    team = team_with_people(g.session, g.plan.id)
    return next((one for one in team if one.person_id == person_id), None) or abort(404)


def _parts(consent: Consent) -> list[tuple[Scope, str]]:
    """What each part of such a plan is."""
    has = scopes(consent.plan_type)
    return [(part, gettext(text)) for part, text in PARTS.items() if part in has]


def _whose() -> str:
    """Whose plan it is; empty when it is one's own."""
    if g.plan.person_id == g.actor.person_id:
        return ""
    return str(g.session.get_one(Person, g.plan.person_id).name)


def _other_signers(consent: Consent) -> tuple[list[str], list[str]]:
    """Names of the others who must sign: those who have not, and those who have."""
    others = deciders(g.session, g.plan) - {g.actor.person_id}
    theirs = and_(Signature.person_id == Person.id, Signature.consent_id == consent.id)
    wanted = select(Person.name, Signature.id).outerjoin(Signature, theirs)
    found = g.session.execute(wanted.where(Person.id.in_(others)).order_by(Person.name)).all()
    return [name for name, done in found if done is None], [n for n, done in found if done]


def _thanks(in_force: bool) -> str:
    if in_force:
        return str(gettext("Signed. Those everybody said yes to are let in now."))
    return str(gettext("Signed. Nobody is let in before everybody has signed."))


def _deciders_only() -> None:
    if not g.access.withdraws:
        raise Forbidden("only those who decide withdraw")


def not_for_participants() -> None:
    """Raises: Forbidden."""
    if not (g.access.owners_side or g.access.coordinator):
        raise Forbidden("the consent is between the owner's side and the coordinator")
