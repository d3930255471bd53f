"""Consent texts that are approved, in any language; a signature keeps the text; children heard.

The texts there are were in use: they count as approved. What children are known to have said was
said to those who signed, when they did. Back: a child not heard leaves the reason as its words.
"""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_HEARD = sa.Enum('talked', 'other_way', 'wrote', name='heard', native_enum=False, length=40)
_SCOPE = sa.Enum('presentation', 'background', 'goals', 'messages', 'meetings', 'calendar', 'documents', 'evaluation', 'contacts', name='scope', native_enum=False, length=40)
_EITHER = '(how IS NULL) = (opinion IS NULL) AND (how IS NULL) = (heard_on IS NULL) AND (how IS NULL) = (reason IS NOT NULL)'


def upgrade() -> None:
    with op.batch_alter_table('consent_text') as batch:
        batch.add_column(sa.Column('details', sa.Text(), nullable=True))
        batch.add_column(sa.Column('starts_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('approved_at', _WHEN, nullable=True))
        batch.add_column(sa.Column('approved_by_id', _BIG, nullable=True))
        batch.create_foreign_key(op.f('fk__consent_text__approved_by_id__person'), 'person', ['approved_by_id'], ['id'])
    op.execute("UPDATE consent_text SET starts_on = '2020-01-01', approved_at = CURRENT_TIMESTAMP")
    with op.batch_alter_table('consent_text') as batch:
        batch.alter_column('starts_on', existing_type=sa.Date(), nullable=False)
    op.add_column('signature', sa.Column('statement', sa.Text(), server_default='', nullable=False))
    with op.batch_alter_table('hearing') as batch:
        batch.add_column(sa.Column('how', _HEARD, nullable=True))
        batch.add_column(sa.Column('heard_on', sa.Date(), nullable=True))
        batch.add_column(sa.Column('reason', sa.Text(), nullable=True))
        batch.alter_column('opinion', existing_type=sa.Text(), nullable=True)
    op.execute("UPDATE hearing SET how = 'talked', heard_on = (SELECT CAST(s.signed_at AS DATE) FROM signature s WHERE s.id = hearing.signature_id)"
               if op.get_bind().dialect.name == 'postgresql' else
               "UPDATE hearing SET how = 'talked', heard_on = (SELECT date(s.signed_at) FROM signature s WHERE s.id = hearing.signature_id)")
    with op.batch_alter_table('hearing') as batch:
        batch.create_check_constraint('heard_or_why_not', _EITHER)
    with op.batch_alter_table('draft') as batch:
        batch.alter_column('scope', existing_type=_SCOPE, nullable=True)


def downgrade() -> None:
    op.execute('DELETE FROM draft WHERE scope IS NULL')
    with op.batch_alter_table('draft') as batch:
        batch.alter_column('scope', existing_type=_SCOPE, nullable=False)
    with op.batch_alter_table('hearing') as batch:
        batch.drop_constraint(op.f('ck__hearing__heard_or_why_not'), type_='check')
    op.execute("UPDATE hearing SET opinion = COALESCE(opinion, reason, '')")
    with op.batch_alter_table('hearing') as batch:
        batch.alter_column('opinion', existing_type=sa.Text(), nullable=False)
        for name in ('reason', 'heard_on', 'how'):
            batch.drop_column(name)
    op.drop_column('signature', 'statement')
    op.execute('DELETE FROM consent_text WHERE approved_at IS NULL')
    with op.batch_alter_table('consent_text') as batch:
        batch.drop_constraint(op.f('fk__consent_text__approved_by_id__person'), type_='foreignkey')
        for name in ('approved_by_id', 'approved_at', 'starts_on', 'details'):
            batch.drop_column(name)
