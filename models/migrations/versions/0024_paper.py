"""Consents that were signed on paper, until and after a second person has compared them.

Back: papers and scans are forgotten; what was signed by them stays signed.
"""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_KIND = sa.Enum('pdf', 'jpeg', 'png', name='scankind', native_enum=False, length=40)


def upgrade() -> None:
    op.create_table('paper_consent',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('consent_id', _BIG, nullable=False),
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('language', sa.String(length=40), nullable=False),
    sa.Column('original', sa.LargeBinary(), nullable=False),
    sa.Column('scan', sa.LargeBinary(), nullable=False),
    sa.Column('scan_kind', _KIND, nullable=False),
    sa.Column('scan_digest', sa.String(length=64), nullable=False),
    sa.Column('said', sa.LargeBinary(), nullable=False),
    sa.Column('overtaken', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('asked_at', _WHEN, nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=True),
    sa.Column('answered_by_id', _BIG, nullable=True),
    sa.Column('answered_at', _WHEN, nullable=True),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.CheckConstraint('NOT overtaken OR confirmed IS FALSE', name=op.f('ck__paper_consent__overtaken_is_a_no')),
    *(
        sa.ForeignKeyConstraint([one], ['person.id'], name=op.f(f'fk__paper_consent__{one}__person'))
        for one in ('person_id', 'asked_by_id', 'answered_by_id')
    ),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__paper_consent__municipality_id__municipality')),
    sa.ForeignKeyConstraint(['plan_id', 'consent_id'], ['consent.plan_id', 'consent.id'], name=op.f('fk__paper_consent__plan_id_consent_id__consent')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__paper_consent__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__paper_consent')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__paper_consent__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__paper_consent__uid'))
    )
    for column in ('asked_by_id', 'consent_id', 'municipality_id', 'person_id'):
        op.create_index(op.f(f'ix__paper_consent__{column}'), 'paper_consent', [column])


def downgrade() -> None:
    op.drop_table('paper_consent')
