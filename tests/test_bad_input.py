"""Bad input to every form there is: refused beside the field with nothing lost and nothing
stored, or stored exactly as it was typed. No form escapes: the list is `app.url_map`."""

from __future__ import annotations

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from threading import Barrier
from unicodedata import normalize

import pytest
from sqlalchemy import select

from models.case_words import Criterion
from models.clock import CLOCK, OSLO
from models.elements.meeting import Meeting
from security.session import SystemSession
from tests.forms import BUTTONS, DAY, FORMS, good, send, special
from tests.page import Field, Page

TEXTS = {
    "empty": [""], "blank": ["  \t "], "absent": [], "repeated": ["One", "Two"],
    "10 kB": ["ø" * 10_240], "100 kB": ["x" * 100_000], "NUL": ["a\0b"],
    "emoji": ["😀 👩‍👧 e\u0301"],
    "surrogate": ["a\ud800b"], "lines": ["a\r\nb"], "markup": ["<b>&amp;\u202e'\"; --"],
    "29 February": ["2027-02-29"], "year 1": ["0001-01-01"], "year 9999": ["9999-12-31"],
    "minute 1": ["0001-01-01T00:00"], "last minute": ["9999-12-31T23:59"],
    "skipped hour": ["2099-03-29T02:30"], "double hour": ["2099-10-25T02:30"],
    "huge": ["9" * 40], "huger": ["9" * 5_000], "negative": ["-1"], "float": ["1e9"],
    "superscript": ["²"], "arabic": ["٣"], "object": ["{}"], "word": ["abc"], "zero": ["0"],
}  # fmt: skip


OF_THE_DATABASE = {"text": ("NUL",), "textarea": ("NUL", "emoji"), "hidden": ("NUL",)}
OF_OTHER_KINDS = ("NUL", "huge", "year 9999", "last minute")
OF_A_CHOICE = ("empty", "absent", "repeated", "NUL", "surrogate", "huge", "huger", "superscript")
OF_WORDS = (
    "empty", "blank", "absent", "repeated", "10 kB", "100 kB", "NUL", "emoji", "surrogate",
    "lines", "markup", "word",
)  # fmt: skip
OF_FURTHER_WORDS = ("blank", "100 kB", "NUL", "surrogate", "markup")
OF_FURTHER_MOMENTS = (
    "blank", "absent", "repeated", "NUL", "surrogate", "year 1", "year 9999", "minute 1",
    "last minute", "skipped hour", "double hour", "huge", "word",
)  # fmt: skip
CHOSEN = ("select", "radio", "checkbox", "hidden")
MADE_BY_THE_FORM = {"uid", "version"}


def bad_values(name, one, everything, is_first):
    """All of them in what is read as something, those of words where words are only kept, and
    those only in a choice that are read before it is looked for among the offered. Of further
    fields of words or of moments in a form those that one field may have forgotten and another
    not. On PostgreSQL those only that a database may have an opinion about: forms are the same,
    and a database takes long to put back after each row."""
    words = one.kind == "textarea" or (one.kind == "text" and name not in SECRET | READ)
    of_words = OF_WORDS if is_first else OF_FURTHER_WORDS
    names = OF_A_CHOICE if one.kind in CHOSEN else of_words if words else tuple(TEXTS)
    if one.kind in ("date", "datetime-local") and not is_first:
        names = OF_FURTHER_MOMENTS
    few = OF_THE_DATABASE.get(one.kind, OF_OTHER_KINDS)
    yield from ((name, TEXTS[name]) for name in (names if everything else few))


def not_offered(name, one, town):
    """Keys of rows of others; one is enough where no rows are offered. Which rows there are to
    offer is the same on both databases (tests/test_twins.py), and they are tried on one."""
    if one.kind not in CHOSEN or name in MADE_BY_THE_FORM:
        return []
    people = ("stranger", "foreign coordinator", "other child")
    rows = ("foreign goal", "foreign department", "foreign service type", "hidden goal")
    keys = [(f"id of {key}", [str(town.people[key])]) for key in people]
    keys += [(key, [str(town.rows[key])]) for key in rows]
    return keys if not one.options or any(map(str.isdigit, one.options)) else keys[:1]


def is_twin(endpoint):
    """Whether it changes what another form adds: its fields are made of the same declaration."""
    view, _, verb = endpoint.partition(".")
    return verb == "edit" and f"{view}.add" in FORMS


