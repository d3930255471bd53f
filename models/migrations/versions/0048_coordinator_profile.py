"""What a coordinator can take on, and when somebody is away.

Back: it is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_T = 'coordinator_profile'
_KEYS = {'municipality_id': 'municipality', 'person_id': 'person', 'substitute_id': 'person'}


def upgrade() -> None:
    op.create_table(
        _T,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        *(sa.Column(key, _BIG, nullable=key == 'substitute_id') for key in _KEYS),
        sa.Column('capacity_hours', _BIG, nullable=True),
        sa.Column('languages', sa.String(400), nullable=False),
        sa.Column('absent_from', sa.Date(), nullable=True),
        sa.Column('absent_until', sa.Date(), nullable=True),
        *(
            sa.ForeignKeyConstraint([key], [f'{table}.id'], name=op.f(f'fk__{_T}__{key}__{table}'))
            for key, table in _KEYS.items()
        ),
        sa.CheckConstraint('capacity_hours > 0', name=op.f(f'ck__{_T}__capacity_is_some')),
        sa.CheckConstraint(
            'absent_until IS NULL OR (absent_from IS NOT NULL AND absent_until >= absent_from)',
            name=op.f(f'ck__{_T}__absence_has_a_start'),
        ),
        sa.CheckConstraint(
            'substitute_id <> person_id', name=op.f(f'ck__{_T}__nobody_is_their_own_substitute')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{_T}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{_T}__uid')),
        sa.UniqueConstraint('person_id', name=op.f(f'uq__{_T}__person_id')),
    )
    op.create_index(op.f(f'ix__{_T}__municipality_id'), _T, ['municipality_id'])
    op.create_index(op.f(f'ix__{_T}__substitute_id'), _T, ['substitute_id'])


def downgrade() -> None:
    op.drop_table(_T)
