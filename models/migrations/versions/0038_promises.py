"""What was agreed last time, in the minutes of the next meeting, and what became of it.

Back: what became of it is gone, and so is what was said of it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_ITEM = sa.table('minutes_item', sa.column('id', _BIG), sa.column('promise_id', _BIG))
_VERSION = sa.table('element_version', sa.column('key', sa.String()), sa.column('row_id', _BIG))
_FK = 'fk__minutes_item__plan_id_promise_id__activity'


def upgrade() -> None:
    with op.batch_alter_table('minutes_item') as batch_op:
        batch_op.add_column(sa.Column('outcome', sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column('promise_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f(_FK), 'activity', ['plan_id', 'promise_id'], ['plan_id', 'id'])


def downgrade() -> None:
    promises = sa.select(_ITEM.c.id).where(_ITEM.c.promise_id.is_not(None))
    op.execute(_VERSION.delete().where(_VERSION.c.key == 'minutes_item', _VERSION.c.row_id.in_(promises)))
    op.execute(_ITEM.delete().where(_ITEM.c.promise_id.is_not(None)))
    with op.batch_alter_table('minutes_item') as batch_op:
        batch_op.drop_constraint(batch_op.f(_FK), type_='foreignkey')
        batch_op.drop_column('promise_id')
        batch_op.drop_column('outcome')