SECRET = {"old", "new", "again", "secret", "password"}  # never sent back to the page
ENCRYPTED = {"email", "phone", "identity_number"}
ENCRYPTED |= {"person_name", "from_name", "from_role", "from_phone", "from_email"}
ENCRYPTED |= {"words", "services", "coordinator_wish", "asked_of", "question"}
ENCRYPTED |= {"to_name", "to_address", "text", *(f"{one}_why" for one in Criterion)}
READ = {
    "login_name", "owner_login", "guardians-0-login_name", "person_id", "coordinator_id",
    "email", "phone", "identity_number", "name", "video_link", "from_phone", "from_email",
    "case_worker_id",
}  # fmt: skip
TIDIED = {"login_name", "owner_login", "guardians-0-login_name", "person_id", "coordinator_id"}
TIDIED |= {"case_worker_id"}
TIDIED |= {"agenda"}  # each line is a point of its own


def test_no_form_escapes(office):
    assert office.addresses.keys() == BUTTONS | set(FORMS)
    for endpoint in BUTTONS:
        who = office.writer(endpoint)
        page = Page(office.client(who).get(office.addresses[endpoint]).text)
        assert page.fields.keys() <= {"csrf_token"}, endpoint


ANOTHER_LINE = re.compile(r"(decisions|guardians)-[1-9]")


COUNTS_TRIES = {"SecondStep.form"}
"""After five wrong codes there is no form to give anything back in."""


@pytest.mark.parametrize("endpoint", FORMS)
def test_every_value_in_every_field_is_refused_kindly_or_stored_as_typed(office, endpoint):
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    whole, before = good(endpoint, page, office.town), office.rows()
    assert endpoint == "EvaluationRoom.start" or send(office, endpoint, who, whole).location
    office.put_back()
    wrong, met, count = [], set(), office.count()
    on_sqlite = office.engine.dialect.name == "sqlite"
    everything = on_sqlite and not is_twin(endpoint)
    for name, one in page.fields.items():
        if name == "csrf_token" or ANOTHER_LINE.match(name):  # like the first one
            continue
        if name == "uid" and not everything:  # whatever it is, the form makes one of its own
            continue
        is_first = one.kind not in met
        met.add(one.kind)
        strangers = not_offered(name, one, office.town) if on_sqlite else []
        for what, values in [*bad_values(name, one, everything, is_first), *strangers]:
            sent = whole | {name: values}
            reply = send(office, endpoint, who, sent)
            found = _judge(office, page, name, sent, reply, before)
            wrong += [f"{name}: {what}: {reply.status_code}: {problem}" for problem in found]
            if reply.status_code >= 400 and office.count() != count:
                wrong.append(f"{name}: {what}: something is stored")
            if reply.status_code < 400 or endpoint in COUNTS_TRIES:
                office.put_back()
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    assert office.rows() == before


OPTIONAL = re.compile(r'<label[^>]*for="([^"]+)"[^>]*>[^<]*<span class="ms-optional">')


@pytest.mark.a_page
@pytest.mark.parametrize("endpoint", FORMS)
def test_what_is_said_to_be_optional_may_be_left_empty(office, endpoint):
    who = office.writer(endpoint)
    html = office.client(who).get(office.addresses[endpoint]).text
    page, left = Page(html), OPTIONAL.findall(html)
    if endpoint == "EvaluationRoom.start":  # one is open already
        return
    sent = good(endpoint, page, office.town) | {name: [""] for name in left}
    if endpoint == "Naming.form":  # either somebody or why not
        sent |= {"nominee_id": ["Newcomer"]}
    if endpoint == "Outside.add":  # of somebody who only comes nothing more is said
        sent |= {"ways": ["attend"]}
    if endpoint == "Registration.register":  # one guardian has to be there
        sent |= special(endpoint, office.town, page)
    if endpoint == "Compose.page":
        sent |= {"who": ["everybody"]}
    reply = send(office, endpoint, who, sent)
    summary = re.findall(r"ds-error-summary.*?</ul>", reply.text, re.S)
    assert reply.status_code < 400, (left, re.sub(r"<[^>]*>|\s+", " ", "".join(summary)))


