"""What the municipality itself must do in time. Its rule is filled by the release.

Back: it is gone, and its rule with it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_T = 'duty'
_KEYS = {'municipality_id': 'municipality', 'responsible_id': 'person', 'follows_id': 'duty'}


def upgrade() -> None:
    op.create_table(
        _T,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        *(sa.Column(key, _BIG, nullable=key != 'municipality_id') for key in _KEYS),
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('note', sa.LargeBinary(), nullable=True),
        sa.Column('due_on', sa.Date(), nullable=False),
        sa.Column('repeats_months', _BIG, nullable=True),
        sa.Column('done_on', sa.Date(), nullable=True),
        *(
            sa.ForeignKeyConstraint([key], [f'{table}.id'], name=op.f(f'fk__{_T}__{key}__{table}'))
            for key, table in _KEYS.items()
        ),
        sa.CheckConstraint('repeats_months > 0', name=op.f(f'ck__{_T}__repeats_forwards')),
        sa.CheckConstraint('follows_id <> id', name=op.f(f'ck__{_T}__does_not_follow_itself')),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{_T}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{_T}__uid')),
        sa.UniqueConstraint('follows_id', name=op.f(f'uq__{_T}__follows_id')),
    )
    columns = ['municipality_id', 'due_on', 'id']
    op.create_index(op.f(f'ix__{_T}__{"_".join(columns)}'), _T, columns)
    op.create_index(op.f(f'ix__{_T}__responsible_id'), _T, ['responsible_id'])


def downgrade() -> None:
    op.drop_table(_T)
    op.execute("DELETE FROM deadline_rule WHERE kind = 'duty'")
