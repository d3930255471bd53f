"""When a meeting can be: times that are proposed, and whom each of them suits.

Back: proposals and answers are gone; a time that was chosen is the meeting's own.
"""

import sqlalchemy as sa
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)


def _of_a_meeting(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What both tables have of a row in a plan, that somebody wrote about a meeting."""
    return (
        sa.Column('meeting_id', _BIG, nullable=False),
        sa.Column('author_id', _BIG, nullable=False),
        sa.Column('plan_id', _BIG, nullable=False),
        sa.Column('created_at', _WHEN, nullable=False),
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f(f'fk__{table}__author_id__person')),
        sa.ForeignKeyConstraint(['plan_id', 'meeting_id'], ['meeting.plan_id', 'meeting.id'], name=op.f(f'fk__{table}__plan_id_meeting_id__meeting')),
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f(f'fk__{table}__plan_id__plan'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{table}')),
        sa.UniqueConstraint('plan_id', 'id', name=op.f(f'uq__{table}__plan_id_id')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{table}__uid')),
    )


def upgrade() -> None:
    op.create_table('meeting_time',
    sa.Column('starts_at', _WHEN, nullable=False),
    sa.Column('ends_at', _WHEN, nullable=False),
    sa.Column('closed_at', _WHEN, nullable=True),
    sa.Column('is_chosen', sa.Boolean(), nullable=False),
    *_of_a_meeting('meeting_time'),
    )
    op.create_index(op.f('ix__meeting_time__author_id'), 'meeting_time', ['author_id'])
    op.create_index(op.f('ix__meeting_time__meeting_id'), 'meeting_time', ['meeting_id'])
    op.create_table('time_answer',
    sa.Column('time_id', _BIG, nullable=False),
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('answer', sa.String(length=40), nullable=False),
    *_of_a_meeting('time_answer'),
    sa.ForeignKeyConstraint(['plan_id', 'person_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__time_answer__plan_id_person_id__participant')),
    sa.ForeignKeyConstraint(['plan_id', 'time_id'], ['meeting_time.plan_id', 'meeting_time.id'], name=op.f('fk__time_answer__plan_id_time_id__meeting_time')),
    sa.UniqueConstraint('time_id', 'person_id', name=op.f('uq__time_answer__time_id_person_id')),
    )
    for column in ('author_id', 'meeting_id', 'person_id'):
        op.create_index(op.f(f'ix__time_answer__{column}'), 'time_answer', [column])


def downgrade() -> None:
    op.drop_table('time_answer')
    op.drop_table('meeting_time')