def _judge(office, page, name, sent, reply, before):
    one = page.fields[name]
    if reply.status_code >= 500:
        return ["a fault"]
    if reply.status_code >= 400:
        return list(_refused(page, name, sent, reply))
    text = (sent[name] or [""])[0]
    if one.kind not in ("text", "textarea") or name in SECRET | ENCRYPTED | TIDIED:
        return []
    kept = normalize("NFC", text.replace("\r\n", "\n").strip()).replace("\ud800", "%ED%A0%80")
    now = {value for _, row in office.rows() - before for value in row}
    return [] if not kept or kept in now else [f"{kept[:20]!r} is not stored as typed"]


def _refused(page, name, sent, reply):
    again = Page(reply.text[reply.text.index("<main") :])  # menus hold no form
    if reply.status_code == 422:
        if not (again.invalid or page.fields[name].kind == "hidden") or not again.summary:
            yield "no error beside the field"
        if re.search(
            r"[{\[]['{]", "".join(re.findall("ds-error-summary.*?</div>", reply.text, re.S))
        ):
            yield "an error that is no sentence"
    for other, values in sent.items():
        typed = page.fields.get(other) and page.fields[other].kind in ("text", "textarea")
        if not typed or other in SECRET or not values:
            continue
        if other.endswith("phone"):  # comes back in one form
            continue
        text = values[0].replace("\r\n", "\n").replace("\ud800", "%ED%A0%80").strip()
        found = again.fields.get(other, Field("none")).values
        back = [value.replace("\r\n", "\n").strip() for value in found]
        there = any(normalize("NFC", text) in (v, normalize("NFC", v)) for v in back)
        if not there and not (reply.status_code != 422 and text in again.text):
            yield f"what was typed in {other} is lost ({back[:1]})"


@pytest.mark.a_page
@pytest.mark.parametrize("endpoint", FORMS)
def test_odd_bodies_are_no_fault_and_store_nothing(office, endpoint):
    """JSON, lists, numbers that are none in names, a body in no encoding: never a form of ours."""
    who, address = office.writer(endpoint), office.addresses[endpoint]
    before = office.rows()
    for data in ("[1, 2]", '{"goal": ["a"], "uid": {}}', '{"goal": "\\ud800"}', "nonsense"):
        reply = office.client(who).post(address, data=data, content_type="application/json")
        assert reply.status_code < 500, data
    for data in (b"\xff\xfe=\xff", b"a" * 2_000_000, b"&" * 900, b"%00=%00&goal[]=x"):
        kind = "application/x-www-form-urlencoded"
        assert office.client(who).post(address, data=data, content_type=kind).status_code < 500
    anything = ("RepresentationView.edit", "EvaluationRoom.answer", "AccountView.edit")
    if endpoint not in (*anything, "MeetingAnswers.ready", "MinutesWriting.give"):
        assert office.rows() == before


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_second_click_stores_nothing_more_and_leads_on(office, endpoint):
    """The same form sent again, and by two threads in the same moment."""
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    sent = good(endpoint, page, office.town)
    if "email" in sent:
        sent["email"] = [""]  # which would tell two persons apart without a uid
    meet = Barrier(2, timeout=20)

    def click(at_once):
        if at_once:
            meet.wait()
        return send(office, endpoint, who, sent)

    def together():
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(click, [True, True]))

    first, _ = _stored(office, lambda: [click(False)])
    for twice in (lambda: [click(False), click(False)], together):
        office.put_back()
        more, replies = _stored(office, twice)
        assert more == first
        if "uid" in page.fields and first:
            assert [reply.status_code for reply in replies] == [303, 303]


def _stored(office, act):
    """How many rows of each table there are more, of what nobody wants twice; the answers."""
    before = Counter(name for name, _ in office.rows())
    replies = act()
    assert all(reply.status_code < 500 for reply in replies)
    more = Counter(name for name, _ in office.rows()) - before
    return more - Counter({"invitation": more["invitation"]}), replies  # the newest is handed over


WITH_LINES = ("Registration.register",)


@pytest.mark.a_page
@pytest.mark.parametrize("endpoint", WITH_LINES)
def test_a_line_whose_number_is_none_is_no_line(office, endpoint):
    who = office.writer(endpoint)
    page = Page(office.client(who).get(office.addresses[endpoint]).text)
    sent = good(endpoint, page, office.town)
    for number in ("\u00b2", "9" * 5_000, "-1", "", "x"):
        odd = {f"{name}-{number}-name": ["x"] for name in ("guardians", "decisions")}
        assert send(office, endpoint, who, sent | odd).status_code == 303
        office.put_back()


