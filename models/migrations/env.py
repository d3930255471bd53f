"""Alembic's surroundings: runs on the connection it is handed, in one transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from models.base import EnumSet, UtcDateTime
from models.everything import METADATA
from models.types import EncryptedText


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Migrations name plain types: they must go on working when ours change."""
    plain: dict[Any, str] = {UtcDateTime: "sa.DateTime(timezone=True)", EnumSet: "sa.Integer()"}
    plain[EncryptedText] = "sa.LargeBinary()"
    known = plain.get(type(item)) if kind == "type" else None
    return known or False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    render_item=_render,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
