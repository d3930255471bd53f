"""Files that are sent with messages (vedlegg): stored with them, and fetched by their readers."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from integrations.scan import Scan
from models.attachment import Attachment
from models.elements.message import Message
from security.session import GuardedSession


@dataclass(frozen=True, slots=True)
class File:
    """What somebody sends: what they call it, and what it is."""

    name: str
    scan: Scan


def attach(session: GuardedSession, message: Message, files: Iterable[File]) -> None:
    """Put files with a message that is just being sent. Raises: Forbidden, Locked."""
    session.add_all(
        Attachment(
            plan_id=message.plan_id, message=message, name=file.name,
            kind=file.scan.kind, size=len(file.scan.content), digest=file.scan.digest,
            content=b64encode(file.scan.content).decode(),
        )
        for file in files
    )  # fmt: skip


def of_messages(session: GuardedSession, messages: Collection[int]) -> dict[int, list[Attachment]]:
    """Message id -> its files, in the order they came; what is in them is not read."""
    found: dict[int, list[Attachment]] = {}
    wanted = select(Attachment).where(Attachment.message_id.in_(messages)).order_by(Attachment.id)
    for one in session.scalars(wanted) if messages else ():
        found.setdefault(one.message_id, []).append(one)
    return found


def file_of(session: GuardedSession, plan_id: int, row_id: int) -> tuple[Attachment, bytes] | None:
    """A file one may read, and what is in it."""
    wanted = select(Attachment).where(Attachment.id == row_id, Attachment.plan_id == plan_id)
    with_it = (undefer(Attachment.content), joinedload(Attachment.message))
    row = session.scalars(wanted.options(*with_it)).unique().first()
    return None if row is None else (row, b64decode(row.content))
