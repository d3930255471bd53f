"""A file brought into a register: read however it is written, looked over, and stored whole."""

from __future__ import annotations

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import event, func, select, text

from jobs.worker import clean_up
from models.begun_import import BegunImport
from models.clock import CLOCK, utcnow
from models.municipality import Department, ServiceType
from models.people import Person
from security.audit import verify_registers
from services.csv_text import OpenQuote, decoded, sheet_of
from tests.conftest import statements

PERSON, DEPARTMENT = "/register/person/import", "/register/department/import"
STAFF = "Namn;Fødd;E-post;Avdeling;Hund\nKari Ås;01.02.1980;kari@x.no;vest;Rex\nOla Ås;;;Vest;\n"


def send(client, address, content):
    """The answer to a file that is sent."""
    file = (BytesIO(content if isinstance(content, bytes) else content.encode()), "list.csv")
    return client.post(address, data={"file": file, "pasted": ""})


def looked_over(client, address, content):
    """Where the file is looked over, and what that page says."""
    reply = send(client, address, content)
    assert reply.status_code == 303, re.findall(r'-error">[^<]*', reply.text)
    page = re.sub("<[^>]*>", " ", client.get(reply.location).text)
    return reply.location, " ".join(page.split())


@pytest.fixture
def count(desk):
    def of(cls, *conditions):
        with desk.system() as session:
            return session.scalar(select(func.count(cls.id)).where(*conditions))

    return of


@pytest.fixture
def vest(desk, town):
    with desk.system() as session:
        session.add(Department(municipality_id=town.municipality_id, name="Vest"))
        session.commit()


@pytest.mark.a_page
@pytest.mark.parametrize(
    "content",
    [
        "\ufeffNavn;By\r\nÅse;Øy\r\n".encode(),
        "Navn,By\nÅse,Øy\n".encode(),
        "Navn\tBy\rÅse\tØy\r".encode("latin-1"),
        'sep=;\r\nNavn;By\r\n\r\nÅse;"Øy"\r\n;;\r\n'.encode("cp1252"),
        "Navn\tBy\nÅse\tØy\n".encode("utf-16"),
        "Navn\tBy\nÅse\tØy\n".encode("utf-16-le"),
    ],
)
def test_whatever_a_spreadsheet_writes_is_read(content):
    sheet = sheet_of(decoded(content))
    assert list(sheet.head) == ["Navn", "By"]
    assert [list(cells) for _, cells in sheet.rows] == [["Åse", "Øy"]]


@pytest.mark.a_page
def test_rows_are_counted_as_in_the_spreadsheet_and_formulas_come_home():
    sheet = sheet_of("\nA;B\n\n\"x\ny\";'+47\n;\nz;'it")
    assert sheet.rows == [(4, ["x\ny", "+47"]), (6, ["z", "'it"])]
    with pytest.raises(OpenQuote) as quote:
        sheet_of('A;B\nx;y\n"x;y\n' * 2)
    assert quote.value.row == 3


def test_nothing_is_stored_before_yes_and_everything_at_it_once(browser, desk, town, vest, count):
    office, before = browser("office"), count(Person)
    here, page = looked_over(office, PERSON, STAFF.encode("latin-1"))
    assert "2 rows are new" in page and "Left out, since we do not know them: Hund" in page
    assert "Avdeling → Department" in page and count(Person) == before
    with desk.system() as session:
        stored = session.execute(text("SELECT content FROM begun_import")).scalar_one()
        assert b"kari" not in bytes(stored)
    for _ in range(2):  # the second click stores nothing more
        assert office.post(here).location == "/register/person/list/"
    assert "2 rows are brought in" in office.get("/register/person/list/").text
    with desk.system() as session:
        kari = session.scalars(select(Person).where(Person.name == "Kari Ås")).one()
        assert (kari.birth_date, kari.email) == (date(1980, 2, 1), "kari@x.no")
        assert kari.email_index and kari.department_id
        assert session.scalars(select(BegunImport)).one().content is None
        assert verify_registers(session, town.municipality_id) is None
    assert count(Person) == before + 2
    _, page = looked_over(office, PERSON, STAFF)
    assert "0 rows are new" in page and "2 rows are here already" in page


WRONG = {
    "Kari;32.01.1980;;;": "Write the day like this",
    "Kari;;kari;;": "not an e-mail address",
    "Kari;;;Aust;": "not in the register: Aust",
    ";;;Vest;": "Navn This field is required",
    "Kari;;;;;x": "There are more cells here",
    f"{'x' * 201};;;;": "Navn Field cannot be longer",
    "Kari;1.1.0001;;;": "Write a year between",
    "Kari;;;;kanskje": "Write yes or no",
    "Kari;;one@x.no;;": "Row 3 says the same",
}


@pytest.mark.a_page
def test_each_fault_is_told_with_its_row_and_nothing_can_be_stored(browser, town, vest, count):
    office, before = browser("office"), count(Person)
    lines = "\n".join(WRONG)
    here, page = looked_over(
        office, PERSON, f"Navn;Født;E-post;Avdeling;Skjermet\nX;;;;\nOne;;one@x.no;;\n{lines}\n"
    )
    for row, words in enumerate(WRONG.values(), 4):
        assert re.search(rf"Row {row} [^.]*{words}", page), (row, words)
    assert 'type="submit">Bring in' not in office.get(here).text
    assert office.post(here).location == here and count(Person) == before


