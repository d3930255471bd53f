"""A plan element is one file: drop one in, and everything that follows from it is there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ELEMENT = '''
"""Wishes (ønske): thrown away after the test."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.elements._declare import Element, PlanElement, field
from models.elements._related import related
from models.elements.goal import Goal
from models.i18n import N_
from models.vocabulary import Scope


class Wish(PlanElement):
    """A wish."""

    __tablename__ = "wish"
    element = Element(
        key="wish", label=N_("Wish"), plural=N_("Wishes"), scope=Scope.GOALS, fhir="Goal", order=25
    )

    wish: Mapped[str] = field(String(200), label=N_("Wish"))
    goal_id: Mapped[int | None] = mapped_column(index=True)
    goal: Mapped[Goal | None] = related(Goal, "goal_id", label=N_("Goal"), marks=True)
'''
TEST = """
import pytest
from sqlalchemy import select

from models.audit import AccessEvent
from models.elements.wish import Wish
from models.history import ElementIndex
from security.policy import Forbidden
from tests.factories import OUTSIDE


def test_everything_that_follows_is_there(browser, desk, town):
    plan = f"/plan/{town.plan}"
    nurse = browser("nurse")
    data = {"wish": "A dog", "goal_id": town.rows["hidden goal"]}
    assert nurse.post(f"{plan}/wish/add", data=data).status_code == 303
    assert "A dog" in nurse.get(f"{plan}/wish/list/").text
    assert "Wishes" in nurse.get(f"{plan}/").text
    for who in (*OUTSIDE, "grandmother"):
        assert "A dog" not in browser(who).get(f"{plan}/wish/list/").text
        assert browser(who).get(f"{plan}/wish/show/1").status_code in (403, 404)
    assert "A dog" not in browser("mother").get(f"{plan}/wish/list/").text  # hidden like its goal
    with desk.session("owner") as session:
        assert session.scalars(select(ElementIndex).where(ElementIndex.key == "wish")).one()
        kinds = session.scalars(select(AccessEvent).where(AccessEvent.kind == "wish")).all()
        assert {e.action for e in kinds} == {"add", "read"}
    with desk.session("reader") as session:
        session.get(Wish, 1).wish = "A cat"
        with pytest.raises(Forbidden):
            session.flush()
    with desk.session("nurse") as session, pytest.raises(Forbidden):
        session.add(Wish(plan_id=town.plan, wish="x", goal_id=town.rows["foreign goal"]))
        session.flush()
"""


def test_an_element_is_one_file(tmp_path):
    for part in ("models", "security", "services", "integrations", "jobs", "views", "deploy"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("tests", "translations"):
        (tmp_path / part).mkdir()
    for file in ("app.py", "config.py", "pyproject.toml"):
        shutil.copy(ROOT / file, tmp_path)
    needed = ("conftest", "factories", "postgresql", "providers", "test_twins")
    for file in ("__init__", *needed):
        shutil.copy(ROOT / "tests" / f"{file}.py", tmp_path / "tests")
    (tmp_path / "models/elements/wish.py").write_text(ELEMENT)
    (tmp_path / "tests/test_wish.py").write_text(TEST)
    _run(tmp_path, "-m", "deploy.migration", "Wishes")  # what a developer does
    _run(tmp_path, "-m", "pytest", "-k", "sqlite", "-p", "no:cacheprovider", "tests/test_wish.py")


def _run(folder, *command):
    run = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
