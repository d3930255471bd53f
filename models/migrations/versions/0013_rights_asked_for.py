"""Rights that two must agree to: who asked for them, and who answered."""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('rights_request',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('membership_id', _BIG, nullable=False),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('asked_at', _WHEN, nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=True),
    sa.Column('answered_by_id', _BIG, nullable=True),
    sa.Column('answered_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk__rights_request__answered_by_id__person')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk__rights_request__asked_by_id__person')),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk__rights_request__membership_id__membership')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__rights_request__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__rights_request')),
    sa.UniqueConstraint('uid', name=op.f('uq__rights_request__uid'))
    )
    for column in ('asked_by_id', 'membership_id', 'municipality_id'):
        op.create_index(op.f(f'ix__rights_request__{column}'), 'rights_request', [column])


def downgrade() -> None:
    op.drop_table('rights_request')
