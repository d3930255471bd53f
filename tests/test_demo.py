"""`make demo` on a bare machine: filled once, kept, started over, and nobody else's database."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from socket import socket
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import create_engine, text

import config
from app import create_app
from deploy import demo, providers
from deploy.demo import NotTheDemo, PortInUse, certificates, fill, look_for_room, reset
from deploy.town import TOWNS
from integrations import certificate
from integrations.file_sink import FileSink
from integrations.letter import Letter
from models.clock import today
from models.language import Language
from models.vocabulary import Channel

ROOT = Path(__file__).parent.parent
FILLED = ("plan", "municipality", "person", "account")


def test_each_town_has_a_certificate_of_its_own_made_once(tmp_path):
    named = certificates(tmp_path)
    found = certificate.read(named)
    assert set(found) == set(TOWNS) and all(one.last_day() > today() for one in found.values())
    before = [one.file.read_bytes() for one in found.values()]
    assert certificate.read(certificates(tmp_path)) == found
    assert [one.file.read_bytes() for one in found.values()] == before
    settings = config.from_environment({"MEDSPEL_DEMO": "1", "DATA": str(tmp_path)})
    assert settings.certificates == found
    reset(tmp_path)
    assert not list(tmp_path.glob("*.p12")) and not named.exists()


def free_port():
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def run(data, *more, oidc=False):
    """Start the demo, wait until it answers, stop it as Ctrl+C does; what it printed."""
    port = free_port()
    environ = {"PATH": os.environ["PATH"], "DATA": str(data), "PORT": str(port)}
    environ |= {"OIDC": "1"} if oidc else {}
    command = [sys.executable, "-m", "deploy.demo", *more]
    running = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        for _ in range(300):
            try:
                page = urlopen(f"http://127.0.0.1:{port}/sign-in/").read()
                break
            except (URLError, ConnectionError):
                time.sleep(0.2)
        else:
            pytest.fail("the demo never answered")
        if oidc:
            said = tomllib.loads((data / "oidc" / "oidc.toml").read_text())
            for number, (name, one) in enumerate(said.items(), 1):
                assert (
                    one["issuer"]
                    == f"http://127.0.0.1:{port + number}"
                    in providers.announce(str(port))
                )
                described = urlopen(f"{one['issuer']}/.well-known/openid-configuration").read()
                assert json.loads(described)["issuer"] == one["issuer"]
                assert (name == "idporten") == (one.get("identity_number") == "pid")
    finally:
        running.send_signal(signal.SIGINT)
        printed = running.communicate(timeout=30)[0]
    assert b"Medspel" in page and f":{port}" in printed
    return printed


def rows(data, sql):
    engine = create_engine(f"sqlite:///{data}/medspel.db")
    with engine.connect() as connection:
        found = connection.execute(text(sql)).all()
    engine.dispose()
    return found


def test_a_reset_starts_over_and_a_second_demo_keeps_the_data(tmp_path, sqlite_template):
    shutil.copy(sqlite_template[0], tmp_path / "medspel.db")  # what an earlier demo has left
    (tmp_path / "accounts.json").write_text("[]")
    before = rows(tmp_path, "SELECT uid FROM plan ORDER BY id")
    printed = run(tmp_path, "--reset")
    for role, name, login in json.loads((tmp_path / "accounts.json").read_text()):
        assert login in printed and name in printed and role.replace("_", " ") in printed
    plans = rows(tmp_path, "SELECT uid FROM plan ORDER BY id")
    assert len(plans) >= 12 and not set(plans) & set(before)
    assert len(rows(tmp_path, "SELECT id FROM municipality")) == 2
    offices = rows(tmp_path, "SELECT DISTINCT department_id FROM coordinator_appointment")
    assert len(offices) >= 3 and (None,) not in offices  # each leader has something to see
    here = "JOIN municipality AS town ON town.id = "
    said = rows(
        tmp_path, f"SELECT town.language, d.name FROM department AS d {here}municipality_id"
    )
    assert {("nn", "Helse og meistring"), ("nb", "Helse og mestring")} < set(said)
    signed = "SELECT s.language, town.language FROM signature AS s JOIN plan ON plan.id = plan_id"
    assert set(rows(tmp_path, f"{signed} {here}plan.municipality_id")) == {
        ("nn", "nn"),
        ("nb", "nb"),
    }
    day = today().isoformat()
    assert rows(tmp_path, f"SELECT id FROM plan_register WHERE consent_until < '{day}'")
    assert rows(tmp_path, "SELECT id FROM signature WHERE capacity = 'owner'")
    assert "planeier" in printed
    assert len(re.findall(r"^  tora ", printed, re.M)) == 2  # one sign-in, a hat in each town
    hats = "SELECT municipality_id, person_id FROM membership m JOIN account a"
    tora = rows(tmp_path, f"{hats} ON a.id = m.account_id WHERE a.login_name = 'tora'")
    assert len({town for town, _ in tora}) == 2
    for town, person in tora:  # and something to see under either
        mine = "SELECT p.id FROM plan p LEFT JOIN participant t ON t.plan_id = p.id"
        lead = "LEFT JOIN coordinator_appointment c ON c.person_id = p.person_id"
        where = f"(t.person_id = {person} OR c.coordinator_id = {person})"
        assert rows(tmp_path, f"{mine} {lead} WHERE {where} AND p.municipality_id = {town}")
    assert "test providers" in run(tmp_path, oidc=True) and "test providers" not in printed
    assert rows(tmp_path, "SELECT uid FROM plan ORDER BY id") == plans


def test_a_port_in_use_is_said_before_anything_is_made(tmp_path):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environ = {"PATH": os.environ["PATH"], "DATA": str(tmp_path / "d"), "PORT": str(port)}
        command = [sys.executable, "-m", "deploy.demo"]
        run = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert run.returncode == 1 and f"port {port}" in run.stderr and "PORT=5001" in run.stderr
    assert "Traceback" not in run.stderr and not (tmp_path / "d").exists()


def test_the_providers_keys_are_made_once_and_are_nobody_elses(tmp_path):
    path = providers.write(tmp_path, "5000")
    first = {key: key.read_bytes() for key in path.parent.glob("*.pem")}
    assert providers.write(tmp_path, "6000") == path and "127.0.0.1:6001" in path.read_text()
    assert len(first) == 2 and all(key.stat().st_mode & 0o777 == 0o600 for key in first)
    assert all(key.read_bytes() == before for key, before in first.items())
    reset(tmp_path)
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize("port", ["x", "-1", "70000"])
def test_a_port_that_is_none_is_said(port):
    with pytest.raises(PortInUse):
        look_for_room(port)


def settings(data, **more):
    return config.from_environment({"MEDSPEL_DEMO": "1", "DATA": str(data), **more})


def test_a_demo_stopped_while_filling_is_filled_again(tmp_path, sqlite_template, monkeypatch):
    """accounts.json is written last: without it the rest is half done."""
    shutil.copy(sqlite_template[0], tmp_path / "medspel.db")
    assert rows(tmp_path, "SELECT uid FROM plan") and rows(tmp_path, "SELECT id FROM municipality")
    found = []

    def build(engine):
        """What it is filled with is said above."""
        found.extend(rows(tmp_path, f"SELECT count(*) FROM {table}") for table in FILLED)
        return [["coordinator", "Kari", "kari"]]

    monkeypatch.setattr(demo, "build", build)
    said = [fill(settings(tmp_path), tmp_path) for _ in range(2)]
    assert said == [[("coordinator", "Kari", "kari")]] * 2
    assert found == [[(0,)]] * len(FILLED)  # once, and into a database in which nothing was left
    assert json.loads((tmp_path / "accounts.json").read_text()) == [["coordinator", "Kari", "kari"]]


def test_the_demo_leaves_other_databases_alone(tmp_path):
    other = tmp_path / "real.db"
    with pytest.raises(NotTheDemo):
        fill(settings(tmp_path, DATABASE_URL=f"sqlite:///{other}"), tmp_path)
    assert not other.exists()


def test_the_demo_shows_what_it_has_sent_and_nothing_else_does(app, settings, engine, desk, town):
    letter = Letter(
        uid="u-1", channel=Channel.SMS, to="+4790000001", text="Ei <b>melding</b>. Logg inn.",
        language=Language.NYNORSK,
    )  # fmt: skip
    FileSink(settings.outbox_folder).send(letter)
    page = create_app(replace(settings, demo=True)).test_client().get("/sent/").text
    assert "+4790000001" in page and "Ei &lt;b&gt;melding&lt;/b&gt;. Logg inn." in page
    assert app.test_client().get("/sent/").status_code == 404
