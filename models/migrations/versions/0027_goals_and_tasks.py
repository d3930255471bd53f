"""Sub-goals, where a goal comes from, its status and its place; how much and from when of a task.

Back: sub-goals stand beside their main goals, and what was said in the new columns is forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_STATUS = sa.Enum('new', 'under_way', 'reached', 'set_aside', name='goalstatus', native_enum=False, length=40)
_PARENT = 'fk__goal__plan_id_parent_id__goal'
_NEW = {'goal': ('parent_id', 'source', 'status', 'place'), 'activity': ('extent', 'starts_on')}


def upgrade() -> None:
    with op.batch_alter_table('goal') as batch_op:
        batch_op.add_column(sa.Column('parent_id', _BIG, nullable=True))
        batch_op.add_column(sa.Column('source', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('status', _STATUS, server_default='new', nullable=False))
        batch_op.add_column(sa.Column('place', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f(_PARENT), 'goal', ['plan_id', 'parent_id'], ['plan_id', 'id'])
        batch_op.create_check_constraint(batch_op.f('ck__goal__not_below_itself'), 'parent_id <> id')
        batch_op.create_index(batch_op.f('ix__goal__parent_id'), ['parent_id'])
    with op.batch_alter_table('goal') as batch_op:
        batch_op.alter_column('status', server_default=None)
    op.add_column('activity', sa.Column('extent', sa.String(length=200), nullable=True))
    op.add_column('activity', sa.Column('starts_on', sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('goal') as batch_op:
        batch_op.drop_index(batch_op.f('ix__goal__parent_id'))
        batch_op.drop_constraint(batch_op.f('ck__goal__not_below_itself'), type_='check')
        batch_op.drop_constraint(batch_op.f(_PARENT), type_='foreignkey')
        for column in _NEW['goal']:
            batch_op.drop_column(column)
    with op.batch_alter_table('activity') as batch_op:
        for column in _NEW['activity']:
            batch_op.drop_column(column)
