"""A register taken out as a file: what the list shows, and nothing a spreadsheet runs."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from sqlalchemy import select

from models.audit import RegisterEvent
from models.municipality import Department
from models.people import Person
from security.roles import REGISTERS
from services.csv_text import written
from tests.conftest import statements
from tests.factories import WHO
from tests.test_long_lists import persons, write  # noqa: F401
from views.office import taking_out

PERSONS = "/register/person/file"


def taken_out(client, address):
    """The lines of a file, its heading first."""
    reply = client.get(address)
    assert reply.status_code == 200 and reply.mimetype == "text/csv", reply.status_code
    text = reply.data.decode("utf-8-sig")
    assert reply.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(StringIO(text, newline=""), delimiter=";"))


@pytest.mark.a_page
@pytest.mark.parametrize("cell", ["=1+1", "+4790", "-2", "@x", "\tx", "\rx", "\nx", "＝1"])
def test_no_cell_is_run_by_a_spreadsheet(cell):
    line = next(csv.reader(StringIO(written([[cell, "a;b", 'a"b']]), newline=""), delimiter=";"))
    assert line == [f"'{cell}", "a;b", 'a"b']


def test_what_is_looked_for_is_taken_out_in_the_order_of_the_list(browser, desk, town):
    with desk.system() as session:
        for name in ("=Vik, Åse", "Vik; Ola", "Vik Kari"):
            session.add(Person(municipality_id=town.municipality_id, name=name, shielded=True,
                               place="Gata 1", identity_number="01019012345",
                               email="kari@x.no"))  # fmt: skip
        session.commit()
    office = browser("office")
    office.post("/register/person/search", data={"name": "vik"})
    head, *lines = taken_out(office, f"{PERSONS}?_oc_PersonView=name&_od_PersonView=desc")
    assert head == ["Name", "Birth date", "Department", "Workplace", "Telephone", "Address"]
    assert [line[0] for line in lines] == ["Vik; Ola", "Vik Kari", "'=Vik, Åse"]
    assert not any("Gata 1" in line or "01019012345" in line for line in lines)
    listed = office.get("/register/person/list/?_oc_PersonView=name&_od_PersonView=desc").text
    assert f"{PERSONS}?_oc_PersonView=name&amp;_od_PersonView=desc" in listed


def test_every_row_is_there_once_however_many_lots_they_come_in(
    browser, town, desk, write, monkeypatch  # noqa: F811
):  # fmt: skip
    monkeypatch.setattr(taking_out, "A_LOT", 7)
    write("person", list(persons(town, 50)))
    here = select(Person.name).where(Person.municipality_id == town.municipality_id)
    with desk.system() as session:
        names = sorted(session.scalars(here))
    for order in ("?_oc_PersonView=birth_date&_od_PersonView=desc", ""):  # some have no birth date
        lines = taken_out(browser("office"), PERSONS + order)[1:]
        assert sorted(line[0] for line in lines) == names


def test_a_row_that_goes_while_the_file_is_read_takes_no_other_with_it(
    browser, town, desk, write, monkeypatch  # noqa: F811
):  # fmt: skip
    monkeypatch.setattr(taking_out, "A_LOT", 2)
    rows = [{"municipality_id": town.municipality_id, "name": f"X{n}", "uid": f"x{n}"}
            for n in range(6)]  # fmt: skip
    write("department", rows)
    reply = browser("office").get("/register/department/file?_oc_DepartmentView=name"
                                  "&_od_DepartmentView=desc")  # fmt: skip
    lots = iter(reply.response)
    read = b"".join(next(lots) for _ in range(2))  # the head, and the first two
    with desk.system() as session:
        session.delete(session.scalars(select(Department).where(Department.name == "X4")).one())
        session.commit()
    text = (read + b"".join(lots)).decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in text[:7]] == ["Name", "X5", "X4", "X3", "X2", "X1", "X0"]


def test_the_plan_register_is_taken_out_as_it_is_shown(browser, town):
    head, *lines = taken_out(browser("office"), "/register/plans/file")
    assert head[:4] == ["Person", "Kind of plan", "Status", "Coordinator"]
    assert any(line[0] == "Owner" for line in lines) and "OW 1" not in str(lines)
    assert len(lines[0][4].split(".")) == 3  # a day a spreadsheet reads
    assert taken_out(browser("office"), "/register/plans/file?show=overdue")[1:] == []
    assert taken_out(browser("foreign office"), "/register/plans/file")[1][0] == "Foreign Office"


def test_it_is_noted_who_took_it_out_before_it_leaves(browser, desk, town):
    browser("office").get("/register/appointment/file").response.close()
    with desk.system() as session:
        events = session.scalars(select(RegisterEvent)).all()
        noted = [(one.action, one.kind, one.person_id) for one in events]
    assert noted == [("export", "coordinator_appointment", town.people["office"])]


@pytest.mark.a_page
def test_only_registers_that_say_so_are_taken_out_and_by_the_office_only(app, browser):
    files = {r.rule for r in app.url_map.iter_rules() if r.endpoint.endswith("View.file")}
    shared = {"appointment", "course", "courseattendance", "coursesession", "department"}
    shared |= {"person", "plans", "servicetype"}
    assert files == {f"/register/{name}/file" for name in shared}
    for who in WHO:
        theirs = {view for view, verbs in REGISTERS.get(WHO[who], {}).items() if "export" in verbs}
        assert browser(who).get(PERSONS).status_code == (200 if "Person" in theirs else 403), who
        shown = browser(who).get("/register/plans/").text
        assert ("/register/plans/file" in shown) == ("PlanRegister" in theirs), who


@pytest.mark.a_page
def test_ten_thousand_rows_cost_a_question_for_each_lot(browser, town, app_engine, write):  # noqa: F811
    write("person", list(persons(town, 2_000)))
    client = browser("office")
    client.get(PERSONS).close()
    with statements(app_engine) as sent:
        assert client.get(PERSONS).data.count(b"\r\n") > 2_000
    assert len(sent) <= 10, sent
