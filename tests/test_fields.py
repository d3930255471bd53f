"""Fields of every form: native where there is a day, and what is wrong said where it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.forms import FORMS, IMPORTED, WITH_A_FILE, good, send
from tests.page import Page

pytestmark = pytest.mark.a_page
NOTHING_TO_FILL_IN = {"EvaluationRoom.start"}
ANYTHING_GOES = {
    "CompetenceDecisionView.edit",
    "SigningExceptionView.edit",
    "RepresentationView.edit",
    "EvaluationRoom.answer",
    "AccountView.edit",
    "RequestView.edit",
    "Attendance.page",
    "MeetingAnswers.ready",
    "Nicknames.form",
    "MinutesWriting.give",
    "StandingPoints.reword",
}
UNREADABLE = dict.fromkeys(("date", "datetime-local", "number"), "x")
IS_A_DAY = re.compile(r"(_on|_date|due|until)$")


class Tags(HTMLParser):
    """Every tag of a page that has an id, and all links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.by_id, self.links = {}, []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if a.get("id"):
            assert a["id"] not in self.by_id, a["id"]
            self.by_id[a["id"]] = (tag, a)
        if tag == "a" and a.get("href", "").startswith("#"):
            self.links.append(a["href"][1:])


def test_days_and_moments_are_asked_for_by_the_browsers_own_fields(office):
    kinds = set()
    for endpoint in FORMS:
        page = Page(office.client(office.writer(endpoint)).get(office.addresses[endpoint]).text)
        for name, one in page.fields.items():
            if IS_A_DAY.search(name):
                assert one.kind in ("date", "datetime-local"), (endpoint, name)
            if name.endswith("_at"):
                assert one.kind == "datetime-local", (endpoint, name)
            kinds.add(one.kind)
    assert {"date", "datetime-local", "number", "select", "radio", "checkbox"} <= kinds


def test_a_form_with_a_file_is_sent_in_parts(office):
    """Otherwise a browser sends its name alone, and says nothing."""
    with_files = set()
    for endpoint in FORMS:
        html = office.client(office.writer(endpoint)).get(office.addresses[endpoint]).text
        for form in re.findall(r"<form\b.*?</form>", html, re.S):
            has_a_file = 'type="file"' in form
            assert ('enctype="multipart/form-data"' in form.partition(">")[0]) == has_a_file
            with_files |= {endpoint} if has_a_file else set()
    more = {"MunicipalityView.edit", "Compose.page", "Threads.thread"}
    more |= {f"{register}.bring_in" for register in IMPORTED}
    assert with_files == WITH_A_FILE | more


def test_every_error_is_said_at_its_field_and_in_a_summary_that_leads_there(office):
    found = []
    for endpoint in set(FORMS) - NOTHING_TO_FILL_IN - ANYTHING_GOES:
        who = office.writer(endpoint)
        form = Page(office.client(who).get(office.addresses[endpoint]).text)
        seen = {name: one.kind for name, one in form.fields.items() if one.kind != "hidden"}
        bad = {name: [UNREADABLE.get(kind, "")] for name, kind in seen.items()}
        reply = send(office, endpoint, who, good(endpoint, form, office.town) | bad)
        if reply.status_code != 422:
            found.append((endpoint, reply.status_code))
        found += [(endpoint, *problem) for problem in _problems(reply.text)]
    assert found == []


def _problems(html):
    page = Tags(html)
    if not re.search("<title>(Error|Feil): ", html):
        yield ("the title does not say so",)
    wrong = [link for link in page.links if link != "main"]
    if not wrong or "ds-error-summary" not in html:
        yield ("no summary",)
    for link in wrong:
        tag, has = page.by_id.get(link, ("nothing", {}))
        if tag not in ("input", "select", "textarea") and has.get("tabindex") != "-1":
            yield link, "cannot be moved to", tag
        if f"{link}-error" not in has.get("aria-describedby", "").split():
            yield link, "does not say what is wrong"
        if f"{link}-error" not in page.by_id:
            yield link, "nothing is said beside it"
        if has.get("aria-invalid") != "true" and "ms-invalid" not in has.get("class", ""):
            yield link, "is not marked"
