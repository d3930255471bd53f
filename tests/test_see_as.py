"""Seeing the plan as a participant does: the same bytes, and never more than one may see oneself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.account import LoginSession, Membership
from models.audit import AccessEvent
from models.clock import utcnow
from models.consent import Grant
from models.draft import Draft
from models.elements.goal import Goal
from models.elements.message import Message
from models.outbox import OutboxMessage
from models.people import Person, Representation
from models.vocabulary import Capacity, Circle, Role, Scope
from security.policy import Forbidden
from security.seeing import OnlySees, seen_as
from security.session import GuardedSession
from services.drafts import keep
from tests.conftest import statements
from tests.test_patrol import writes
from views.realm import PAGES, Realm

SEEN = ("teacher", "grandmother", "coordinator")
HIDDEN = {
    "owner": ("to coordinator", "Body to coordinator"),
    "mother": ("Hush", "Psst"),
}
"""What others in the plan may read, and this viewer may not."""
STOP = "Stop seeing as"


def see_as(client, town, who):
    reply = client.post(f"/plan/{town.plan}/see-as/{town.people[who]}")
    assert reply.status_code == 303, (who, reply.status_code)
    assert reply.location == f"/plan/{town.plan}/"
    return client


def pages(app, town):
    """Every page of the plan, with the keys of the first rows of each kind."""
    for rule in app.url_map.iter_rules():
        page = PAGES.get(rule.endpoint)
        if page is None or page.realm is not Realm.PLAN or "GET" not in rule.methods:
            continue
        if rule.endpoint == "SeeAs.page":  # always one's own eyes
            continue
        for pk in range(1, 5) if {"pk", "person_id"} & rule.arguments else (0,):
            values = {"plan_id": town.plan, "pk": pk, "person_id": pk, "kind": "meeting"}
            values |= {"key": "goal", "row_id": pk}
            here = {name: values[name] for name in rule.arguments}
            yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, here)


# What is left out of a comparison: the banner; what is another in each answer (the token of a
# form, and the uid of the row it makes); that drafts are kept, which are not while one sees as
# somebody; and, for who follows up notices, the way there. Who has signed in stands outside.
LEFT_OUT = (
    r'<section class="ms-seeas".*?</section>',
    r'name="csrf_token" value="[^"]*"|name="csrf_token" type="hidden" value="[^"]*"',
    r'(name="uid" type="hidden"|name="uid") value="[^"]*"',
    r'data-draft="[^"]*" data-address="[^"]*"',
    r'<span class="ms-saved".*?</span>',
    r"<p>\s*<a [^>]*/reached/[^>]*>[^<]*</a>\s*</p>",
)


def content(reply):
    """The title, the menus and the page, as sent; what is refused stands outside the plan, and
    so beside the menu of who has signed in."""
    html, start = reply.get_data(as_text=True), "<main"
    if reply.status_code < 400:
        start = '<div class="ms-shell">'
    kept = "".join(re.findall(rf"<title>.*?</title>|{start}.*?</main>", html, re.S))
    for pattern in LEFT_OUT:
        kept = re.sub(pattern, "", kept, flags=re.S)
    return re.sub(r"\s+", " ", kept)


@pytest.mark.parametrize("viewer", HIDDEN)
@pytest.mark.parametrize("who", SEEN)
def test_it_is_the_very_page_of_the_participant(app, browser, town, viewer, who):
    """Byte for byte, but for rows that are hidden from the viewer: those are not there."""
    theirs, mine = browser(who), see_as(browser(viewer), town, who)
    same = without = 0
    for endpoint, address in pages(app, town):
        one, other = theirs.get(address), mine.get(address)
        text = other.get_data(as_text=True)
        if endpoint.startswith("Reached."):
            assert other.status_code in (403, 404), address
            continue
        hidden = [word for word in HIDDEN[viewer] if word in one.get_data(as_text=True)]
        if hidden:
            without += 1
            assert not any(word in text for word in HIDDEN[viewer]), address
            assert other.status_code in (200, 404), address
            continue
        if one.status_code == 200:
            assert STOP in text, address
            same += 1
        if other.status_code == 404 and one.status_code == 403 and viewer == "mother":
            continue  # a form for a row that is hidden from her
        assert other.status_code == one.status_code, address
        assert content(other) == content(one), address
    assert same > 10, same
    reads_them = {"mother": ("teacher", "coordinator"), "owner": ("coordinator",)}
    assert bool(without) == (who in reads_them[viewer]), without


def test_of_messages_only_those_of_the_participant(browser, town):
    shown = {
        who: see_as(browser("owner"), town, who)
        .get(f"/plan/{town.plan}/message/list/")
        .get_data(as_text=True)
        for who in ("teacher", "grandmother", "nurse", "coordinator")
    }
    found = {who: {t for t in TITLES if f">{t}<" in page} for who, page in shown.items()}
    assert found == {
        "teacher": {"to teacher"},
        "grandmother": set(),
        "nurse": {"to teacher"},
        "coordinator": {"to teacher", "to owners"},
    }


TITLES = ("to teacher", "to coordinator", "to owners")
