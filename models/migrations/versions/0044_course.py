"""Courses for those who coordinate, their sessions, and who was there.

Back: all three tables are gone, with what is in them.
"""

import sqlalchemy as sa
from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def _table(name, *more):
    op.create_table(
        name,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        *more,
        _key(name, 'municipality_id', 'municipality'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid')),
    )


def _key(name, column, target):
    return sa.ForeignKeyConstraint([column], [f'{target}.id'], name=op.f(f'fk__{name}__{column}__{target}'))


def _index(name, *columns):
    op.create_index(op.f(f'ix__{name}__{"_".join(columns)}'), name, list(columns))


def upgrade() -> None:
    _table(
        'course',
        sa.Column('name', sa.String(200), nullable=False),
        sa.Column('content', sa.Text(), nullable=True),
        sa.Column('is_basic', sa.Boolean(), nullable=False),
        sa.Column('active', sa.Boolean(), nullable=False),
        sa.UniqueConstraint('municipality_id', 'name', name=op.f('uq__course__municipality_id_name')),
    )
    _table(
        'course_session',
        sa.Column('course_id', _BIG, nullable=False),
        sa.Column('held_on', sa.Date(), nullable=False),
        sa.Column('place', sa.String(200), nullable=True),
        sa.Column('led_by', sa.String(200), nullable=True),
        sa.Column('places', _BIG, nullable=True),
        _key('course_session', 'course_id', 'course'),
        sa.CheckConstraint('places IS NULL OR places > 0', name=op.f('ck__course_session__has_room')),
    )
    _index('course_session', 'municipality_id', 'held_on', 'id')
    _index('course_session', 'course_id')
    _table(
        'course_attendance',
        sa.Column('session_id', _BIG, nullable=False),
        sa.Column('person_id', _BIG, nullable=False),
        sa.Column('was_there', sa.Boolean(), nullable=False),
        _key('course_attendance', 'session_id', 'course_session'),
        _key('course_attendance', 'person_id', 'person'),
        sa.UniqueConstraint(
            'session_id', 'person_id', name=op.f('uq__course_attendance__session_id_person_id')
        ),
    )
    _index('course_attendance', 'municipality_id')
    _index('course_attendance', 'person_id')


def downgrade() -> None:
    for name in ('course_attendance', 'course_session', 'course'):
        op.drop_table(name)
