"""The form a paper is registered in, and the file: what is taken, refused, and handed out."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pikepdf
import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from integrations.drawing import LARGEST
from integrations.scan import MoreThanPages, NotAScan, scan_of
from models.clock import months_later, today
from models.paper import PaperConsent, ScanKind
from security.sessions import COOKIE
from tests.forms import a_picture
from tests.page import Page
from tests.paper_steps import CONFIRM, ask, code, filled, register, send, stored
from tests.test_giving_access import family  # noqa: F401  (a fixture)

pytestmark = pytest.mark.a_page


@pytest.fixture
def sent(family):  # noqa: F811
    return ask(family)


def a_pdf(change=lambda pdf: None, **how):
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        pdf.save(made, **how)
    return made.getvalue()


def a_zip():
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        archive.writestr("x", "x")
    return made.getvalue()


def acts(kind):
    return lambda pdf: pdf.Root.__setattr__(
        "OpenAction", pikepdf.Dictionary(S=pikepdf.Name(kind), JS="app.alert(1)")
    )


def carries(pdf):
    pdf.attachments["x.txt"] = b"x"


def has_no_page(pdf):
    del pdf.pages[0]


LOCKED = pikepdf.Encryption(owner="x", user="x")
GOOD = {
    "pdf": a_pdf(),
    "pdf of streams": a_pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "jpeg": a_picture("JPEG"),
    "png": a_picture(),
}
BAD = {
    "empty": b"",
    "text": b"no picture at all",
    "html": b"<html><script>alert(1)</script>",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "gif": a_picture("GIF"),
    "tiff": a_picture("TIFF"),
    "zip": a_zip(),
    "half a png": a_picture()[:40],
    "half a jpeg": a_picture("JPEG")[:100],
    "name of a pdf": b"%PDF-1.7\n%%EOF",
    "half a pdf": a_pdf()[:-200] + b"%%EOF",
    "pdf and zip": a_pdf() + a_zip(),
    "html and pdf": b"<html>" + a_pdf(),
    "locked": a_pdf(encryption=LOCKED),
    "acts": a_pdf(acts("/JavaScript")),
    "launches": a_pdf(acts("/Launch")),
    "carries": a_pdf(carries),
    "no page": a_pdf(has_no_page),
    "too large": a_picture() + b"x" * LARGEST,
}


@pytest.mark.parametrize("what", GOOD)
def test_what_a_scanner_or_a_telephone_makes_is_taken(what):
    scan = scan_of(GOOD[what])
    assert scan.kind == what.partition(" ")[0] and scan_of(scan.content).kind is scan.kind


@pytest.mark.parametrize("what", BAD)
def test_any_other_file_is_said_beside_its_field_and_nothing_else_is_lost(sent, what):
    data = filled(sent, scan=BAD[what], original="Archive 7")
    reply = send(sent, data)
    assert reply.status_code == 422 and 'id="scan-error"' in reply.text
    assert 'href="#scan"' in reply.text and "<title>Error: " in reply.text
    form = Page(reply.text).fields
    kept = {name: form[name].values for name in data if name not in ("scan", "uid")}
    assert kept == {name: [value] for name, value in data.items() if name in kept}
    assert stored(sent, PaperConsent) == []


def test_no_file_at_all_is_said_too(sent):
    reply = send(sent, filled(sent, scan=None))
    assert reply.status_code == 422 and "Choose the scanned paper" in reply.text


def test_a_picture_is_kept_without_what_lies_beside_it():
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Secret camera", 6
    more = PngImagePlugin.PngInfo()
    more.add_text("Comment", "Secret place")
    for kind, how in (("JPEG", {"exif": exif, "comment": b"Secret"}), ("PNG", {"pnginfo": more})):
        data = a_picture(kind, (8, 4), **how)
        assert b"Secret" in data
        kept = scan_of(data + b"<script>Secret</script>").content
        assert b"Secret" not in kept and b"Exif" not in kept
        assert Image.open(BytesIO(kept)).size == ((4, 8) if kind == "JPEG" else (8, 4))  # upright


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_a_picture_in_any_colours_is_taken(mode):
    for kind in ("PNG", "JPEG"):
        made = BytesIO()
        try:
            Image.new(mode, (4, 4)).save(made, kind)
        except (OSError, KeyError):
            continue  # there is no such file
        assert scan_of(made.getvalue()).kind == kind.lower()


def test_a_small_file_that_says_it_is_a_huge_picture_is_refused():
    made = BytesIO()
    Image.new("1", (10_000, 7_000)).save(made, "PNG")
    assert len(made.getvalue()) < 100_000
    with pytest.raises(NotAScan):
        scan_of(made.getvalue())


def test_a_pdf_with_more_than_pages_is_known_from_one_that_is_none():
    with pytest.raises(MoreThanPages):
        scan_of(BAD["acts"])


# How much is listened to


def streamed(sent, address, size):
    """The form as it comes without a length, piece by piece."""
    data = filled(sent) | {"scan": (BytesIO(b"x" * size), "scan.png")}
    environ = EnvironBuilder(address, method="POST", data=data).get_environ()
    cookie = sent.browser("newcomer").get_cookie(COOKIE).value
    del environ["CONTENT_LENGTH"]
    environ |= {"HTTP_COOKIE": f"{COOKIE}={cookie}", "wsgi.input_terminated": True}
    return run_wsgi_app(sent.app, environ, buffered=True)


@pytest.mark.parametrize("size", [LARGEST + 1, 20 * 1024 * 1024])
def test_too_much_is_said_beside_the_field_with_and_without_a_length(sent, size):
    reply = send(sent, filled(sent, scan=b"x" * size))
    assert reply.status_code == 422 and "larger than 10 MB" in reply.text
    pieces, status, _ = streamed(sent, sent.url("consent/paper/"), size)
    assert status.startswith("422") and b"larger than 10 MB" in b"".join(pieces)
    assert stored(sent, PaperConsent) == []


def test_no_other_page_listens_to_more_than_before_nor_this_one_to_everything(sent):
    for size, address in ((40, "consent/paper/"), (2, "team/add"), (2, "consent/without/")):
        address = sent.url(address)
        data = {"scan": (BytesIO(b"x" * size * 1024 * 1024), "x.png")}
        assert sent.browser("newcomer").post(address, data=data).status_code == 413
        _, status, _ = streamed(sent, address, size * 1024 * 1024)
        assert status.startswith("413"), address


def test_nobody_is_listened_to_for_long_who_has_not_signed_in(sent):
    data = {"scan": (BytesIO(b"x" * 2 * 1024 * 1024), "x.png")}
    sent.app.config["WTF_CSRF_ENABLED"] = True  # which reads the form first
    reply = sent.app.test_client().post(sent.url("consent/paper/"), data=data)
    assert reply.status_code == 413


# The file as it is handed out


def test_the_scan_is_saved_and_never_shown(sent):
    row = register(sent, scan=scan_of(GOOD["pdf"]))
    guardian = sent.guardian("marte@example.no")
    for client, address in (
        (sent.browser("newcomer"), sent.url(f"consent/paper/{row}/scan")),
        (guardian, sent.url(f"consent/paper/{row}/scan")),
        (sent.browser("leader"), f"{CONFIRM}paper/{row}/scan"),
    ):
        reply = client.get(address)
        assert reply.data == GOOD["pdf"] and reply.mimetype == ScanKind.PDF.mimetype
        has = reply.headers
        assert has["Content-Disposition"] == f'attachment; filename="samtykke-{row}.pdf"'
        assert has["X-Content-Type-Options"] == "nosniff" and has["Cache-Control"] == "no-store"
        assert "sandbox" in has["Content-Security-Policy"]
        assert "script" not in has["Content-Security-Policy"]


@pytest.mark.parametrize("who", ["teacher", "coordinator", "mother", "admin", "foreign office"])
def test_the_scan_is_for_nobody_else(sent, who):
    row = register(sent)
    for address in (sent.url(f"consent/paper/{row}/scan"), f"{CONFIRM}paper/{row}/scan"):
        assert sent.browser(who).get(address).status_code in (403, 404)
    own = sent.town.plan  # by a plan of their own
    reply = sent.browser(who).get(f"/plan/{own}/consent/paper/{row}/scan")
    assert reply.status_code in (403, 404)


# The rest of the form

DAYS = {
    "tomorrow": ("signed_on", months_later(today(), 1)),
    "before it was asked for": ("signed_on", months_later(today(), -1)),
    "today": ("until", today()),
    "after a year": ("until", months_later(today(), 13)),
}


@pytest.mark.parametrize("what", DAYS)
def test_a_day_out_of_range_is_said_beside_it(sent, what):
    name, day = DAYS[what]
    reply = send(sent, filled(sent, **{name: day.isoformat()}))
    assert reply.status_code == 422 and f'href="#{name}"' in reply.text
    assert f'id="{name}-error"' in reply.text and stored(sent, PaperConsent) == []


def test_everything_that_is_left_out_is_said_at_once(sent):
    left = dict.fromkeys(("signer", "printed", "signed_on", "until", "heard", "opinion"))
    reply = send(sent, filled(sent, original=None, **left))
    for name in ("signer", "printed", "signed_on", "until", "heard", "original"):
        assert f'href="#{name}"' in reply.text, name
    answers = [name for name in filled(sent) if name.startswith("answer-")]
    reply = send(sent, filled(sent, **dict.fromkeys(answers)))
    assert reply.status_code == 422 and f'href="#{answers[0]}"' in reply.text
    reply = send(sent, filled(sent, opinion=""))
    assert reply.status_code == 422 and 'href="#opinion"' in reply.text
    assert stored(sent, PaperConsent) == []


def test_a_paper_of_another_proposal_is_known_by_its_code(sent):
    old = code(sent)
    sent.propose("Nina Ny", "nina@example.no")
    reply = send(sent, filled(sent, printed=old))
    assert reply.status_code == 422 and 'href="#printed"' in reply.text
    assert send(sent, filled(sent, printed=code(sent).replace("-", " "))).status_code == 303


def test_somebody_who_does_not_sign_is_no_choice(sent):
    gunn = str(sent.person("Gunn").id)
    assert send(sent, filled(sent, signer=gunn)).status_code == 422
    assert stored(sent, PaperConsent) == []


def test_a_double_click_registers_once(sent):
    data = filled(sent)
    assert [send(sent, data).status_code for _ in range(2)] == [303, 303]
    assert len(stored(sent, PaperConsent)) == 1


def test_opening_and_printing_stores_nothing(sent):
    for address in ("consent/paper/", "consent/paper/print", "consent/paper/print?read=nn"):
        assert sent.browser("newcomer").get(sent.url(address)).status_code == 200
    with sent.desk.system() as session:
        assert session.scalars(select(PaperConsent)).all() == []
