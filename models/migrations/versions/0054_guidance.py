"""Coordinators ask for guidance: one more thing a request may ask for. What asked for everything
there was does not ask for it.

Back: who asked for guidance asked to talk with the unit, and the rule for it is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0054'
down_revision = '0053'
branch_labels = None
depends_on = None

_REQUESTS = sa.table('request', sa.column('wanted', sa.Integer))
_RULES = sa.table('case_rule', sa.column('wanted', sa.String))
_EVERYTHING, _BEFORE, _CONTACT, _GUIDANCE = -1, 255, 128, 256
"""The bits: all there are, the eight there were, and two of them."""


def upgrade() -> None:
    _say(_EVERYTHING, _BEFORE)


def downgrade() -> None:
    wanted = _REQUESTS.c.wanted
    asks = sa.and_(wanted != _EVERYTHING, wanted.bitwise_and(_GUIDANCE) != 0)
    talks = wanted.bitwise_and(_BEFORE).bitwise_or(_CONTACT)
    op.execute(_REQUESTS.update().where(asks).values(wanted=talks))
    _say(_BEFORE, _EVERYTHING)
    op.execute(_RULES.delete().where(_RULES.c.wanted == 'guidance'))


def _say(was, now) -> None:
    op.execute(_REQUESTS.update().where(_REQUESTS.c.wanted == was).values(wanted=now))
