"""What the municipality answers to a request; and persons found by their birth date.

Back: decisions are gone; the requests are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _key(column, target):
    name = op.f(f'fk__decision__{column}__{target}')
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=name)


def upgrade() -> None:
    op.create_table(
        'decision',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('request_id', _BIG, nullable=False),
        sa.Column('outcome', sa.String(40), nullable=False),
        sa.Column('decided_on', sa.Date(), nullable=False),
        sa.Column('complain_by', sa.Date(), nullable=True),
        sa.Column('record', sa.String(60), nullable=True),
        sa.Column('is_recorded', sa.Boolean(), nullable=False),
        sa.Column('sent_to', sa.String(200), nullable=True),
        sa.Column('decided_by_id', _BIG, nullable=False),
        _key('municipality_id', 'municipality'),
        _key('request_id', 'request'),
        _key('decided_by_id', 'person'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__decision')),
        sa.UniqueConstraint('uid', name=op.f('uq__decision__uid')),
        sa.UniqueConstraint('request_id', name=op.f('uq__decision__request_id')),
    )
    op.create_index(op.f('ix__decision__municipality_id'), 'decision', ['municipality_id'])
    op.create_index(op.f('ix__decision__decided_by_id'), 'decision', ['decided_by_id'])
    born = ['municipality_id', 'birth_date']
    op.create_index(op.f('ix__person__municipality_id_birth_date'), 'person', born)


def downgrade() -> None:
    op.drop_index(op.f('ix__person__municipality_id_birth_date'), 'person')
    op.drop_table('decision')
