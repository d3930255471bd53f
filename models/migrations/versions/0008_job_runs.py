"""When each job of the worker ran last, and how it went."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('job_run',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('period', _WHEN, nullable=False),
    sa.Column('ended_at', _WHEN, nullable=True),
    sa.Column('ok', sa.Boolean(), nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__job_run')),
    sa.UniqueConstraint('name', name=op.f('uq__job_run__name')),
    sa.UniqueConstraint('uid', name=op.f('uq__job_run__uid'))
    )


def downgrade() -> None:
    op.drop_table('job_run')
