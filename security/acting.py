"""Who a statement is run for (handlande): what the scope's statements have for parameters, so
that they are the same statements for everybody, compiled once."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Date, Integer, bindparam

from models.base import EVERYTHING, UtcDateTime
from models.clock import today, utcnow
from models.four_eyes import WAITS

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Acting:
    """Who a statement is run for. `parts`: those that are open to them, as bits. `viewer_id`:
    who really looks, when `person_id` is the one a plan is seen as. `confirms_in`: the
    municipality they are a second person in; `office_in`: the one they are its coordinating
    unit in; `leads_in`: the one they lead a department in."""

    person_id: int = NOBODY
    municipality_id: int = NOBODY
    account_id: int = NOBODY
    parts: int = EVERYTHING
    viewer_id: int = NOBODY
    confirms_in: int = NOBODY
    office_in: int = NOBODY
    leads_in: int = NOBODY


ACTING: ContextVar[Acting] = ContextVar("acting")
NOBODY_ACTS = Acting()


def _acting() -> Acting:
    return ACTING.get(NOBODY_ACTS)


def _bound(name: str, value: Callable[[], Any], type_: Any) -> Any:
    return bindparam(f"acting_{name}", callable_=value, type_=type_)


class _Me:
    """The person a criterion is about. While the viewer's twin of one is built
    (security.scope.by_both), it is who really looks."""

    def __clause_element__(self) -> Any:
        return _VIEWER if OF_THE_VIEWER.get() else _PERSON


OF_THE_VIEWER: ContextVar[bool] = ContextVar("of_the_viewer", default=False)
_PERSON = _bound("person", lambda: _acting().person_id, BigInteger())
_VIEWER = _bound("viewer", lambda: _acting().viewer_id, BigInteger())
ME: Any = _Me()
HERE = _bound("municipality", lambda: _acting().municipality_id, BigInteger())
MY_ACCOUNT = _bound("account", lambda: _acting().account_id, BigInteger())
CONFIRMS_IN = _bound("confirms_in", lambda: _acting().confirms_in, BigInteger())
OFFICE_IN = _bound("office_in", lambda: _acting().office_in, BigInteger())
LEADS_IN = _bound("leads_in", lambda: _acting().leads_in, BigInteger())
PARTS = _bound("parts", lambda: _acting().parts, Integer())
NOW = _bound("now", utcnow, UtcDateTime())
STILL_WAITS = _bound("still_waits", lambda: utcnow() - WAITS, UtcDateTime())
"""What was asked later than this is not too old to answer."""
TODAY: ColumnElement[date] = _bound("today", today, Date())
THE_PLAN: Any = bindparam("plan", type_=BigInteger())
"""Which plan a statement asks about: said each time it is run."""
