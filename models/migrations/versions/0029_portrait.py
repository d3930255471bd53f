"""The owner's picture, beside the presentation.

Back: the pictures are gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_THERE = sa.text('removed_at IS NULL')


def upgrade() -> None:
    op.create_table('portrait',
    sa.Column('presentation_id', _BIG, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('agreed_on', sa.Date(), nullable=False),
    sa.Column('removed_at', _WHEN, nullable=True),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['plan_id', 'presentation_id'], ['presentation.plan_id', 'presentation.id'], name=op.f('fk__portrait__plan_id_presentation_id__presentation')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__portrait__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__portrait')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__portrait__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__portrait__uid'))
    )
    op.create_index('uq__portrait__one', 'portrait', ['presentation_id'], unique=True, sqlite_where=_THERE, postgresql_where=_THERE)


def downgrade() -> None:
    op.drop_table('portrait')