def test_who_and_when_without_what_is_not_lost(office):
    address = office.addresses["MinutesWriting.page"]
    page = Page(office.client("coordinator").get(address).text)
    due = next(name for name in page.fields if name.startswith("due_"))
    sent = {name: (one.values or [""])[0] for name, one in page.fields.items()} | {due: DAY}
    reply = office.client("coordinator").post(address, data=sent)
    assert reply.status_code == 422 and f'href="#{due.replace("due", "agreed")}"' in reply.text
    assert Page(reply.text).fields[due].values == [DAY]


def summary_of(reply):
    """(where, what) of each line of the error summary."""
    return re.findall(r'<li><a class="ds-link" href="#([^"]*)">([^<]*)</a>', reply.text)


def test_what_is_said_in_the_readers_language_is_in_the_summary_too(office):
    office.client("coordinator").post("/language/", data={"language": "nn"})
    address = office.addresses["MeetingRoom.call"]
    reply = office.client("coordinator").post(address, data={"purpose": "Skulestart"})
    assert ("people", "Kven som er kalla inn: Vel minst éin.") in summary_of(reply)


@pytest.mark.parametrize(("minutes", "is_called"), [(-1, False), (0, False), (1, True)])
def test_a_meeting_is_called_for_a_time_to_come(office, minutes, is_called):
    address = office.addresses["MeetingRoom.call"]
    sent = good(
        "MeetingRoom.call", Page(office.client("coordinator").get(address).text), office.town
    )
    local = CLOCK.now().astimezone(OSLO).replace(second=0, microsecond=0)
    with CLOCK.stopped_at(local.astimezone(UTC)):
        starts = local + timedelta(minutes=minutes)
        sent["starts_at"] = [f"{starts:%Y-%m-%dT%H:%M}"]
        sent["ends_at"] = [f"{starts + timedelta(hours=1):%Y-%m-%dT%H:%M}"]
        count = office.count()
        reply = send(office, "MeetingRoom.call", "coordinator", sent)
    assert (office.count() > count) is is_called
    assert ("starts_at" in dict(summary_of(reply))) is not is_called


HOURS = {
    "2099-03-29T01:59": "2099-03-29T00:59", "2099-03-29T02:30": None,
    "2099-03-29T03:00": "2099-03-29T01:00", "2099-10-25T02:30": "2099-10-25T00:30",
    "2099-10-25T03:00": "2099-10-25T02:00", "0001-01-01T00:00": None, "9999-12-31T23:59": None,
}  # fmt: skip


@pytest.mark.parametrize("said", HOURS)
def test_an_hour_in_oslo_is_one_moment_or_none(office, said):
    page = Page(office.client("coordinator").get(office.addresses["MeetingRoom.call"]).text)
    sent = good("MeetingRoom.call", page, office.town)
    sent |= {"starts_at": [said], "ends_at": ["2199-01-01T00:00"], "purpose": ["Hours"]}
    reply = send(office, "MeetingRoom.call", "coordinator", sent)
    assert reply.status_code == (303 if HOURS[said] else 422)
    with SystemSession(office.engine, because="a test looks") as session:
        found = session.scalars(select(Meeting).where(Meeting.purpose == "Hours")).unique().all()
        starts = [meeting.starts_at.strftime("%Y-%m-%dT%H:%M") for meeting in found]
    assert starts == ([HOURS[said]] if HOURS[said] else [])


def test_an_end_before_its_start_is_said_beside_the_end(office):
    ends = {
        "MeetingView.edit": {"starts_at": ["2027-01-02T10:00"], "ends_at": ["2027-01-02T09:00"]},
        "MeetingRoom.call": {"starts_at": ["2027-01-02T10:00"], "ends_at": ["2027-01-02T09:00"]},
        "AppointmentView.add": {"starts_on": ["2027-01-02"], "ends_on": ["2027-01-01"]},
        "AppointmentView.edit": {"ends_on": ["1990-01-01"]},
    }
    for endpoint, dates in ends.items():
        who = office.writer(endpoint)
        page = Page(office.client(who).get(office.addresses[endpoint]).text)
        reply = send(office, endpoint, who, good(endpoint, page, office.town) | dates)
        assert reply.status_code == 422 and 'href="#ends_' in reply.text, endpoint
