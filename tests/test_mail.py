"""Letters by a real SMTP server: what they look like, what is refused, what is tried again."""

from __future__ import annotations

import pytest

from integrations import mail
from integrations.letter import Letter, Refused, Unreachable
from integrations.mail import BadMailSettings, MailServer
from models.language import Language
from models.vocabulary import Channel
from tests.post import certificate, smtp

PORTAL = "https://plan.example.no"
TEXT = "Du har fått ei ny melding. Logg inn i Medspel og les henne: æ ø å Æ Ø Å."


def letter(to="ane@skule.example", text=TEXT):
    return Letter(uid="u-1", channel=Channel.MAIL, to=to, text=text, language=Language.NYNORSK)


def server(port, more="?tls=no", scheme="smtp", login=""):
    url = f"{scheme}://{login}127.0.0.1:{port}{more}"
    return MailServer.parse(url, "post@medspel.example", PORTAL)


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("post"))


def test_a_letter_says_the_same_in_plain_text_and_in_html_in_norwegian_letters():
    with smtp() as box:
        server(box.port).send(letter())
    (got,) = box.taken
    assert got["Subject"] == "Du har fått ei ny melding" and got["To"] == "ane@skule.example"
    assert got["From"] == "Medspel <post@medspel.example>"
    assert got["Message-ID"] == "<u-1@medspel.example>"
    assert got["Auto-Submitted"] == "auto-generated" and got["Date"].datetime.tzinfo
    plain, html = (got.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for body in (plain, html):
        assert TEXT in body and PORTAL in body
    assert '<html lang="nn">' in html and "http" not in html.replace(PORTAL, "")


def test_what_is_written_into_a_letter_is_text_and_nothing_else():
    wicked = '<script>x</script>" onload=x & Ærleg. Meir'
    with smtp() as box:
        server(box.port).send(letter(text=wicked))
    html = box.taken[0].get_body(("html",)).get_content()
    assert "<script" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize("to", ["a@x.no\r\nBcc: b@x.no", "a@x.no\nX: y", "a b@x.no, c@x.no"])
def test_an_address_adds_no_header_and_no_receiver(to):
    with smtp() as box:
        try:
            server(box.port).send(letter(to=to))
        except Refused:
            return
    assert all(got["Bcc"] is None and got["X"] is None for got in box.taken)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server sees TLS only after STARTTLS
@pytest.mark.parametrize("at_once", [True, False])
def test_it_goes_over_tls_with_a_login(pem, at_once):
    scheme = "smtps" if at_once else "smtp"
    with smtp(pem, at_once=at_once, login=True) as box:
        ours = server(box.port, f"?ca={pem}", scheme, "us:p%40ss%2Fword@")
        ours.send(letter())
        assert len(box.taken) == 1
        with pytest.raises(Unreachable):
            server(box.port, f"?ca={pem}", scheme, "us:wrong@").send(letter())
    assert "p@ss" not in repr(ours)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_we_do_not_know_gets_no_letter(pem, at_once):
    with smtp(pem, at_once=at_once) as box, pytest.raises(Unreachable):
        server(box.port, "", "smtps" if at_once else "smtp").send(letter())
    assert box.taken == []


def test_a_server_without_tls_gets_no_letter_unless_we_said_so():
    with smtp() as box, pytest.raises(Unreachable):
        server(box.port, "").send(letter())
    assert box.taken == []


def test_one_refused_of_three_stops_no_other():
    with smtp() as box:
        box.answers["gone@x.no"] = "550 no such user"
        ours = server(box.port)
        ours.send(letter("a@x.no"))
        with pytest.raises(Refused):
            ours.send(letter("gone@x.no"))
        ours.send(letter("b@x.no"))
    assert [got["To"] for got in box.taken] == ["a@x.no", "b@x.no"]


@pytest.mark.parametrize("answer", ["450 busy", "452 full"])
def test_a_mailbox_that_is_full_or_busy_is_tried_again(answer):
    with smtp() as box:
        box.answers["a@x.no"] = answer
        with pytest.raises(Unreachable):
            server(box.port).send(letter("a@x.no"))


@pytest.mark.parametrize("answer, fault", [("554 spam", Refused), ("451 later", Unreachable)])
def test_what_is_said_after_the_letter_counts(answer, fault):
    with smtp() as box:
        box.after = answer
        with pytest.raises(fault):
            server(box.port).send(letter())


def test_a_server_that_is_slow_or_not_there_is_tried_again(monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT", 0.3)
    with smtp() as box:
        box.slow = 1
        with pytest.raises(Unreachable):
            server(box.port).send(letter())
    with pytest.raises(Unreachable):
        server(box.port).send(letter())  # shut now


@pytest.mark.parametrize(
    "url, sender",
    [
        ("http://x.no", "a@x.no"), ("smtp://", "a@x.no"), ("smtp://x:port", "a@x.no"),
        ("smtp://x.no", ""), ("smtp://x.no", "no address"), ("x.no", "a@x.no"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_say_so_at_start(url, sender):
    with pytest.raises(BadMailSettings) as said:
        MailServer.parse(url, sender, PORTAL)
    assert "MEDSPEL_" in str(said.value)
