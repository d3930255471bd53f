"""Messages: threads and answers, what is unread, what is put right, and the files with them."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from integrations.drawing import LARGEST
from models.attachment import Attachment
from models.clock import CLOCK, utcnow
from models.consent import Grant
from models.elements.message import Message, MessageRecipient
from models.history import ElementVersion
from models.municipality import MessageTemplate
from models.outbox import OutboxMessage
from models.plan import Participant
from models.vocabulary import ParticipantStatus
from security.writes import Locked
from tests.page import Page
from tests.test_paper_files import a_pdf

pytestmark = pytest.mark.a_page

NEW = "<span>Not read</span>"


class Room:
    """The messages of the plan, as one person meets them."""

    def __init__(self, client, town):
        self.client, self.town, self.at = client, town, f"/plan/{town.plan}/message/"

    def get(self, rest):
        return self.client.get(self.at + rest)

    def post(self, rest, data):
        return self.client.post(self.at + rest, data=data, content_type="multipart/form-data")

    def send(self, to, **more):
        people = [self.town.people[name] for name in to]
        words = {"who": "chosen", "to": people, "subject": "Skyss", "body": "Kjem du?"}
        return self.post("write", words | more)

    def answer(self, pk, who="same", **more):
        page = Page(self.get(f"show/{pk}").text)
        hidden = {name: page.fields[name].values[0] for name in ("answered", "audience", "uid")}
        return self.post(f"show/{pk}", hidden | {"who": who, "body": "Ja."} | more)

    def lines(self, query=""):
        return re.findall(r'message/show/(\d+)"><bdi>([^<]*)', self.get(f"list/{query}").text)


@pytest.fixture
def room(browser, town):
    return lambda who: Room(browser(who), town)


@pytest.fixture
def newest(desk):
    def of(field=Message.id):
        with desk.system() as session:
            return session.scalars(select(field).order_by(Message.id.desc()).limit(1)).one()

    return of


def leaves(desk, town, who):
    with desk.system() as session:
        person = town.people[who]
        session.scalars(
            select(Participant).where(Participant.person_id == person)
        ).one().status = ParticipantStatus.WITHDRAWN
        for key in session.scalars(select(Grant).where(Grant.person_id == person)):
            key.revoked_at = key.revoked_at or utcnow()
        session.commit()


# Threads


def test_an_answer_to_the_same_people_stands_in_the_thread(room, desk, town, newest):
    assert room("mother").send(["nurse", "teacher"]).status_code == 303
    first = newest()
    assert room("nurse").answer(first).status_code == 303
    with desk.system() as session:
        of_it = select(MessageRecipient.person_id).where(MessageRecipient.message_id == newest())
        assert set(session.scalars(of_it)) == {town.people["mother"], town.people["teacher"]}
        assert (
            len({m.thread for m in session.scalars(select(Message).where(Message.id >= first))})
            == 1
        )
    assert [pk for pk, subject in room("mother").lines() if subject == "Skyss"] == [str(newest())]
    page = room("teacher").get(f"show/{first}").text
    assert page.index("Kjem du?") < page.index("Ja.")


def test_who_comes_in_later_does_not_get_what_was_written_before(room, newest):
    room("mother").send(["nurse"])
    first = newest()
    room("nurse").answer(first)
    assert room("teacher").get(f"show/{first}").status_code == 404
    reply = room("teacher").post(f"show/{first}", {"who": "same", "body": "Eg òg"})
    assert reply.status_code == 404
    assert "Skyss" not in room("teacher").get("list/").text


def test_an_answer_to_the_coordinator_only_is_read_by_nobody_else(room, newest):
    room("mother").send(["nurse", "coordinator"])
    first = newest()
    assert room("nurse").answer(first, "coordinator_only", body="Hemmeleg").status_code == 303
    assert "Hemmeleg" in room("coordinator").get(f"show/{first}").text
    assert "Hemmeleg" not in room("mother").get(f"show/{first}").text
    page = room("coordinator").get(f"show/{newest()}").text
    assert 'name="body"' not in page and "between its writer and the coordinator" in page


def test_an_answer_goes_to_whom_the_page_said_though_more_has_come(room, desk, town, newest):
    """Somebody else's answer to fewer, come meanwhile, changes nobody's audience."""
    room("mother").send(["nurse", "teacher"])
    first = newest()
    page = Page(room("nurse").get(f"show/{first}").text)
    opened = {n: page.fields[n].values[0] for n in ("answered", "audience", "uid")}
    room("teacher").answer(first, "coordinator_only")
    reply = room("nurse").post(f"show/{first}", opened | {"who": "same", "body": "Ja."})
    assert reply.status_code == 303
    with desk.system() as session:
        of_it = select(MessageRecipient.person_id).where(MessageRecipient.message_id == newest())
        assert set(session.scalars(of_it)) == {town.people["mother"], town.people["teacher"]}


@pytest.mark.parametrize("form", ["write", "show"])
def test_somebody_who_left_meanwhile_is_named_and_the_text_is_kept(room, desk, town, newest, form):
    room("mother").send(["nurse", "teacher"])
    first, nurse = newest(), room("nurse")
    path = "write" if form == "write" else f"show/{first}"
    page = Page(nurse.get(path).text)
    sent = {n: page.fields[n].values[0] for n in ("audience", "uid")}
    if form == "write":
        sent |= {"who": "chosen", "to": [town.people["teacher"]], "subject": "Tur"}
    else:
        sent |= {"who": "same", "answered": str(first)}
    leaves(desk, town, "teacher")
    reply = nurse.post(path, sent | {"body": "Langt og viktig"})
    assert reply.status_code == 422 and "cannot get it any more" in reply.text
    assert "Langt og viktig" in reply.text and newest() == first
    again = Page(reply.text)
    if form == "show":
        sent["audience"] = again.fields["audience"].values[0]
        assert nurse.post(path, sent | {"body": "Langt og viktig"}).status_code == 303


def test_who_has_left_reads_nothing_at_the_next_click(room, desk, town, newest):
    room("mother").send(["nurse"])
    pk, nurse = newest(), room("nurse")
    assert nurse.get(f"show/{pk}").status_code == 200
    leaves(desk, town, "nurse")
    assert nurse.get(f"show/{pk}").status_code == 404
    assert nurse.post(f"show/{pk}", {"who": "same", "body": "x"}).status_code == 404
    assert "Skyss" not in nurse.client.get("/messages/").text


def test_a_message_to_nobody_is_refused(room, desk, town, newest):
    before = newest()
    leaves(desk, town, "coordinator")
    sent = {"who": "coordinator_only", "subject": "Hei", "body": "Er du der?"}
    reply = room("nurse").post("write", sent)
    assert reply.status_code == 422 and "Nobody would get it" in reply.text
    assert "Er du der?" in reply.text and newest() == before


# What is unread


def test_what_is_unread_is_said_until_it_is_opened_and_only_to_oneself(room, newest):
    room("mother").send(["nurse", "teacher"])
    nurse = room("nurse")
    assert NEW in nurse.get("list/").text and len(nurse.lines("?show=unread")) == 1
    assert NEW in nurse.get(f"show/{newest()}").text
    assert NEW not in nurse.get("list/").text
    assert "You have read them all" in nurse.get("list/?show=unread").text
    assert len(room("teacher").lines("?show=unread")) == 1
    assert room("mother").lines("?show=sent")[0][1] == "Skyss"
    assert nurse.get("list/?show=x").status_code == 400


def test_who_sees_as_somebody_learns_nothing_of_what_they_have_read(room, browser, town):
    room("mother").send(["nurse"])
    mother = browser("mother")
    mother.post(f"/plan/{town.plan}/see-as/{town.people['nurse']}")
    page = mother.get(f"/plan/{town.plan}/message/list/").text
    assert "Skyss" in page and NEW not in page


def test_the_inbox_holds_every_plan_one_reads_messages_in(browser, room, town):
    room("mother").send(["nurse"])
    page = browser("nurse").get("/messages/").text
    assert "Skyss" in page and "to teacher" in page and "to coordinator" not in page
    assert "Kjem du?" not in page
    for who in ("office", "stranger", "reader"):
        page = browser(who).get("/messages/").text
        assert "Skyss" not in page and "No messages yet" in page, who


# Putting right


def test_what_is_put_right_says_what_it_said_to_the_same_readers(room, desk, town, newest):
    room("mother").send(["nurse"])
    pk, mother = newest(), room("mother")
    page = Page(mother.get(f"correct/{pk}").text)
    sent = {"version": page.fields["version"].values[0], "subject": "Skyss", "body": "Kjem ho?"}
    assert mother.post(f"correct/{pk}", sent).status_code == 303
    nurse = room("nurse")
    page = nurse.get(f"show/{pk}").text
    assert "Kjem ho?" in page and "See what it said" in page
    history = f"/plan/{town.plan}/history/message/{pk}"
    assert "Kjem du?" in nurse.client.get(history).text
    assert room("teacher").client.get(history).status_code == 404
    reply = mother.post(f"correct/{pk}", sent | {"body": "To vindauge"})
    assert reply.status_code == 422 and "To vindauge" in reply.text
    with desk.system() as session:
        kept = session.scalars(select(ElementVersion).where(ElementVersion.key == "message")).one()
        assert kept.data["body"] == "Kjem du?"


@pytest.mark.parametrize("who", ["nurse", "coordinator", "owner"])
def test_nobody_puts_right_what_somebody_else_has_written(room, desk, town, newest, who):
    room("mother").send(["nurse"])
    pk = newest()
    with desk.session(who) as session:
        session.get(Message, pk).body = "Eg har aldri sagt det"
        with pytest.raises(Locked):
            session.flush()


def test_neither_people_nor_files_are_added_to_what_is_sent(room, desk, town, newest):
    room("mother").send(["nurse"])
    at = {"plan_id": town.plan, "message_id": newest()}
    more = (
        MessageRecipient(**at, person_id=town.people["teacher"]),
        Attachment(**at, name="x", kind="pdf", size=1, digest="x", content="x"),
    )
    for row in more:
        with desk.session("mother") as session:
            row.message = session.get(Message, at["message_id"])
            session.add(row)
            with pytest.raises(Locked):
                session.flush()


def test_receivers_are_told_again_when_some_time_has_gone(room, desk, newest):
    room("mother").send(["nurse"])
    pk = newest()

    def told():
        with desk.system() as session:
            m = OutboxMessage
            return len(session.scalars(select(m).where(m.kind == "message", m.row_id == pk)).all())

    def put_right(words):
        page = Page(room("mother").get(f"correct/{pk}").text)
        sent = {"version": page.fields["version"].values[0], "subject": "Skyss", "body": words}
        assert room("mother").post(f"correct/{pk}", sent).status_code == 303

    put_right("Kjem dei?")
    assert told() == 1
    with CLOCK.stopped_at(utcnow() + timedelta(minutes=11)):
        put_right("Kjem de?")
    assert told() == 2


# Files


def picture():
    made = BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    Image.new("RGB", (40, 30), "green").save(made, "JPEG", exif=exif)
    return made.getvalue()


def test_files_are_read_by_those_who_read_the_message(room, desk, town, newest):
    paper = a_pdf()
    files = [(BytesIO(paper), "C:/Ella/Vedtak Ella.pdf"), (BytesIO(picture()), "Tur.jpg")]
    assert room("mother").send(["nurse"], files=files).status_code == 303
    page = room("nurse").get(f"show/{newest()}").text
    assert ">Vedtak Ella.pdf<" in page and ">Tur.jpg<" in page
    pdf, jpeg = re.findall(r"message/file/(\d+)", page)
    reply = room("nurse").get(f"file/{pdf}")
    assert reply.data == paper and reply.mimetype == "application/pdf"
    assert reply.headers["Content-Disposition"] == f'attachment; filename="vedlegg-{pdf}.pdf"'
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert b"A camera" not in room("nurse").get(f"file/{jpeg}").data
    assert room("teacher").get(f"file/{pdf}").status_code == 404
    leaves(desk, town, "nurse")
    assert room("nurse").get(f"file/{pdf}").status_code == 404


BAD = {
    "a program by another name": (b"MZ" + bytes(200), "Skjema.pdf", "is no PDF, JPEG or PNG"),
    "a drawing with a script": (b"<svg><script>1</script></svg>", "a.png", "is no PDF, JPEG"),
    "nothing": (b"", "tom.pdf", "“tom.pdf” is empty"),
    "40 MB": (bytes(40 * 1024 * 1024), "stor.pdf", "is larger than 10 MB"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_file_that_is_refused_takes_nothing_of_the_message_with_it(room, newest, what):
    content, name, words = BAD[what]
    before = newest()
    files = [(BytesIO(content), name)]
    reply = room("mother").send(["nurse"], body="Mykje tekst", files=files)
    assert reply.status_code == 422 and words in reply.text and newest() == before
    page = Page(reply.text)
    assert page.fields["body"].values == ["Mykje tekst"]
    assert page.fields["to"].values == [str(room("mother").town.people["nurse"])]


def test_more_than_three_files_and_what_was_chosen_is_asked_for_again(room):
    four = [(BytesIO(picture()), f"{n}.jpg") for n in range(4)]
    assert "At most 3 files" in room("mother").send(["nurse"], files=four).text
    one = [(BytesIO(picture()), "1.jpg")]
    assert "Choose the files again" in room("mother").send(["nurse"], files=one, subject="").text
    assert LARGEST == 10 * 1024 * 1024  # what the pages say


# Writing


def test_a_template_fills_in_and_takes_nothing_away(room, desk, town):
    with desk.system() as session:
        at = {"municipality_id": town.municipality_id}
        session.add(row := MessageTemplate(**at, nn="n\nN", nb="b\nB", en="Reminder\nRemember us"))
        session.commit()
        pk = row.id
    sent = {"fill": "1", "template": pk, "body": "Hei"}
    page = room("mother").post("write", sent)
    fields = Page(page.text).fields
    assert page.status_code == 200 and fields["subject"].values == ["Reminder"]
    assert fields["body"].values == ["Hei\n\nRemember us"]


def test_who_can_read_it_is_named_before_it_is_sent(room, town):
    page = room("nurse").get("write").text
    said = dict(re.findall(r'<p data-for="(\w+)">.*?<bdi>(.*?)</bdi>', page, re.S))
    assert "Mother" in said["everybody"] and "Mother" in said["chosen"]
    assert "Mother" not in said["coordinator_only"] and "Coordinator" in said["coordinator_only"]


def test_a_draft_is_kept_of_an_answer_too(room, newest):
    room("mother").send(["nurse"])
    assert "data-draft=" in room("nurse").get(f"show/{newest()}").text
