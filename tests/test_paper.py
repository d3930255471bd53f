"""A consent on paper: registered by one, compared by another, and a signature from then on."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import select

from integrations.scan import scan_of
from models.clock import months_later, today
from models.consent import Consent, ConsentLine, Hearing, Signature, SignatureAnswer
from models.paper import PaperConsent
from models.plan import Plan
from models.vocabulary import Heard
from services import paper
from services.answer import Answer, ChildHeard
from services.evidence_check import check
from services.statement import asked
from tests.forms import a_picture
from tests.test_giving_access import family, signed  # noqa: F401  (fixtures)


@pytest.fixture
def sent(family):  # noqa: F811
    """Asked for: the teacher and the grandmother; nobody has signed."""
    with family.desk.system() as session:
        from models.account import Account

        name = session.get(Account, family.town.accounts["teacher"]).login_name
    family.propose("Teacher", name)
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    return family


def registered(family, who="Marte Vik", by="newcomer", **more):  # noqa: F811
    signer = family.person(who).id
    with family.desk.session(by) as session:
        plan = session.get_one(Plan, family.plan)
        consent = session.scalars(
            select(Consent).where(Consent.plan_id == plan.id, Consent.status == "sent")
        ).one()
        lines = session.scalars(select(ConsentLine).where(ConsentLine.consent_id == consent.id))
        answers = {one.id: Answer(True, one.level, one.life_areas, False) for one in lines}
        what = {
            "signer_id": signer, "signed_on": today(), "until": months_later(today(), 6),
            "language": "en", "shown": asked(session, consent, "en").digest,
            "original": "Archive 24/7", "scan": scan_of(a_picture()), "answers": answers,
            "child": ChildHeard(Heard.TALKED, today(), "Fint", None), "uid": f"paper-{who}",
        } | more  # fmt: skip
        row = paper.register(session, plan, consent, paper.OnPaper(**what))
        session.commit()
        return row.id


def answered(family, row, who="leader", yes=True):  # noqa: F811
    with family.desk.session(who) as session:
        opened = paper.answer(session, session.get_one(PaperConsent, row), yes)
        session.commit()
        return opened


def everything(family, cls):  # noqa: F811
    with family.desk.system() as session:
        return session.scalars(select(cls).where(cls.plan_id == family.plan)).all()


def wrong(family):  # noqa: F811
    with family.desk.system() as session:
        return next((f"{f.what}: {f.wrong}" for f in check(session, family.plan) if f.wrong), "")


def test_a_yes_is_a_signature_and_the_last_puts_it_in_force(sent):
    row = registered(sent)
    assert everything(sent, Signature) == []
    assert answered(sent, row) is False
    [signature] = everything(sent, Signature)
    assert (signature.method, signature.person_id) == ("paper", sent.person("Marte Vik").id)
    assert len(everything(sent, SignatureAnswer)) and len(everything(sent, Hearing)) == 1
    assert sent.grants() == []
    assert answered(sent, registered(sent, "Jonas Vik"), "office") is True
    assert sent.grants() and wrong(sent) == ""


# Through the pages


def code(family):  # noqa: F811
    page = family.browser("newcomer").get(family.url("consent/paper/print")).text
    return re.search(r"<strong>([0-9A-F]{4}-[0-9A-F]{4})</strong>", page)[1]


def filled(family, who="Marte Vik", **more):  # noqa: F811
    page = family.browser("newcomer").get(family.url("consent/paper/")).text
    people = re.findall(r'name="answer-(\d+)"[^>]*value="yes"', page)
    uid = re.search(r'name="uid"[^>]*value="([^"]+)"', page)[1]
    data = dict.fromkeys((f"answer-{one}" for one in people), "yes") | {
        "uid": uid, "signer": str(family.person(who).id), "printed": code(family),
        "signed_on": today().isoformat(), "until": months_later(today(), 6).isoformat(),
        "heard": "talked", "opinion": "Fint", "original": "Archive 24/7",
        "scan": (BytesIO(a_picture()), "scan.png"),
    } | more  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def send(family, data, who="newcomer"):  # noqa: F811
    return family.browser(who).post(
        family.url("consent/paper/"), data=data, content_type="multipart/form-data"
    )


def papers(family):  # noqa: F811
    return everything(family, PaperConsent)


def test_from_printing_to_in_force_in_the_pages(sent):
    printed = sent.browser("newcomer").get(sent.url("consent/paper/print")).text
    assert "Teacher" in printed and "Eli Vik" in printed and "Your signature" in printed
    for who, office in (("Marte Vik", "leader"), ("Jonas Vik", "office")):
        assert send(sent, filled(sent, who)).status_code == 303
        row = papers(sent)[-1].id
        assert "Waits for the office" in sent.browser("newcomer").get(sent.url("consent/")).text
        case = sent.browser(office).get("/register/confirmations/").text
        assert "Archive 24/7" in case and "Teacher, helper" in case and "Fint" in case
        assert f"paper/{row}/scan" in case
        assert "1" in sent.browser(office).get("/").text
        scan = sent.browser(office).get(f"/register/confirmations/paper/{row}/scan")
        assert scan.data == scan_of(a_picture()).content
        done = sent.browser(office).post(f"/register/confirmations/paper/{row}/yes")
        assert done.status_code == 303
    assert sent.grants() and wrong(sent) == ""
    history = sent.browser("newcomer").get(sent.url("consent/history/")).text
    assert "Registered by Newcomer, confirmed by Leader" in history
