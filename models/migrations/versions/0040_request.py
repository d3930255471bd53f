"""Requests to the coordinating unit, and those that are not finished.

Back: both tables are gone, with what is in them.
"""

import sqlalchemy as sa
from alembic import op

revision = '0040'
down_revision = '0039'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _key(name, column, target):
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk__{name}__{column}__{target}'))


def _secret(name, nullable=True):
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        'request',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('year', _BIG, nullable=False),
        sa.Column('number', _BIG, nullable=False),
        sa.Column('received_on', sa.Date(), nullable=False),
        sa.Column('arrival', sa.String(40), nullable=False),
        sa.Column('concerns', sa.String(40), nullable=False),
        sa.Column('wanted', sa.Integer(), nullable=False),
        _secret('person_name'),
        sa.Column('birth_date', sa.Date(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=True),
        sa.Column('same_index', sa.String(64), nullable=True),
        sa.Column('person_id', _BIG, nullable=True),
        _secret('from_name', nullable=False),
        _secret('from_phone'),
        _secret('from_email'),
        _secret('from_role'),
        sa.Column('from_person_id', _BIG, nullable=True),
        sa.Column('is_told', sa.Boolean(), nullable=True),
        _secret('words'),
        _secret('services'),
        _secret('coordinator_wish'),
        sa.Column('language', sa.String(40), nullable=False),
        sa.Column('case_worker_id', _BIG, nullable=True),
        _key('request', 'municipality_id', 'municipality'),
        _key('request', 'person_id', 'person'),
        _key('request', 'from_person_id', 'person'),
        _key('request', 'case_worker_id', 'person'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__request')),
        sa.UniqueConstraint('uid', name=op.f('uq__request__uid')),
        sa.UniqueConstraint(
            'municipality_id', 'year', 'number', name=op.f('uq__request__municipality_id_year_number')
        ),
    )
    for columns in (
        ('municipality_id', 'received_on', 'id'), ('municipality_id', 'same_index'),
        ('person_id',), ('from_person_id',), ('case_worker_id',),
    ):
        op.create_index(op.f(f'ix__request__{"_".join(columns)}'), 'request', list(columns))
    op.create_table(
        'request_draft',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('code_index', sa.String(64), nullable=True),
        sa.Column('said', sa.LargeBinary(), nullable=False),
        sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
        _key('request_draft', 'municipality_id', 'municipality'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__request_draft')),
        sa.UniqueConstraint('uid', name=op.f('uq__request_draft__uid')),
        sa.UniqueConstraint('code_index', name=op.f('uq__request_draft__code_index')),
    )
    op.create_index(op.f('ix__request_draft__expires_at'), 'request_draft', ['expires_at'])


def downgrade() -> None:
    op.drop_table('request_draft')
    op.drop_table('request')
