"""Letters that come back: a real IMAP server, reports as servers write them, and who is told."""

from __future__ import annotations

import imaplib
import json
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from socket import socket

import pytest
from sqlalchemy import select

from config import from_environment
from integrations.file_sink import FileSink
from integrations.letter import Unreachable
from integrations.returned_mail import BadMailboxSettings, ReturnBox, Returned, read_report
from jobs.outbox import deliver
from jobs.returns import read_returns
from models.outbox import Delivery
from models.people import Person
from models.plan import Plan
from models.types import blind_index
from models.vocabulary import Channel, Fault
from services.notices import notify
from tests.post import HERE, certificate

USER, PASSWORD = "robot", "p@ss/word"
PYMAP = Path(sys.executable).with_name("pymap")


@contextmanager
def imap(certificate_file=None):
    """A real IMAP server with one mailbox; answers with its port."""
    with closing(socket()) as one:
        one.bind((HERE, 0))
        port = one.getsockname()[1]
    tls = ["--cert", str(certificate_file), "--key", str(certificate_file)]
    command = [
        PYMAP,
        "--host",
        HERE,
        "--port",
        str(port),
        *(tls if certificate_file else ["--no-tls"]),
    ]
    mine = ["dict", "--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    log = subprocess.DEVNULL
    server = subprocess.Popen([*map(str, command), *mine], stdout=log, stderr=log)
    try:
        while server.poll() is None and socket().connect_ex((HERE, port)):
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="module")
def server():
    with imap() as port:
        yield port


@pytest.fixture
def box(server):
    """The mailbox, emptied."""
    with _open(server) as client:
        client.store("1:*", "+FLAGS", "(\\Deleted)")
        client.expunge()
    return ReturnBox.parse(f"imap://{USER}:p%40ss%2Fword@{HERE}:{server}?tls=no")


@contextmanager
def _open(port):
    client = imaplib.IMAP4(HERE, port)
    client.login(USER, PASSWORD)
    client.select()
    yield client
    client.logout()


def put(port, message):
    with _open(port) as client:
        assert client.append("INBOX", "", None, message.as_bytes())[0] == "OK"


def unseen(port):
    with _open(port) as client:
        return client.search(None, "UNSEEN")[1][0].split()


def report(uid, action="failed", status="5.1.1", headers_only=True, to="ane@skule.example"):
    """As RFC 3464 has it: words for people, a report for machines, the letter that came back."""
    whole = MIMEMultipart("report", report_type="delivery-status")
    whole["From"], whole["To"] = "MAILER-DAEMON@mx.example", "post@medspel.example"
    whole["Subject"] = "Undelivered Mail Returned to Sender"
    whole.attach(MIMEText(f"I could not deliver to {to}.\n"))
    told = Message()
    told.add_header("Content-Type", "message/delivery-status")
    server, recipient = Message(), Message()
    server["Reporting-MTA"] = "dns; mx.example"
    recipient["Final-Recipient"] = f"rfc822; {to}"
    recipient["Action"], recipient["Status"] = action, status
    told.set_payload([server, recipient])
    whole.attach(told)
    letter = f"From: post@medspel.example\nMessage-ID: <{uid}@medspel.example>\nSubject: Hei\n"
    if headers_only:
        whole.attach(MIMEText(letter, "rfc822-headers"))
    else:
        inner, back = Message(), Message()
        inner["Message-ID"] = f"<{uid}@medspel.example>"
        inner.set_payload("Hei")
        back.add_header("Content-Type", "message/rfc822")
        back.set_payload([inner])
        whole.attach(back)
    return whole


@pytest.fixture
def sent(desk, engine, town, reach, tmp_path):
    """The uid of a letter to the teacher that was taken by the mail server."""
    reach("teacher", email="ane@skule.example")
    with desk.session("coordinator") as session:
        people = [town.people["teacher"]]
        notify(session, session.get(Plan, town.plan), people, "meeting", 1, "m")
        session.commit()
    assert deliver(engine, {Channel.MAIL: FileSink(tmp_path / "out")}) == 1
    return delivery(desk).uid


def delivery(desk):
    with desk.system() as session:
        return session.scalars(select(Delivery).order_by(Delivery.id)).first()


def teacher(desk, town):
    with desk.system() as session:
        return session.get(Person, town.people["teacher"])


@pytest.mark.parametrize("headers_only", [True, False])
def test_a_report_is_read_however_the_letter_is_in_it(headers_only):
    raw = report("u1", headers_only=headers_only).as_bytes()
    assert list(read_report(raw)) == [Returned("u1", for_good=True)]


@pytest.mark.parametrize(
    "action, status, found",
    [
        ("failed", "5.1.1", [Returned("u1", True)]),
        ("Failed", "5.2.2 (mailbox full)", [Returned("u1", True)]),
        ("failed", "4.4.7", [Returned("u1", False)]),
        ("delayed", "4.4.1", []),
        ("delivered", "2.0.0", []),
        ("relayed", "2.0.0", []),
    ],
)
def test_only_what_failed_has_come_back(action, status, found):
    assert list(read_report(report("u1", action, status).as_bytes())) == found


