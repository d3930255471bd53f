"""Those without a sign-in: what is asked about them, what was said, and what is open.

Back: what was let do is forgotten, and what was recorded of it stays in the records.
"""

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('outside_line',
    sa.Column('consent_id', _BIG, nullable=False),
    sa.Column('first_uid', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('organisation', sa.String(length=100), nullable=True),
    sa.Column('ways', sa.Integer(), nullable=False),
    sa.Column('about', sa.String(length=300), nullable=True),
    sa.Column('meeting_id', _BIG, nullable=True),
    sa.Column('meeting_on', sa.Date(), nullable=True),
    *_row(),
    sa.ForeignKeyConstraint(['plan_id', 'consent_id'], ['consent.plan_id', 'consent.id'], name=op.f('fk__outside_line__plan_id_consent_id__consent')),
    sa.ForeignKeyConstraint(['plan_id', 'meeting_id'], ['meeting.plan_id', 'meeting.id'], name=op.f('fk__outside_line__plan_id_meeting_id__meeting')),
    *_keys('outside_line'),
    sa.UniqueConstraint('consent_id', 'first_uid', name=op.f('uq__outside_line__consent_id_first_uid')),
    )
    op.create_index(op.f('ix__outside_line__consent_id'), 'outside_line', ['consent_id'])
    op.create_table('outside_answer',
    sa.Column('signature_id', _BIG, nullable=False),
    sa.Column('line_id', _BIG, nullable=False),
    sa.Column('ways', sa.Integer(), nullable=False),
    *_row(),
    sa.ForeignKeyConstraint(['plan_id', 'line_id'], ['outside_line.plan_id', 'outside_line.id'], name=op.f('fk__outside_answer__plan_id_line_id__outside_line')),
    sa.ForeignKeyConstraint(['plan_id', 'signature_id'], ['signature.plan_id', 'signature.id'], name=op.f('fk__outside_answer__plan_id_signature_id__signature')),
    *_keys('outside_answer'),
    sa.UniqueConstraint('signature_id', 'line_id', name=op.f('uq__outside_answer__signature_id_line_id')),
    )
    op.create_index(op.f('ix__outside_answer__signature_id'), 'outside_answer', ['signature_id'])
    op.create_table('outside_grant',
    sa.Column('consent_id', _BIG, nullable=False),
    sa.Column('line_id', _BIG, nullable=False),
    sa.Column('ways', sa.Integer(), nullable=False),
    sa.Column('starts_at', _WHEN, nullable=False),
    sa.Column('ends_at', _WHEN, nullable=False),
    sa.Column('revoked_at', _WHEN, nullable=True),
    *_row(),
    sa.ForeignKeyConstraint(['plan_id', 'consent_id'], ['consent.plan_id', 'consent.id'], name=op.f('fk__outside_grant__plan_id_consent_id__consent')),
    sa.ForeignKeyConstraint(['plan_id', 'line_id'], ['outside_line.plan_id', 'outside_line.id'], name=op.f('fk__outside_grant__plan_id_line_id__outside_line')),
    *_keys('outside_grant'),
    )
    op.create_index('uq__outside_grant__one_of_a_line', 'outside_grant', ['line_id'], unique=True)


def _row() -> list[sa.Column]:
    return [
        sa.Column('plan_id', _BIG, nullable=False),
        sa.Column('created_at', _WHEN, nullable=False),
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(length=60), nullable=False),
    ]


def _keys(table: str) -> list[sa.Constraint]:
    return [
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f(f'fk__{table}__plan_id__plan'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{table}')),
        sa.UniqueConstraint('plan_id', 'id', name=op.f(f'uq__{table}__plan_id_id')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{table}__uid')),
    ]


def downgrade() -> None:
    for table in ('outside_grant', 'outside_answer', 'outside_line'):
        op.drop_table(table)
