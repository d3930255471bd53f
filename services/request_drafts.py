"""A request that is not finished (påbyrja førespurnad): kept while it is written, found by a code.

The code is made of the draft's uid with our own key: it is stored nowhere, and can be shown on
every page. Whoever writes it down goes on from another device.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.clock import utcnow
from models.database import WRITING
from models.municipality import Municipality
from models.request_draft import RequestDraft
from models.types import blind_index
from security import rate_limits
from security.session import SystemSession

LASTS = timedelta(days=14)
BEGUN_PER_ADDRESS, TRIES_PER_ADDRESS = 30, 10
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is read wrong: 0 and O, 1 and I."""
_LENGTH, _GROUP = 12, 4

Said = dict[str, dict[str, list[str]]]
"""What each page sent: page -> field -> values."""


class NoSuchDraft(Exception):
    """It is sent, too old, or has never been; never which."""


def begin(engine: Engine, municipality_id: int, address: str) -> str:
    """A new draft's uid. Raises: NoSuchDraft, without such a municipality;
    security.rate_limits.TooManyAttempts."""
    rate_limits.count(engine, f"request begun {address}", BEGUN_PER_ADDRESS)
    WRITING.set(True)
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        if session.get(Municipality, municipality_id) is None:
            raise NoSuchDraft
        until = utcnow() + LASTS
        draft = RequestDraft(municipality_id=municipality_id, said="{}", expires_at=until)
        session.add(draft)
        session.flush()
        draft.code_index = _index(code(draft.uid))
        session.commit()
        return draft.uid


def code(uid: str) -> str:
    """By what a draft is found again: three groups of four."""
    number = int(blind_index("request_draft.code", uid), 16)
    letters = "".join(_ALPHABET[number >> 5 * place & 31] for place in range(_LENGTH))
    return "-".join(letters[n : n + _GROUP] for n in range(0, _LENGTH, _GROUP))


def find(engine: Engine, typed: str, address: str) -> tuple[int, str]:
    """(municipality id, uid) of the draft with this code, however it is written.

    Raises: NoSuchDraft; security.rate_limits.TooManyAttempts.
    """
    rate_limits.count(engine, f"request code {address}", TRIES_PER_ADDRESS)
    wanted = RequestDraft.code_index == _index(typed)
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        draft = _living(session, wanted)
        return draft.municipality_id, draft.uid


def said(engine: Engine, municipality_id: int, uid: str) -> Said:
    """Raises: NoSuchDraft."""
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        return _said(_mine(session, municipality_id, uid))


def keep(
    engine: Engine, municipality_id: int, uid: str, page: str, fields: dict[str, list[str]]
) -> Said:
    """Keep what one page sent; what all have sent by now. Raises: NoSuchDraft."""
    WRITING.set(True)
    with SystemSession(engine, because="a request from somebody who need not sign in") as session:
        draft = _mine(session, municipality_id, uid)
        everything = _said(draft) | {page: fields}
        draft.said, draft.expires_at = json.dumps(everything), utcnow() + LASTS
        session.commit()
        return everything


def _said(draft: RequestDraft) -> Said:
    found: Said = json.loads(draft.said)
    return found


def _mine(session: Session, municipality_id: int, uid: str) -> RequestDraft:
    return _living(
        session, (RequestDraft.uid == uid) & (RequestDraft.municipality_id == municipality_id)
    )


def _living(session: Session, wanted: Any) -> RequestDraft:
    living = select(RequestDraft).where(wanted, RequestDraft.expires_at > utcnow())
    draft = session.scalars(living.with_for_update()).first()
    if draft is None:
        raise NoSuchDraft
    return draft


def _index(typed: str) -> str:
    plain = "".join(one for one in typed.upper() if one in _ALPHABET)
    return blind_index("request_draft.code_index", plain)
