"""Patrol over every route there is: who is let in, who is not, and nothing is written."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.plan import Plan
from models.vocabulary import PlanStatus
from security.roles import PLAN, permissions
from security.session import SystemSession
from tests.conftest import statements
from tests.factories import OUTSIDE, WHO
from views.realm import PAGES, Realm

NOT_EVERYWHERE = {"ComponentPage.page", "SentPage.page"}
"""Pages of debugging and of the demo: another test may have made an application with them."""
FILES = {
    "Receipts.file",
    "Receipts.copy",
    "PaperPage.scan",
    "PortraitPage.file",
    "GoalPicturePage.file",
    "Attachments.file",
    "PlanCopy.file",
    "CaseLetters.file",
}
LEADS_ON = {"PresentationView.add", "MinutesWriting.begin", "MinutesWriting.give", "Guidance.sent"}
"""Leads to what is written already, or to where it is written first."""
FREE = ("access_event", "register_event", "login_session", "rate_limit")
FORM = {"goal": "x", "what": "x", "comment": "x", "situation": "x", "who": "x"}
FORM |= {"of_me": "x", "said": "x", "uid": "not one", "answer": "coming"}
SECRETS = (b"Swim", b"Hush", b"Practise", b"Body to", b"We agreed", b"Psst")
SECRETS += (b"Draws", b"Likes trains", b"Says it first")
SECRETS += (b"Doctor Vik", b"55123456", b"New appointment")


def addresses(app, realm, town, plan_id=None):
    """(endpoint, method, address) of every route of a realm, with real keys of the plan."""
    row = {"plan_id": plan_id or town.plan, "filename": "x.css", "kind": "meeting"}
    for rule in app.url_map.iter_rules():
        page = PAGES.get(rule.endpoint)
        if page is None or page.realm is not realm:
            continue
        key = rule.endpoint.partition("View.")[0].lower()
        pk = town.rows.get({"message": "to teacher", "departments": "department"}.get(key, key), 1)
        values = {name: row.get(name, pk) for name in rule.arguments}
        values |= (
            {"kind": "goal", "pk": town.rows["goal"]} if key[:7] in ("hiding.", "version") else {}
        )
        address = app.url_map.bind("localhost").build(rule.endpoint, values)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, method, address


def writes(sent):
    verbs = [s for s in sent if re.match(r"\s*(INSERT|UPDATE|DELETE)", s)]
    return [s for s in verbs if not re.match(rf"\s*\w+ (INTO |FROM )?({'|'.join(FREE)})", s)]


def test_every_route_says_what_it_is(app):
    open_ = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert open_ == PAGES.keys() - NOT_EVERYWHERE
    public = {endpoint for endpoint in open_ if PAGES[endpoint].realm is Realm.PUBLIC}
    look = {"HowItLooks.page", "TownLook.colours", "TownLook.logo"}
    told = {"Help.page", "Accessibility.page"}
    told |= {"InvitationPage.take", "InvitationPage.page", "AnswerLink.take", "AnswerLink.page"}
    told |= {endpoint for endpoint in open_ if endpoint.startswith("Requesting.")}
    told |= {"SecondStep.form", "SecondStep.again"}
    machines = {"HealthPages.alive", "HealthPages.ready", "HealthPages.metrics"}
    machines |= {"SingleSignOut.front_channel", "SingleSignOut.back_channel"}
    ways = {"SignIn.form", "EidSignIn.start", "EidSignIn.returned", "EidSignIn.choose"}
    ways |= {"EidSignIn.take", "SignOut.now", "SignOut.done"}
    assert public == {"LanguageView.choose"} | ways | look | told | machines
    inside = {r.endpoint for r in app.url_map.iter_rules() if "plan_id" in r.arguments}
    assert inside == {e for e, page in PAGES.items() if page.realm is Realm.PLAN}


def test_no_get_changes_anything_and_nothing_dangerous_has_a_route(app):
    names = {rule.endpoint.partition(".")[2] for rule in app.url_map.iter_rules()}
    assert not names & {"action", "action_post", "download", "api", "back"}
    assert not [r for r in app.url_map.iter_rules() if "api" in r.rule or "swagger" in r.rule]


@pytest.mark.parametrize("who", OUTSIDE)
def test_nobody_outside_gets_anything_of_a_plan(app, browser, town, app_engine, who):
    visited = 0
    for endpoint, method, address in addresses(app, Realm.PLAN, town):
        with statements(app_engine) as sent:
            reply = browser(who).open(address, method=method, data=FORM)
        assert reply.status_code in (403, 404), (endpoint, method, reply.status_code)
        assert writes(sent) == [], (endpoint, method)
        assert not any(secret in reply.data for secret in SECRETS), endpoint
        visited += 1
    assert visited > 25


def test_nobody_anonymous_gets_further_than_signing_in(app, browser, town, app_engine):
    for realm in (Realm.PLAN, Realm.REGISTER, Realm.ACCOUNT):
        for endpoint, method, address in addresses(app, realm, town):
            with statements(app_engine) as sent:
                reply = browser(None).open(address, method=method, data=FORM)
            assert reply.status_code == 302, endpoint
            assert reply.location.startswith("/sign-in/"), endpoint
            assert sent == [], endpoint


AROUND = ("background", "presentation", "expectation", "contact", "contact_note")
WITHOUT_THE_PART = {
    "grandmother": ("goal", "activity", "comment", "evaluation", *AROUND),
    "reader": ("message", "meeting", "minutes", "evaluation", *AROUND),
}


@pytest.mark.parametrize("who", WITHOUT_THE_PART)
def test_without_the_part_there_is_no_row_of_it(app, browser, town, app_engine, who):
    visited = 0
    for endpoint, method, address in addresses(app, Realm.PLAN, town):
        part = re.match(r"/plan/\d+/(\w+)/", address)
        if not part or part[1] not in WITHOUT_THE_PART[who]:
            continue
        with statements(app_engine) as sent:
            reply = browser(who).open(address, method=method, data=FORM)
        assert not any(secret in reply.data for secret in SECRETS), endpoint
        assert reply.status_code in (200, 403, 404, 422), (endpoint, reply.status_code)
        if not address.endswith(("list/", "add")):
            assert reply.status_code in (403, 404), (endpoint, method, reply.status_code)
        assert writes(sent) == [] or reply.status_code == 403, (endpoint, method)
        visited += 1
    assert visited > 8
    with SystemSession(app_engine, because="a test looks") as session:
        changed = session.scalars(
            select(AccessEvent).where(AccessEvent.action.in_(("add", "change")))
        ).all()
        assert changed == []


def test_a_level_too_low_is_refused_and_changes_nothing(browser, town, app_engine):
    plan = f"/plan/{town.plan}"
    attempts = {
        "reader": [f"{plan}/goal/add", f"{plan}/goal/edit/{town.rows['goal']}"],
        "teacher": [
            f"{plan}/goal/edit/{town.rows['school goal']}",
            f"{plan}/goal/delete/{town.rows['school goal']}",
            f"{plan}/meeting/delete/{town.rows['meeting']}",
        ],
    }
    for who, targets in attempts.items():
        for address in targets:
            reply = browser(who).post(address, data=FORM | {"version": "1"})
            assert reply.status_code == 403, (who, address, reply.status_code)
    with SystemSession(app_engine, because="a test looks") as session:
        actions = {e.action for e in session.scalars(select(AccessEvent))}
        assert actions == {"denied"}


def test_a_closed_plan_is_read_and_not_written(app, browser, town, app_engine):
    with SystemSession(app_engine, because="test data") as session:
        session.get(Plan, town.plan).status = PlanStatus.CLOSED
        session.commit()
    for who in ("owner", "mother", "coordinator", "nurse"):
        assert browser(who).get(f"/plan/{town.plan}/goal/list/").status_code == 200
        for endpoint, method, address in addresses(app, Realm.PLAN, town):
            if method == "POST":
                with statements(app_engine) as sent:
                    reply = browser(who).post(address, data=FORM | {"version": "1"})
                only_looks = endpoint in ("SeeAs.stop", "Timeline.search")
                looks = only_looks and reply.status_code == 303  # writes nothing
                assert reply.status_code >= 400 or looks, (who, endpoint, reply.status_code)
                stored = [s for s in writes(sent) if " plan " not in s]
                assert reply.status_code == 403 or stored == [], (who, endpoint)


@pytest.mark.a_page
@pytest.mark.parametrize("who", ["mother", "coordinator"])
def test_every_page_is_a_whole_page(app, browser, town, who):
    for realm in (Realm.PLAN, Realm.ACCOUNT):
        for endpoint, method, address in addresses(app, realm, town):
            if method != "GET" or endpoint in FILES | LEADS_ON:
                continue
            reply = browser(who).get(address)
            if who == "mother":
                assert reply.status_code in (200, 403), (endpoint, reply.status_code)
            page = reply.text
            assert page.count("<h1") == 1 and '<html lang="en"' in page, endpoint
            assert re.search(r"<title>[^<]+ · Medspel</title>", page), endpoint
            assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?! src)|href=\"#\"", page), endpoint
            fields = re.findall(r"<(?:input|select|textarea)[^>]* id=\"([^\"]+)\"[^>]*>", page)
            hidden = re.findall(r"<input[^>]*type=\"hidden\"[^>]*id=\"([^\"]+)\"", page)
            hidden += re.findall(r"<input[^>]*id=\"([^\"]+)\"[^>]*type=\"hidden\"", page)
            assert all(f'for="{f}"' in page for f in fields if f not in hidden), endpoint
            assert "bootstrap" not in page and "jquery" not in page, endpoint
            policy = reply.headers["Content-Security-Policy"]
            assert "unsafe" not in policy and "default-src 'none'" in policy
            assert reply.headers["Cache-Control"] == "no-store"


def test_roles_of_the_office_ask_for_nothing_inside_a_plan():
    for role in set(WHO.values()):
        inside = [verb for verb, view in permissions(role) if view == PLAN]
        assert bool(inside) == (role in ("planeier", "foresatt", "koordinator", "deltaker")), role