def _plain():
    plain = EmailMessage()
    plain["Subject"] = "Out of office"
    plain.set_content("Message-ID: <u1@medspel.example> failed 5.1.1")
    return plain.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\xff\xfe", b"Content-Type: multipart/report\n\nno parts", _plain(),
        report("u1").as_bytes().replace(b"Action: failed", b"Action"),
        report("u1").as_bytes().replace(b"Message-ID", b"X-Id"),
        report("u1").as_bytes()[:700],
    ],
)  # fmt: skip
def test_other_mail_and_broken_mail_is_no_report(raw):
    assert list(read_report(raw)) == []


def test_what_came_back_did_not_arrive_and_the_address_is_marked(
    desk, engine, town, server, box, sent, browser
):
    put(server, report(sent))
    assert read_returns(engine, box)
    row = delivery(desk)
    assert (row.sent_at, row.fault, bool(row.failed_at)) == (None, Fault.REFUSED, True)
    assert teacher(desk, town).mail_returned_at
    assert unseen(server) == []
    assert "Teacher" in browser("office").get("/register/undelivered/").text
    page = browser("office").get(f"/register/person/show/{town.people['teacher']}").text
    assert "E-mail came back" in page


def test_the_next_notice_goes_another_way_or_says_so_at_once(
    desk, engine, town, server, box, sent, reach, tmp_path
):
    put(server, report(sent))
    read_returns(engine, box)
    with desk.system() as session:
        person = session.get(Person, town.people["teacher"])
        person.phone = "+4790000003"
        person.phone_index = blind_index("person.phone", person.phone)
        session.commit()
    tell(desk, town, "m2")
    out = tmp_path / "out2"
    deliver(engine, dict.fromkeys((Channel.MAIL, Channel.SMS), FileSink(out)))
    assert [json.loads(one.read_text())["channel"] for one in out.glob("*.json")] == ["sms"]
    with desk.system() as session:
        person = session.get(Person, town.people["teacher"])
        person.phone = person.phone_index = None
        session.commit()
    tell(desk, town, "m3")
    assert deliver(engine, {Channel.MAIL: FileSink(out)}) == 0
    with desk.system() as session:
        last = session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
        assert last.fault is Fault.REFUSED


def tell(desk, town, key):
    with desk.session("coordinator") as session:
        people = [town.people["teacher"]]
        notify(session, session.get(Plan, town.plan), people, "meeting", 1, key)
        session.commit()


def test_a_new_address_is_trusted(desk, town, engine, server, box, sent, reach, tmp_path):
    put(server, report(sent))
    read_returns(engine, box)
    reach("teacher", email="ane.ny@skule.example")
    assert teacher(desk, town).mail_returned_at is None
    tell(desk, town, "m2")
    assert deliver(engine, {Channel.MAIL: FileSink(tmp_path / "out2")}) == 1


def test_a_server_that_gave_up_marks_no_address(desk, engine, town, server, box, sent):
    put(server, report(sent, status="4.4.7"))
    read_returns(engine, box)
    assert delivery(desk).fault is Fault.UNREACHABLE
    assert teacher(desk, town).mail_returned_at is None


def test_other_mail_stays_unread_and_reports_of_others_change_nothing(
    desk, engine, server, box, sent
):
    plain = EmailMessage()
    plain["Subject"] = "Hei"
    plain.set_content("Er du der?")
    put(server, plain)
    put(server, report("nobody-s"))
    assert read_returns(engine, box)
    assert delivery(desk).sent_at and len(unseen(server)) == 1


def test_killed_before_it_is_noted_reads_it_once_more(desk, engine, server, box, sent):
    put(server, report(sent))
    with pytest.raises(KeyboardInterrupt), box.returned() as found:
        assert [one.uid for one in found] == [sent]
        raise KeyboardInterrupt
    assert len(unseen(server)) == 1
    assert read_returns(engine, box) and delivery(desk).failed_at


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_it_goes_over_tls_or_not_at_all(tmp_path, scheme):
    made = certificate(tmp_path)
    with imap(made) as port:
        if scheme == "imap":
            ReturnBox.parse(f"imap://{USER}:p%40ss%2Fword@{HERE}:{port}?ca={made}").look()
        with pytest.raises(Unreachable):  # nobody we know has signed it, or it speaks no TLS
            ReturnBox.parse(f"{scheme}://{USER}:p%40ss%2Fword@{HERE}:{port}").look()
    assert ssl.OPENSSL_VERSION


def test_a_wrong_password_a_closed_door_and_no_such_folder_are_said(server, engine, box):
    for url in (
        f"imap://{USER}:wrong@{HERE}:{server}?tls=no",
        f"imap://{USER}:p%40ss%2Fword@{HERE}:1?tls=no",
        f"imap://{USER}:p%40ss%2Fword@{HERE}:{server}/Nowhere?tls=no",
    ):
        assert read_returns(engine, ReturnBox.parse(url)) is False


@pytest.mark.parametrize("url", ["x", "pop3://a:b@c", "imaps://nobody", "imaps://a:b@c:99999999"])
def test_a_mailbox_we_cannot_use_stops_the_start(tmp_path, url):
    with pytest.raises(BadMailboxSettings, match="MEDSPEL_IMAP"):
        from_environment({"MEDSPEL_DEMO": "1", "DATA": str(tmp_path), "MEDSPEL_IMAP": url})


def test_a_password_is_in_no_words_about_it():
    assert "hemmeleg" not in repr(ReturnBox.parse("imaps://robot:hemmeleg@mx.example"))
