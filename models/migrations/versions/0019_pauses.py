"""A pause: somebody is shut out for a while, and let in again without a new signature.

Back: whoever is paused, or has left by themselves, stands as withdrawn.
"""

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_OPEN = sa.text('ended_at IS NULL')


def upgrade() -> None:
    op.create_table('pause',
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('paused_by_id', _BIG, nullable=False),
    sa.Column('ended_by_id', _BIG, nullable=True),
    sa.Column('ended_at', _WHEN, nullable=True),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.CheckConstraint('(ended_at IS NULL) = (ended_by_id IS NULL)', name=op.f('ck__pause__ended_by_somebody')),
    sa.ForeignKeyConstraint(['ended_by_id'], ['person.id'], name=op.f('fk__pause__ended_by_id__person')),
    sa.ForeignKeyConstraint(['paused_by_id'], ['person.id'], name=op.f('fk__pause__paused_by_id__person')),
    sa.ForeignKeyConstraint(['plan_id', 'person_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__pause__plan_id_person_id__participant')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__pause__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__pause')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__pause__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__pause__uid'))
    )
    op.create_index(op.f('ix__pause__paused_by_id'), 'pause', ['paused_by_id'])
    op.create_index('uq__pause__one_open', 'pause', ['plan_id', 'person_id'], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.execute("UPDATE participant SET status = 'withdrawn' WHERE status IN ('paused', 'left')")
    op.drop_table('pause')
