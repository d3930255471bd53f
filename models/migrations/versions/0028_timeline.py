"""When what stands in a plan takes place, and its words as they are looked for.

Back: both are made again from the rows themselves.
"""

import sqlalchemy as sa
from alembic import op

from models.folding import fold

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)
_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_INDEX = sa.table(
    'element_index', sa.column('id', _BIG), sa.column('plan_id', _BIG), sa.column('key', sa.String()),
    sa.column('row_id', _BIG), sa.column('created_at', _WHEN), sa.column('happens_at', _WHEN),
    sa.column('title', sa.Text()), sa.column('text', sa.Text()), sa.column('words', sa.Text()),
)
_MEETING = sa.table('meeting', sa.column('id', _BIG), sa.column('starts_at', _WHEN))
_AT_ONCE = 500


def upgrade() -> None:
    op.add_column('element_index', sa.Column('happens_at', _WHEN, nullable=True))
    op.add_column('element_index', sa.Column('words', sa.Text(), nullable=True))
    starts = sa.select(_MEETING.c.starts_at).where(_MEETING.c.id == _INDEX.c.row_id).scalar_subquery()
    op.execute(_INDEX.update().values(happens_at=_INDEX.c.created_at))
    op.execute(_INDEX.update().where(_INDEX.c.key == 'meeting').values(happens_at=starts))
    _write_words(op.get_bind())
    with op.batch_alter_table('element_index') as batch_op:
        batch_op.alter_column('happens_at', existing_type=_WHEN, nullable=False)
        batch_op.alter_column('words', existing_type=sa.Text(), nullable=False)
        batch_op.create_index(batch_op.f('ix__element_index__plan_id_happens_at'), ['plan_id', 'happens_at'])


def _write_words(connection: sa.Connection) -> None:
    last = 0
    while True:
        some = sa.select(_INDEX.c.id, _INDEX.c.title, _INDEX.c.text).where(_INDEX.c.id > last)
        rows = connection.execute(some.order_by(_INDEX.c.id).limit(_AT_ONCE)).all()
        for row in rows:
            words = fold(f'{row.title} {row.text}')
            connection.execute(_INDEX.update().where(_INDEX.c.id == row.id).values(words=words))
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].id


def downgrade() -> None:
    with op.batch_alter_table('element_index') as batch_op:
        batch_op.drop_index(batch_op.f('ix__element_index__plan_id_happens_at'))
        batch_op.drop_column('words')
        batch_op.drop_column('happens_at')
