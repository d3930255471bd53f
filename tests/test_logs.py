"""What the program logs is JSON, and washed of everything that tells of people."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

import pytest

from security import logs

SECRETS = {
    "identity number": "10915596784",
    "identity number, spaced": "109155 96784",
    "mail": "marte.vik+a@heime.example.no",
    "telephone": "+4790123456",
    "telephone, spaced": "+47 901 23 456",
    "telephone at home": "90 12 34 56",
    "telephone as typed": "90123456",
    "foreign telephone": "0046701234567",
    "session token": "Zk3v9Xq0aB7dE5gH2jL4mN6pR8tU1wY_cF-iOsVx",
    "password in an address": "postgresql://medspel:hunter2hunter@db/medspel",
    "token in a header": "Authorization: Bearer abc.def.ghi",
    "password said": "password='fjorden er'",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_it_does_not_leave(secret):
    washed = logs.wash(f'{{"event": "fault at {secret} in the end", "x": 1}}')
    said = secret.removeprefix("Authorization: Bearer ").removeprefix("password='")
    said = said.partition("medspel:")[2].partition("@")[0] or said
    assert said.split("'")[0] not in washed and "in the end" in washed


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "job seal the log: ok", "timestamp": "2026-11-25T19:15:21.668020Z"}',
        '{"event": "status_code=500 in 12.345678 s", "plan": 4711}',
        'File "/srv/medspel/views/plan/evaluation.py", line 112, in test_a_long_name_of_a_test',
        "sqlite3.IntegrityError: UNIQUE constraint failed: outbox_message.dedup_key",
        "[2026-11-25 19:15:21 +0000] [21428] [INFO] Booting worker with pid: 21430",
    ],
)
def test_what_one_needs_to_find_a_fault_stays(line):
    assert logs.wash(line) == line


PROGRAM = """
import logging
from security import logs
logs.install()
logs.install()
logging.getLogger("medspel.jobs").info("job %s: %s", "tidy", "ok")
try:
    raise ValueError("no letter to ane@skule.example, 10915596784")
except ValueError:
    logging.getLogger("app").exception("fault")
"""


def test_each_event_is_one_washed_line_of_json():
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    first, second = (json.loads(line) for line in ran.stderr.splitlines())
    assert first["event"] == "job tidy: ok" and first["level"] == "info"
    assert first["logger"] == "medspel.jobs" and first["timestamp"].endswith("Z")
    assert second["level"] == "error" and "ValueError" in second["exception"]
    assert "ane@" not in ran.stderr and "10915596784" not in ran.stderr


def test_a_fault_in_a_page_is_logged_without_what_was_typed(app, caplog, monkeypatch):
    def breaks(*_args):
        raise RuntimeError("at somebody@x.no")

    monkeypatch.setattr("views.account.sign_in.sign_in", breaks)
    data = {"name": "ane@skule.example", "secret": "a very secret phrase"}
    with caplog.at_level(logging.ERROR):
        assert app.test_client().post("/sign-in/", data=data).status_code == 500
    assert caplog.records
    for record in caplog.records:
        said = logs._formatter().format(record)
        assert "a very secret phrase" not in said and "@" not in json.loads(said)["event"]
        assert "somebody@x.no" not in said
