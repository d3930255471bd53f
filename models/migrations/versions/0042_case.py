"""Until when a request is answered, what those who asked were told, complaints, and deadlines.

Back: the three tables are gone, and a request says only when it came.
"""

import sqlalchemy as sa
from alembic import op

from models.request import first_answer_by

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_R = sa.table('request', sa.column('received_on', sa.Date()), sa.column('answer_by', sa.Date()))
_BY_DAY = (
    ('plan_register', 'next_evaluation'), ('plan_register', 'last_meeting'),
    ('coordinator_appointment', 'starts_on'),
)  # fmt: skip
_DUE = 'ix__request__municipality_id_answer_by_id'


def _of_the_case(name, by, *columns, once=False, sorted_by=''):
    keys = {'municipality_id': 'municipality', 'request_id': 'request', by: 'person'}
    op.create_table(
        name,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        *(sa.Column(key, _BIG, nullable=False) for key in keys),
        *columns,
        *(
            sa.ForeignKeyConstraint([key], [f'{target}.id'], name=op.f(f'fk__{name}__{key}__{target}'))
            for key, target in keys.items()
        ),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid')),
        *([sa.UniqueConstraint('request_id', name=op.f(f'uq__{name}__request_id'))] if once else []),
    )
    by_itself = () if sorted_by else ('municipality_id',)
    for key in (*by_itself, by, *(() if once else ('request_id',))):
        op.create_index(op.f(f'ix__{name}__{key}'), name, [key])
    if sorted_by:
        index = op.f(f'ix__{name}__municipality_id_{sorted_by}_id')
        op.create_index(index, name, ['municipality_id', sorted_by, 'id'])


def upgrade() -> None:
    op.add_column('request', sa.Column('answer_by', sa.Date(), nullable=True))
    days = op.get_bind().execute(sa.select(_R.c.received_on).distinct()).scalars().all()
    for day in days:
        op.execute(_R.update().where(_R.c.received_on == day).values(answer_by=first_answer_by(day)))
    with op.batch_alter_table('request') as batch_op:
        batch_op.alter_column('answer_by', existing_type=sa.Date(), nullable=False)
        batch_op.create_index(batch_op.f(_DUE), ['municipality_id', 'answer_by', 'id'])
    _of_the_case(
        'delay', 'told_by_id',
        sa.Column('told_on', sa.Date(), nullable=False),
        sa.Column('answer_by', sa.Date(), nullable=False),
        sa.Column('reason', sa.LargeBinary(), nullable=False),
    )  # fmt: skip
    _of_the_case(
        'complaint', 'written_by_id',
        sa.Column('received_on', sa.Date(), nullable=False),
        sa.Column('reconsider_by', sa.Date(), nullable=False),
        sa.Column('reconsidered', sa.String(40), nullable=True),
        sa.Column('reconsidered_on', sa.Date(), nullable=True),
        sa.Column('reviewed', sa.String(40), nullable=True),
        sa.Column('reviewed_on', sa.Date(), nullable=True),
        once=True, sorted_by='reconsider_by',
    )  # fmt: skip


    for table, column in _BY_DAY:
        op.create_index(
            op.f(f'ix__{table}__municipality_id_{column}_id'), table, ['municipality_id', column, 'id']
        )
    op.create_table(
        'deadline_rule',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('days', _BIG, nullable=True),
        sa.Column('warn_before', _BIG, nullable=False),
        sa.Column('escalate_after', _BIG, nullable=False),
        sa.Column('escalate_to_id', _BIG, nullable=True),
        sa.CheckConstraint(
            'coalesce(days, 1) > 0 AND warn_before >= 0 AND escalate_after >= 0',
            name=op.f('ck__deadline_rule__days_are_counted_forwards'),
        ),
        sa.ForeignKeyConstraint(
            ['municipality_id'], ['municipality.id'],
            name=op.f('fk__deadline_rule__municipality_id__municipality'),
        ),
        sa.ForeignKeyConstraint(
            ['escalate_to_id'], ['person.id'], name=op.f('fk__deadline_rule__escalate_to_id__person')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__deadline_rule')),
        sa.UniqueConstraint('uid', name=op.f('uq__deadline_rule__uid')),
        sa.UniqueConstraint(
            'municipality_id', 'kind', name=op.f('uq__deadline_rule__municipality_id_kind')
        ),
    )  # fmt: skip
    op.create_index(op.f('ix__deadline_rule__escalate_to_id'), 'deadline_rule', ['escalate_to_id'])


def downgrade() -> None:
    op.drop_table('deadline_rule')
    for table, column in _BY_DAY:
        op.drop_index(op.f(f'ix__{table}__municipality_id_{column}_id'), table)
    op.drop_table('complaint')
    op.drop_table('delay')
    with op.batch_alter_table('request') as batch_op:
        batch_op.drop_index(batch_op.f(_DUE))
        batch_op.drop_column('answer_by')
