"""Several answers of one question as one value (liste): a subquery gives one column only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class JsonList(FunctionElement[Any]):
    """Counts, and days as text, in the order they are given."""

    type = JSON()
    inherit_cache = True


@compiles(JsonList)
def _for_sqlite(element: JsonList, compiler: Any, **kw: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **kw)})"


@compiles(JsonList, "postgresql")
def _for_postgresql(element: JsonList, compiler: Any, **kw: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **kw)})"
