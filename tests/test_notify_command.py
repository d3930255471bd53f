"""`flask --app app notify test` proves the settings, and says in plain words what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.post import http, smtp

ROOT = Path(__file__).parent.parent
SMS = {"MEDSPEL_SMS_BODY": '{"to": "{to}", "text": "{text}"}'}


def run(*words, **settings):
    environ = {**os.environ, "MEDSPEL_DEMO": "1", **settings}
    environ["MEDSPEL_ADDRESS"] = "https://plan.example.no"
    command = [sys.executable, "-m", "flask", "--app", "app", "notify", "test", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)


def test_what_is_set_is_proven_or_the_fault_is_said(tmp_path, sqlite_template):
    with smtp() as box, http() as gateway:
        right = {
            "MEDSPEL_SMTP": f"smtp://127.0.0.1:{box.port}?tls=no", "MEDSPEL_MAIL_FROM": "a@x.no",
            "MEDSPEL_SMS_URL": gateway.url, **SMS,
            "DATA": str(tmp_path), "DATABASE_URL": f"sqlite:///{sqlite_template[0]}",
        }  # fmt: skip
        to = ("--mail", "me@x.no", "--sms", "+4790000001", "--language", "nb")
        done = run(*to, **right)
        assert (done.returncode, done.stdout) == (0, "mail: sent\nsms: sent\n"), done.stderr
        assert "Medspel" in box.taken[0].get_body(("plain",)).get_content()
        assert gateway.taken[0][1]["to"] == "+4790000001"
        box.answers["me@x.no"], gateway.status = "550 no", 500
        done = run(*to, **right, MEDSPEL_IMAP="imap://robot:secret@127.0.0.1:1")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stdout == "mail: refused ([550])\nsms: not reachable (500)\n" + (
        "returned mail: not reachable (ConnectionRefusedError)\n"
    )
