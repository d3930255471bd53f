"""A nickname for a plan, its writer's alone.

Back: the nicknames are gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('own_plan',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('nickname', sa.LargeBinary(), nullable=True),
    sa.Column('steps_hidden_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__own_plan__account_id__account'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__own_plan__plan_id__plan'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__own_plan')),
    sa.UniqueConstraint('account_id', 'plan_id', name=op.f('uq__own_plan__account_id_plan_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__own_plan__uid'))
    )
    op.create_index(op.f('ix__own_plan__plan_id'), 'own_plan', ['plan_id'])


def downgrade() -> None:
    op.drop_table('own_plan')
