"""A set of all there is holds those there were, and none that is added later.

Only life areas of a consent are meant so: "all" is said there. All roles were seven when they were
given; whoever is in the competence group too is put there again.

Back: all of them is stored as -1.
"""

import sqlalchemy as sa
from alembic import op

revision = '0055'
down_revision = '0054'
branch_labels = None
depends_on = None

_ALL = -1
_SETS = (
    ('membership', 'roles', 7),
    ('outside_answer', 'ways', 3),
    ('outside_line', 'ways', 3),
    ('outside_grant', 'ways', 3),
    ('notice_choice', 'channels', 4),
    ('municipality', 'parts_by_password', 9),
    ('municipality', 'parts_until_18', 9),
)
"""Table, column, and how many there were of what is in the set."""


def _change(was: int | None, now: int | None) -> None:
    for name, column, many in _SETS:
        full = (1 << many) - 1
        table = sa.table(name, sa.column(column, sa.Integer))
        here = table.c[column] == (full if was is None else was)
        op.execute(table.update().where(here).values({column: full if now is None else now}))


def upgrade() -> None:
    _change(_ALL, None)


def downgrade() -> None:
    _change(None, _ALL)
