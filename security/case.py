"""What is written in the case of a request (sak): in one's own name, by who may read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import object_session

from models.assessment import Assessment
from models.case_letter import CaseLetter
from models.complaint import Complaint
from models.decision import Decision, FormerDecision
from models.delay import Delay
from models.inquiry import Inquiry
from models.request import Request
from security.actor import Actor
from security.policy import Forbidden

WRITER: dict[type[Any], str] = {
    Assessment: "written_by_id",
    Inquiry: "asked_by_id",
    Decision: "decided_by_id",
    FormerDecision: "changed_by_id",
    Delay: "told_by_id",
    Complaint: "written_by_id",
    CaseLetter: "written_by_id",
}
"""Class -> the column that says who wrote it."""


def authorise(actor: Actor, row: Any, new: bool) -> None:
    """Raises: Forbidden."""
    session = object_session(row)
    asked = session.get(Request, row.request_id) if session else None
    if asked is None or asked.municipality_id != row.municipality_id:
        raise Forbidden("a request of this municipality, that one reads oneself")
    by = WRITER[type(row)]
    if inspect(row).attrs[by].history.has_changes() and getattr(row, by) != actor.person_id:
        raise Forbidden("nobody writes in somebody else's name")
