"""Sealed receipts: whole, valid, accessible, made once, and for those they are for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from deploy import certificate as self_made
from integrations import certificate
from integrations.certificate import BadCertificate, BadCertificateSettings, Certificate
from integrations.pdf import as_pdf
from jobs import receipts as job
from jobs.receipts import make_receipts, waiting
from models.audit import AccessEvent
from models.clock import utcnow
from models.consent import ConsentText, Hearing, Signature
from models.database import WRITING
from models.receipt import Receipt, ReceiptCopy
from security import triggers
from tests.test_doctor import told  # noqa: F401  (fixture)
from tests.test_giving_access import Family, family, signed  # noqa: F401  (fixtures)

pikepdf = pytest.importorskip("pikepdf")
ROOT = Path(__file__).parent.parent
needs_poppler = pytest.mark.skipif(
    not (shutil.which("pdfsig") and shutil.which("qpdf")),
    reason="no poppler-utils and qpdf here: sh deploy/apt.sh says how to get them",
)


@pytest.fixture(scope="session")
def key(tmp_path_factory):
    """The key and certificate of Fjordvik, made once."""
    file = tmp_path_factory.mktemp("certificates") / "fjordvik.p12"
    self_made.write("Fjordvik", file)
    return Certificate(file)


@pytest.fixture
def made(app, browser, desk, town, engine, key, memory):
    """Both parents have signed, and the worker has been there."""
    app.config["CERTIFICATES"] = {"Fjordvik": key}
    family = Family(app, browser, desk, town)  # noqa: F811

    def signed_and_made():
        said = family.let_in()
        assert make_receipts(engine, app.config["CERTIFICATES"])
        WRITING.set(False)  # the job's own mark
        return said

    return family.becomes(*memory.recall("receipts", signed_and_made))


def files(desk, cls=Receipt):
    with desk.system() as session:
        rows = session.execute(select(cls.id, cls.content, cls.digest).order_by(cls.id)).all()
    for row in rows:
        assert sha256(b64decode(row.content)).hexdigest() == row.digest
    return {row.id: b64decode(row.content) for row in rows}


def said(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=False, **more)


def signature_says(tmp_path, file):
    (path := tmp_path / "file.pdf").write_bytes(file)
    return said("pdfsig", str(path)).stdout


def words(tmp_path, file):
    (path := tmp_path / "file.pdf").write_bytes(file)
    return " ".join(said("pdftotext", "-layout", str(path), "-").stdout.split())


@pytest.mark.a_page
@needs_poppler
def test_poppler_says_the_seal_is_valid_and_over_the_whole_file(made, desk, tmp_path):
    for file in (*files(desk).values(), *files(desk, ReceiptCopy).values()):
        found = signature_says(tmp_path, file)
        assert "Signature is Valid" in found and "Total document signed" in found
        assert "CN=Fjordvik" in found and "ETSI.CAdES.detached" in found
        checked = said("qpdf", "--check", str(tmp_path / "file.pdf"))
        assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.a_page
def test_who_has_it_read_aloud_misses_nothing(made, desk, tmp_path):
    """PDF/UA-1 and what a validator cannot see: headings, tables, the seal and its name."""
    for name, file in (("receipt", files(desk)), ("copy", files(desk, ReceiptCopy))):
        (path := tmp_path / f"{name}.pdf").write_bytes(next(iter(file.values())))
        tool = Path(sys.executable).parent / "outloud"
        found = said(str(tool), "--fail-on", "warning", str(path))
        assert found.returncode == 0 and "0 error(s), 0 warning(s)" in found.stdout, found.stdout


@pytest.mark.a_page
@needs_poppler
def test_one_changed_byte_is_found_wherever_it_is(made, desk, tmp_path):
    file = next(iter(files(desk).values()))
    for place in (20, len(file) // 2 // 3, len(file) - 20):
        other = bytearray(file)
        other[place] ^= 1
        assert "Signature is Valid" not in signature_says(tmp_path, bytes(other)), place


@pytest.mark.a_page
def test_it_says_that_it_is_pdf_a_and_pdf_ua_and_keeps_to_it(made, desk):
    for file in (*files(desk).values(), *files(desk, ReceiptCopy).values()):
        with pikepdf.open(BytesIO(file)) as pdf:
            about = pdf.Root.Metadata.read_bytes().decode()
            assert 'pdfaid:part="2"' in about and 'pdfaid:conformance="A"' in about
            assert "<pdfuaid:part>1</pdfuaid:part>" in about and "pdfaExtension:schemas" in about
            assert about.count("</rdf:RDF>") == 1
            assert pdf.Root.MarkInfo.Marked and pdf.Root.StructTreeRoot
            assert str(pdf.Root.Lang) == "en" and pdf.Root.ViewerPreferences.DisplayDocTitle
            assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
            assert int(pdf.Root.Perms.DocMDP.Reference[0].TransformParams.P) == 1
            [seal] = [a for page in pdf.pages for a in page.get("/Annots", [])]
            assert int(seal.F) & 4 and not int(seal.F) & 2  # printed, not hidden
            assert all(page.Tabs == "/S" for page in pdf.pages)
            for page in pdf.pages:
                for font in page.Resources.Font.values():
                    inner = font.DescendantFonts[0].FontDescriptor
                    assert "/FontFile2" in inner or "/FontFile3" in inner


@pytest.mark.a_page
@needs_poppler
def test_it_says_who_what_why_how_long_and_with_which_words(made, desk, tmp_path):
    first = next(iter(files(desk).values()))
    page = words(tmp_path, first)
    for one in (
        "Fjordvik",
        "Marte Vik",
        "Eli Vik",
        "Parent with parental responsibility",
        "Teacher",
        "helper, Solvik school",
        "Gunn",
        "Share?",
        "Goals and agreed tasks",
        "wrote the password once more",
    ):
        assert one in page, one
    with desk.system() as session:
        signature = session.scalars(select(Signature).where(Signature.statement != "")).first()
        assert signature.digest in page.replace(" ", "")
        assert session.scalars(select(Hearing)).first().opinion == "Fint" and "Fint" not in page


@pytest.mark.a_page
@needs_poppler
def test_the_copy_says_what_was_opened_and_nobodys_answers(made, desk, tmp_path):
    [file] = files(desk, ReceiptCopy).values()
    page = words(tmp_path, file)
    assert "Confirmation of a consent" in page and "Opened" in page
    assert "Marte Vik" in page and "Jonas Vik" in page and "Teacher" in page
    assert "Answer" not in page and "Fint" not in page


@pytest.mark.a_page
@needs_poppler
def test_what_one_said_no_to_is_on_ones_own_receipt_and_not_on_the_copy(
    family,  # noqa: F811
    desk,
    engine,
    key,
    tmp_path,
):
    family.propose("Teacher", "teacher")
    family.propose("Gunn", "gunn@example.no", "relative")
    family.send()
    gunn = family.person("Gunn").id
    family.sign("marte@example.no", **{f"answer-{gunn}": "no"})
    family.sign("jonas")
    assert make_receipts(engine, {"Fjordvik": key})
    marte, jonas = (words(tmp_path, one) for one in files(desk).values())
    assert "Gunn" in marte and " No " in marte and " No " not in jonas
    [copy] = files(desk, ReceiptCopy).values()
    assert " No " not in (page := words(tmp_path, copy))
    assert "Gunn" not in page.partition("What stood on the page")[0]


def test_a_receipt_is_made_once_however_often_it_is_tried(made, desk, engine, key):
    before = files(desk)
    assert len(before) == 2 and len(files(desk, ReceiptCopy)) == 1
    assert waiting(engine) == [] and make_receipts(engine, {"Fjordvik": key})
    assert files(desk) == before


def test_killed_before_it_is_stored_it_is_made_the_next_time(
    signed,  # noqa: F811
    desk,
    engine,
    key,
    monkeypatch,
):
    """KeyboardInterrupt stands for the kill: nothing catches it."""

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(job, "sealed", killed)
        with pytest.raises(KeyboardInterrupt):
            make_receipts(engine, {"Fjordvik": key})
    assert files(desk) == {} and len(waiting(engine)) == 3
    assert make_receipts(engine, {"Fjordvik": key}) and len(files(desk)) == 2


def test_two_workers_at_once_make_one(signed, desk, engine, key, monkeypatch):  # noqa: F811
    real = job.sealed
    wanted = waiting(engine)

    def meanwhile(*args):
        monkeypatch.setattr(job, "sealed", real)
        assert make_receipts(engine, {"Fjordvik": key})
        return real(*args)

    monkeypatch.setattr(job, "sealed", meanwhile)
    assert make_receipts(engine, {"Fjordvik": key})
    assert len(wanted) == 3 and len(files(desk)) == 2


def test_a_bad_one_stops_no_other_and_says_no_name(signed, desk, engine, key, monkeypatch, caplog):  # noqa: F811
    real = job.page_of_signature
    first = waiting(engine)[0].id

    def breaks(session, signature_id, town):
        if signature_id == first:
            raise ValueError("Marte Vik")
        return real(session, signature_id, town)

    monkeypatch.setattr(job, "page_of_signature", breaks)
    assert make_receipts(engine, {"Fjordvik": key}) is False
    assert len(files(desk)) == 1 and "Marte" not in caplog.text and "ValueError" in caplog.text


def test_without_a_certificate_people_sign_and_the_receipt_waits(
    signed,  # noqa: F811
    app,
    desk,
    engine,
    key,
    told,  # noqa: F811
):
    marte = signed.guardian("marte@example.no")
    assert make_receipts(engine, {}) is False and files(desk) == {}
    page = marte.get(signed.url("consent/receipt")).text
    assert "when the municipality has a certificate" in page and "as a file" not in page
    status, found = told()
    assert status == 1 and "3 receipts of Fjordvik wait for a certificate" in found
    assert "Marte" not in found
    app.config["CERTIFICATES"] = {"Fjordvik": key}
    assert "is being made" in marte.get(signed.url("consent/receipt")).text
    assert make_receipts(engine, {"Fjordvik": key})
    page = marte.get(signed.url("consent/receipt")).text
    assert "Receipt as a file" in page and "is being made" not in page
    status, found = told(certificates={"Fjordvik": key})
    assert "wait for a certificate" not in found and "receipts of Fjordvik: sealed" in found


def test_what_was_signed_before_records_gets_no_receipt(town, engine, key, desk):
    assert waiting(engine) == [] and make_receipts(engine, {})


@pytest.mark.a_page
def test_an_old_or_broken_certificate_is_said_by_doctor(told, tmp_path, signed, engine):  # noqa: F811
    self_made.write("Fjordvik", soon := tmp_path / "soon.p12", timedelta(days=20))
    status, found = told(certificates={"Fjordvik": Certificate(soon)})
    assert status == 1 and "20 days left of soon.p12" in found
    (broken := tmp_path / "broken.p12").write_bytes(b"nothing")
    status, found = told(certificates={"Fjordvik": Certificate(broken)})
    assert status == 1 and "broken.p12: it cannot be opened" in found
    assert make_receipts(engine, {"Fjordvik": Certificate(broken)}) is False
    with pytest.raises(BadCertificate):
        Certificate(tmp_path / "none.p12").last_day()


@pytest.mark.a_page
def test_a_new_certificate_seals_what_is_new_and_old_files_stay_valid(
    family,  # noqa: F811
    desk,
    engine,
    key,
    tmp_path,
):
    family.propose("Teacher", "teacher")
    family.send()
    family.sign("marte@example.no")
    make_receipts(engine, {"Fjordvik": key})
    self_made.write("Fjordvik kommune", newer := tmp_path / "new.p12")
    family.sign("jonas")
    make_receipts(engine, {"Fjordvik": Certificate(newer)})
    old, new = files(desk).values()
    if shutil.which("pdfsig"):
        assert "CN=Fjordvik," in (first := signature_says(tmp_path, old)) and "is Valid" in first
        assert "CN=Fjordvik kommune" in (other := signature_says(tmp_path, new))
        assert "is Valid" in other


# Who may have it


def test_the_owners_side_fetches_it_and_the_coordinator_fetches_the_copy(made, desk, browser):
    whole, copy = next(iter(files(desk))), next(iter(files(desk, ReceiptCopy)))
    for who in ("marte@example.no", "jonas"):
        reply = made.guardian(who).get(made.url(f"receipts/{whole}"))
        assert reply.status_code == 200 and reply.data == files(desk)[whole]
        assert reply.mimetype == "application/pdf"
        assert (
            reply.headers["Content-Disposition"] == f'attachment; filename="kvittering-{whole}.pdf"'
        )
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    coordinator = browser("newcomer")
    assert coordinator.get(made.url(f"receipts/{whole}")).status_code == 404
    assert coordinator.get(made.url(f"receipts/copy/{copy}")).data == files(desk, ReceiptCopy)[copy]
    for who in ("teacher", "office", "leader", "admin", "mother", "foreign coordinator"):
        for address in (f"receipts/{whole}", f"receipts/copy/{copy}"):
            assert browser(who).get(made.url(address)).status_code in (403, 404), (who, address)


def test_another_plans_address_opens_nothing(made, desk, browser, town):
    whole = next(iter(files(desk)))
    assert made.guardian("jonas").get(f"/plan/{town.plan}/receipts/{whole}").status_code == 404
    assert browser("mother").get(f"/plan/{town.plan}/receipts/{whole}").status_code == 404
    assert made.guardian("jonas").get(made.url(f"receipts/{2**70}")).status_code == 404


def test_fetching_is_in_the_log(made, desk):
    whole = next(iter(files(desk)))
    made.guardian("jonas").get(made.url(f"receipts/{whole}"))
    with desk.system() as session:
        events = session.scalars(select(AccessEvent).where(AccessEvent.kind == "receipt")).all()
    assert [(one.action, one.rows, one.name) for one in events] == [("read", [whole], "Jonas Vik")]


def test_a_file_is_stored_encrypted_and_is_never_changed(made, engine):
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT content FROM receipt")).scalars().first()
        assert b"%PDF" not in bytes(stored) and b64decode(b"JVBERi0=")[:4] == b"%PDF"
        assert b"JVBERi0" not in bytes(stored)
    for attack in (
        "UPDATE receipt SET digest = 'x'",
        "DELETE FROM receipt",
        "DELETE FROM receipt_copy",
    ):
        with engine.begin() as connection, pytest.raises(DBAPIError):
            connection.execute(text(attack))


@pytest.mark.parametrize("table", ["receipt", "receipt_copy"])
def test_another_file_in_its_place_is_found(made, app, engine, table):
    command = ["consent", "verify", str(made.plan)]
    whole = app.test_cli_runner().invoke(args=command)
    assert whole.exit_code == 0 and f"holds  {table} " in whole.output
    with engine.begin() as connection:
        triggers.remove(connection)
        connection.execute(text(f"UPDATE {table} SET digest = 'x'"))
    broken = app.test_cli_runner().invoke(args=command)
    assert broken.exit_code == 1 and "not the file that was stored" in broken.output


# The settings, the stamp, and what is not there


def test_the_file_of_certificates_is_read_and_its_mistakes_are_named(tmp_path, key):
    (path := tmp_path / "certificates.toml").write_text(
        '["Solvik kommune"]\nfile = "a.p12"\npassword = "a.txt"\ntimestamp = "https://tsa.example"\n'
    )
    (tmp_path / "a.txt").write_text("secret\n")
    found = certificate.read(path)["Solvik kommune"]
    assert found.file == tmp_path / "a.p12" and found.secret() == b"secret" and not found.is_there
    assert "a.txt" not in repr(found)
    for wrong in (
        '["X"]\nfil = "a"',
        '["X"]\nfile = "a"\nmore = "b"',
        "X = 1",
        "[",
        '["X"]\nfile = "a"\ntimestamp = "ftp://x"',
    ):
        path.write_text(wrong)
        with pytest.raises(BadCertificateSettings):
            certificate.read(path)
    with pytest.raises(BadCertificateSettings):
        certificate.read(tmp_path / "none.toml")


@pytest.fixture
def authority(tmp_path):
    """A time-stamp authority of our own (RFC 3161), over HTTP; `broken` to have it fail."""
    from asn1crypto import keys, tsp, x509
    from cryptography import x509 as cx
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from pyhanko.sign.timestamps import DummyTimeStamper

    from models.clock import utcnow

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = cx.Name([cx.NameAttribute(cx.NameOID.COMMON_NAME, "Time")])
    usage = cx.ExtendedKeyUsage([cx.oid.ExtendedKeyUsageOID.TIME_STAMPING])
    day = timedelta(days=1)
    cert = (
        cx.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1)
        .public_key(private.public_key()).not_valid_before(utcnow() - day)
        .not_valid_after(utcnow() + day).add_extension(usage, critical=True)
        .sign(private, hashes.SHA256())
    )  # fmt: skip
    der = serialization.Encoding.DER
    pkcs8, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    stamper = DummyTimeStamper(
        x509.Certificate.load(cert.public_bytes(der)),
        keys.PrivateKeyInfo.load(private.private_bytes(der, pkcs8, plain)),
    )

    class Answers(BaseHTTPRequestHandler):
        broken = False

        def do_POST(self):
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            body = stamper.request_tsa_response(asked).dump()
            self.send_response(500 if self.broken else 200)
            kind = "text/plain" if self.broken else "application/timestamp-reply"
            self.send_header("Content-Type", kind)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    server.answers = Answers
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.a_page
def test_a_time_stamp_is_in_the_seal_where_one_is_set(signed, desk, engine, key, authority):  # noqa: F811
    address = f"http://127.0.0.1:{authority.server_port}/"
    stamped = {"Fjordvik": replace(key, timestamp=address)}
    authority.answers.broken = True
    assert make_receipts(engine, stamped) is False and files(desk) == {}
    authority.answers.broken = False
    assert make_receipts(engine, stamped)
    for file in files(desk).values():
        with pikepdf.open(BytesIO(file)) as pdf:
            contents = bytes(pdf.Root.Perms.DocMDP.Contents)
        assert b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0e" in contents  # id-aa-timeStampToken


def test_nothing_is_fetched_whatever_stands_in_the_text():
    for address in ("http://127.0.0.1:9/x.png", "file:///etc/hostname"):
        with pytest.raises(BaseException, match="points at nothing"):
            as_pdf(f'<html lang="en"><title>x</title><img alt="x" src="{address}">', "")


@pytest.mark.a_page
def test_what_people_have_written_is_text_on_the_page(family, desk, engine, key):  # noqa: F811
    family.propose("<img src=x> Teacher & co", "teacher2@example.no", role="<b>helper</b>")
    family.send()
    family.sign("marte@example.no")
    assert make_receipts(engine, {"Fjordvik": key})


@pytest.mark.a_page
@needs_poppler
@pytest.mark.parametrize("language", ["nn", "nb"])
def test_it_is_in_the_language_it_was_signed_in(family, desk, engine, key, tmp_path, language):  # noqa: F811
    with desk.system() as session:
        there = session.scalars(select(ConsentText)).all()
        for one in {(text.municipality_id, text.plan_type) for text in there}:
            said = {"body": "Dele?", "approved_at": utcnow(), "language": language}
            session.add(ConsentText(municipality_id=one[0], plan_type=one[1], **said))
        session.commit()
    family.propose("Teacher", "teacher")
    family.send()
    family.guardian("marte@example.no").post("/language/", data={"language": language})
    family.sign("marte@example.no")
    assert make_receipts(engine, {"Fjordvik": key})
    [file] = files(desk).values()
    with pikepdf.open(BytesIO(file)) as pdf:
        assert str(pdf.Root.Lang) == language
    page = words(tmp_path, file)
    assert "Goals and agreed tasks" not in page
    assert {"nn": "Mål og avtalar", "nb": "Mål og avtaler"}[language] in page


def test_the_web_knows_nothing_of_making_files():
    """They take room in each process, and only the worker makes them."""
    code = "import app, sys; print([m for m in ('weasyprint', 'pyhanko') if m in sys.modules])"
    assert said(sys.executable, "-c", code, cwd=ROOT).stdout.strip() == "[]"
