"""What the system does without anybody acting: each rule by name, and none in a page."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from security.session import SystemSession

ROOT = Path(__file__).parent.parent
RULES = {
    "jobs/birthdays.py": {"another is soon to decide"},
    "jobs/consent.py": {"verifying evidence"},
    "jobs/outbox.py": {"looking for notices", "sending notices"},
    "jobs/planning.py": {"planning notices"},
    "jobs/case_letters.py": {"making letters"},
    "jobs/receipts.py": {"making receipts"},
    "jobs/returns.py": {"mail that came back"},
    "services/answer_links.py": {"answering a call by its link"},
    "services/appointments.py": {"appointments that begin"},
    "services/deadline_notices.py": {"deadlines"},
    "services/ending.py": {"consents that run out"},
    "services/health.py": {"how the installation is"},
    "services/identities.py": {"signing in with eID"},
    "services/invitations.py": {"answering an invitation"},
    "services/minutes_giving.py": {"minutes move on"},
    "services/request_drafts.py": {"a request from somebody who need not sign in"},
    "services/requests.py": {
        "a request from somebody who need not sign in",
        "a coordinator asks for guidance",
    },
    "services/second_factor.py": {"asking for a second factor"},
    "services/sign_in.py": {"signing in"},
    "deploy/authenticator.py": {"a lost app"},
    "deploy/municipality.py": {"a new municipality"},
    "deploy/pictures.py": {"pictures of the demo"},
    "deploy/town/families.py": {"filling the demo"},
    "deploy/town/hall.py": {"filling the demo", "who acts in the demo"},
    "deploy/town/life.py": {"filling the demo"},
}
"""Where a session without an actor is made, and why."""
LAYERS = ("models", "security", "integrations", "services", "jobs", "views", "deploy")


def _files():
    yield from ROOT.glob("*.py")
    for name in LAYERS:
        yield from (ROOT / name).rglob("*.py")


def _reasons(tree):
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if getattr(call.func, "id", "") == "SystemSession":
            yield from (
                one.value.value if isinstance(one.value, ast.Constant) else "not said here"
                for one in call.keywords
                if one.arg == "because"
            )


def test_every_rule_is_on_the_list():
    found = {}
    for path in _files():
        reasons = set(_reasons(ast.parse(path.read_text())))
        if reasons:
            found[str(path.relative_to(ROOT))] = reasons
    assert found == RULES


def test_no_page_and_no_rule_of_access_has_one():
    assert not [name for name in RULES if name.startswith(("views/", "security/", "models/"))]


def test_without_a_reason_there_is_none(engine):
    with pytest.raises(TypeError):
        SystemSession(engine)
