"""The demo's two municipalities (demokommunar): invented people, plans in every state.

Everything inside a plan is made by the same use cases the pages call, as the person who
would have done it; so what the demo shows is what the rules allow.
"""

from __future__ import annotations

from sqlalchemy import Engine

from deploy.town.cases import remember
from deploy.town.courses import train
from deploy.town.families import families
from deploy.town.hall import municipality
from models.language import Language
from security import passwords

PASSWORD = "fjorden er stille i dag"
TOWNS = ("Fjordvik", "Lundmarka")


def build(engine: Engine) -> list[tuple[str, str, str]]:
    """Fill an empty database; (role, name, sign-in name) of the accounts worth showing."""
    hashed = passwords.hash_password(PASSWORD)
    fjordvik = municipality(engine, TOWNS[0], Language.NYNORSK, hashed)
    families(fjordvik, hashed)
    train(fjordvik)
    remember(fjordvik)
    lund = municipality(engine, TOWNS[1], Language.BOKMAL, hashed)
    families(lund, hashed)
    train(lund)
    remember(lund)
    return fjordvik.shown + lund.shown
