"""What everybody who uses Medspel agrees to, in versions, and who has accepted which.

The first version comes with the release (services.user_agreements), after the migration.
"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_UNPUBLISHED = sa.text('published_at IS NULL')


def upgrade() -> None:
    op.create_table('user_agreement',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('version', _BIG, nullable=False),
    sa.Column('published_at', _WHEN, nullable=True),
    sa.Column('published_by_id', _BIG, nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__user_agreement__municipality_id__municipality')),
    sa.ForeignKeyConstraint(['published_by_id'], ['person.id'], name=op.f('fk__user_agreement__published_by_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__user_agreement')),
    sa.UniqueConstraint('municipality_id', 'version', name=op.f('uq__user_agreement__municipality_id_version')),
    sa.UniqueConstraint('uid', name=op.f('uq__user_agreement__uid'))
    )
    op.create_index('uq__user_agreement__one_written', 'user_agreement', ['municipality_id'], unique=True, sqlite_where=_UNPUBLISHED, postgresql_where=_UNPUBLISHED)
    op.create_table('agreement_acceptance',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('membership_id', _BIG, nullable=False),
    sa.Column('agreement_id', _BIG, nullable=False),
    sa.Column('language', sa.String(length=40), nullable=False),
    sa.Column('accepted_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__agreement_acceptance__account_id__account')),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk__agreement_acceptance__membership_id__membership')),
    sa.ForeignKeyConstraint(['agreement_id'], ['user_agreement.id'], name=op.f('fk__agreement_acceptance__agreement_id__user_agreement')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__agreement_acceptance')),
    sa.UniqueConstraint('membership_id', 'agreement_id', name=op.f('uq__agreement_acceptance__membership_id_agreement_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__agreement_acceptance__uid'))
    )
    op.create_index(op.f('ix__agreement_acceptance__account_id'), 'agreement_acceptance', ['account_id'])


def downgrade() -> None:
    op.drop_table('agreement_acceptance')
    op.drop_table('user_agreement')