def test_of_a_fault_in_the_middle_nothing_is_left_and_yes_can_be_said_again(
    browser, town, app_engine, count
):
    office = browser("office")
    office.application.config["PROPAGATE_EXCEPTIONS"] = False
    here, _ = looked_over(office, DEPARTMENT, "Namn\nVest\nAust\nNord\n")
    before = count(Department)

    def die(_c, _cur, statement, *_more):
        if statement.startswith("UPDATE begun_import"):  # the rows are written, and not yet kept
            raise RuntimeError("death in the middle")

    event.listen(app_engine, "before_cursor_execute", die)
    try:
        assert office.post(here).status_code == 500
    finally:
        event.remove(app_engine, "before_cursor_execute", die)
        office.application.config["PROPAGATE_EXCEPTIONS"] = None
    assert count(Department) == before
    assert office.post(here).status_code == 303 and count(Department) == before + 3


def test_what_somebody_else_stored_meanwhile_is_not_stored_twice(browser, desk, town, count):
    office = browser("office")
    here, _ = looked_over(office, DEPARTMENT, "Namn\nVest\nAust\n")
    with desk.system() as session:
        session.add(Department(municipality_id=town.municipality_id, name="Vest"))
        session.commit()
    assert office.post(here).location == "/register/department/list/"
    assert count(Department, Department.name == "Vest") == 1
    assert count(Department, Department.name == "Aust") == 1


def test_a_file_is_its_senders_in_one_town_and_for_one_file_only(browser, desk, town, count):
    office = browser("office")
    first, _ = looked_over(office, DEPARTMENT, "Namn\nVest\n")
    second, _ = looked_over(office, DEPARTMENT, "Namn\nAust\n")
    assert office.post(first).location == DEPARTMENT  # another window has sent another file
    for who in ("admin", "foreign office"):
        assert browser(who).post(second).location == DEPARTMENT
        assert browser(who).get(second).location == DEPARTMENT
    assert browser("leader").get(DEPARTMENT).status_code == 403
    wrong_register = second.replace("department", "person")
    assert office.post(wrong_register).location == PERSON
    with CLOCK.stopped_at(utcnow() + timedelta(hours=3)):
        clean_up(desk.engine)
    assert count(BegunImport) == 0
    assert count(Department, Department.name.in_(["Vest", "Aust"])) == 0


def test_kinds_of_service_come_in_both_norwegian_languages(browser, count, town):
    office = browser("office")
    address = "/register/servicetype/import"
    here, page = looked_over(office, address, "Tjeneste;Teneste\nHelsestasjon;Helsestasjon\n")
    assert office.post(here).status_code == 303 and "1 row is new" in page
    _, page = looked_over(office, address, "nn,nb\nhelsestasjon,helsestasjon\n")
    assert "1 row is here already" in page
    assert count(ServiceType, ServiceType.municipality_id == town.municipality_id) > 1


REFUSED = {
    "a million rows": (b"Navn\n" + b"x\n" * 1_000_000, "5000 rows"),
    "too large": (b"Navn\n" + b"x" * 100 * 1024 * 64, "larger than 5 MB"),
    "a workbook": (b"PK\x03\x04\0\0", "Save the list as CSV"),
    "a picture": (b"\x89PNG\r\n\0\0\0", "no text"),
    "no file": (b"", "Choose a file, or paste"),
    "headings only": (b"Navn;Epost\n", "at least one row"),
    "no headings": (b"Kari\nOla\n", "None of the headings"),
    "twice": (b"Navn;Namn\nKari;Ola\n", "read as the same"),
    "without a name": (b"E-post\nkari@x.no\n", "no column for: Name"),
    "an open quote": (b'Navn\nOla\n"Kari\n', "Near row 3"),
    "columns": (b"Navn" + b";" * 5_000 + b"\nx\n", "100 columns"),
    "NUL": (b"Navn\nKa\0ri\n", "no text"),
}


@pytest.mark.a_page
@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_said_beside_the_file(browser, town, count, what):
    content, words = REFUSED[what]
    reply = send(browser("office"), PERSON, content)
    assert reply.status_code == 422 and words in reply.text.replace("&#39;", "'")
    assert 'aria-invalid="true"' in reply.text and count(BegunImport) == 0


@pytest.mark.a_page
def test_halves_of_a_name_are_one_and_pasted_rows_are_read_too(browser, town, count):
    pasted = "Etternamn\tFornamn\nÅs\tKari\n"
    reply = browser("office").post(PERSON, data={"pasted": pasted})
    assert browser("office").post(reply.location).status_code == 303
    assert count(Person, Person.name == "Kari Ås") == 1


def test_many_rows_cost_as_many_questions_as_few(browser, town, app_engine, count):
    office = browser("office")
    costs = []
    for n in (3, 400):  # as many as one question asks of
        lines = "".join(f"P {n} {i};{i % 28 + 1}.1.1990\n" for i in range(n))
        here, _ = looked_over(office, PERSON, f"Navn;Født\n{lines}")
        with statements(app_engine) as looked:
            office.get(here)
        with statements(app_engine) as sent:
            assert office.post(here).status_code == 303
        costs.append((len(looked), len([s for s in sent if "INSERT INTO person" not in s])))
        assert count(Person, Person.name.like(f"P {n} %")) == n
    assert costs[0] == costs[1]
