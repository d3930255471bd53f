"""A family whose parents sign on paper: registering, answering, and what is stored by it."""

from __future__ import annotations

import re
from io import BytesIO
from uuid import uuid4

from sqlalchemy import select

from integrations.scan import scan_of
from models.account import Account, Membership
from models.clock import months_later, today
from models.consent import Consent, ConsentLine, Grant, Hearing, Signature, SignatureAnswer
from models.evidence import SignatureRecord
from models.paper import PaperConsent
from models.plan import Plan
from models.vocabulary import ConsentStatus, Heard
from services import paper
from services.answer import Answer, ChildHeard
from services.evidence_check import check
from services.statement import asked
from tests.forms import a_picture

MARTE, JONAS = "Marte Vik", "Jonas Vik"
CONFIRM = "/register/confirmations/"


SIGNED = (Signature, SignatureAnswer, Hearing, SignatureRecord, Grant)


def nothing_is_signed(family):
    return [len(stored(family, cls)) for cls in SIGNED] == [0] * len(SIGNED)


def also(family, who, **values):
    with family.desk.system() as session:
        for one in session.scalars(
            select(Membership).where(Membership.person_id == family.town.people[who])
        ):
            for name, value in values.items():
                setattr(one, name, value)
        session.commit()


def ask(family):
    """The teacher and the grandmother are asked about; nobody has signed."""
    with family.desk.system() as session:
        name = session.get(Account, family.town.accounts["teacher"]).login_name
    family.propose("Teacher", name)
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    return family


def on_paper(session, family, who=MARTE, **more):
    """What is registered, by whoever has the session."""
    mine = select(Consent).where(
        Consent.plan_id == family.plan, Consent.status == ConsentStatus.SENT
    )
    consent = session.scalars(mine).one()
    lines = session.scalars(select(ConsentLine).where(ConsentLine.consent_id == consent.id))
    what = {
        "signer_id": family.person(who).id, "signed_on": today(), "language": "en",
        "until": months_later(today(), 6), "shown": asked(session, consent, "en").digest,
        "original": "Archive 24/7", "scan": scan_of(a_picture()), "uid": str(uuid4()),
        "answers": {one.id: Answer(True, one.level, one.life_areas, False) for one in lines},
        "child": ChildHeard(Heard.TALKED, today(), "Fint", None),
    } | more  # fmt: skip
    return consent, paper.OnPaper(**what)


def register(family, who=MARTE, by="newcomer", **more):
    with family.desk.session(by) as session:
        consent, written = on_paper(session, family, who, **more)
        row = paper.register(session, session.get_one(Plan, family.plan), consent, written)
        session.commit()
        return row.id


def answer(family, row, who="leader", yes=True):
    with family.desk.session(who) as session:
        opened = paper.answer(session, session.get_one(PaperConsent, row), yes)
        session.commit()
        return opened


def stored(family, cls):
    with family.desk.system() as session:
        return session.scalars(select(cls).where(cls.plan_id == family.plan)).all()


def wrong(family):
    with family.desk.system() as session:
        return next((f"{f.what}: {f.wrong}" for f in check(session, family.plan) if f.wrong), "")


def code(family):
    page = family.browser("newcomer").get(family.url("consent/paper/print")).text
    return re.search(r"<strong>(\d{4}-\d{4})</strong>", page)[1]


def filled(family, who=MARTE, **more):
    """The form as a coordinator fills it in; None: left out."""
    page = family.browser("newcomer").get(family.url("consent/paper/")).text
    people = re.findall(r'name="answer-(\d+)"[^>]*value="yes"', page)
    uid = re.search(r'name="uid"[^>]*value="([^"]+)"', page)[1]
    data = dict.fromkeys((f"answer-{one}" for one in people), "yes") | {
        "uid": uid, "signer": str(family.person(who).id), "printed": code(family),
        "signed_on": today().isoformat(), "until": months_later(today(), 6).isoformat(),
        "heard": "talked", "opinion": "Fint", "original": "Archive 24/7",
        "scan": a_picture(),
    } | more  # fmt: skip
    return {name: value for name, value in data.items() if value is not None}


def send(family, data, who="newcomer"):
    file = {"scan": (BytesIO(data["scan"]), "scan.png")} if "scan" in data else {}
    address = family.url("consent/paper/")
    return family.browser(who).post(address, data=data | file, content_type="multipart/form-data")


def confirm(family, row, who="leader", how="yes"):
    return family.browser(who).post(f"{CONFIRM}paper/{row}/{how}")
