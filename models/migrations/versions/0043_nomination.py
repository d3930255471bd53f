"""Departments are asked for a coordinator.

Back: who was asked, and what they answered, is gone; appointments are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_KEYS = {
    'municipality_id': 'municipality', 'request_id': 'request', 'person_id': 'person',
    'department_id': 'department', 'asked_by_id': 'person', 'nominee_id': 'person',
    'answered_by_id': 'person', 'appointment_id': 'coordinator_appointment',
}  # fmt: skip
_OPEN = ('nominee_id', 'answered_by_id', 'appointment_id')


def upgrade() -> None:
    op.create_table(
        'nomination',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        *(sa.Column(key, _BIG, nullable=key in _OPEN) for key in _KEYS),
        sa.Column('note', sa.LargeBinary(), nullable=True),
        sa.Column('name_by', sa.Date(), nullable=False),
        sa.Column('agreed_hours', _BIG, nullable=True),
        sa.Column('declined', sa.LargeBinary(), nullable=True),
        sa.Column('answered_on', sa.Date(), nullable=True),
        *(
            sa.ForeignKeyConstraint([key], [f'{table}.id'], name=op.f(f'fk__nomination__{key}__{table}'))
            for key, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__nomination')),
        sa.UniqueConstraint('uid', name=op.f('uq__nomination__uid')),
        sa.UniqueConstraint('appointment_id', name=op.f('uq__nomination__appointment_id')),
    )
    for key in ('request_id', 'person_id', 'department_id', 'asked_by_id', 'nominee_id', 'answered_by_id'):
        op.create_index(op.f(f'ix__nomination__{key}'), 'nomination', [key])
    op.create_index(
        op.f('ix__nomination__municipality_id_name_by_id'), 'nomination', ['municipality_id', 'name_by', 'id']
    )


def downgrade() -> None:
    op.drop_table('nomination')
