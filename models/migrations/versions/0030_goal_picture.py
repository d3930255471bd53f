"""A picture on a goal.

Back: the pictures are gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_THERE = sa.text('removed_at IS NULL')


def upgrade() -> None:
    op.create_table('goal_picture',
    sa.Column('goal_id', _BIG, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('agreed_on', sa.Date(), nullable=False),
    sa.Column('removed_at', _WHEN, nullable=True),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['plan_id', 'goal_id'], ['goal.plan_id', 'goal.id'], name=op.f('fk__goal_picture__plan_id_goal_id__goal')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__goal_picture__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__goal_picture')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__goal_picture__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__goal_picture__uid'))
    )
    op.create_index('uq__goal_picture__one', 'goal_picture', ['goal_id'], unique=True, sqlite_where=_THERE, postgresql_where=_THERE)


def downgrade() -> None:
    op.drop_table('goal_picture')
