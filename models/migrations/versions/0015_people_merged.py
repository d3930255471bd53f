"""One human who stood twice in the register: which row is used, who asked, and who answered.

Back: what was asked and answered is forgotten, and so is that two rows are one; everything that
was ended by it stays ended.
"""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_PEOPLE = ('double_id', 'kept_id', 'asked_by_id', 'answered_by_id')


def upgrade() -> None:
    with op.batch_alter_table('person') as batch_op:
        batch_op.add_column(sa.Column('merged_into_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk__person__merged_into_id__person'), 'person', ['merged_into_id'], ['id'])
        batch_op.create_index(batch_op.f('ix__person__merged_into_id'), ['merged_into_id'])
    op.create_table('person_merge',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('double_id', _BIG, nullable=False),
    sa.Column('kept_id', _BIG, nullable=False),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('asked_at', _WHEN, nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=True),
    sa.Column('answered_by_id', _BIG, nullable=True),
    sa.Column('answered_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.CheckConstraint('double_id <> kept_id', name=op.f('ck__person_merge__two_rows')),
    *(sa.ForeignKeyConstraint([column], ['person.id'], name=op.f(f'fk__person_merge__{column}__person')) for column in _PEOPLE),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__person_merge__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__person_merge')),
    sa.UniqueConstraint('uid', name=op.f('uq__person_merge__uid'))
    )
    for column in ('asked_by_id', 'double_id', 'kept_id', 'municipality_id'):
        op.create_index(op.f(f'ix__person_merge__{column}'), 'person_merge', [column])


def downgrade() -> None:
    op.drop_table('person_merge')
    with op.batch_alter_table('person') as batch_op:
        batch_op.drop_index(batch_op.f('ix__person__merged_into_id'))
        batch_op.drop_constraint(batch_op.f('fk__person__merged_into_id__person'), type_='foreignkey')
        batch_op.drop_column('merged_into_id')
