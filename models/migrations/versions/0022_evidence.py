"""One record, chained, for each signature and each withdrawal, and the sealed files.

What was signed before has none: what was on those pages is not known any more. Back: the
records and files are forgotten, and nothing else.
"""

import sqlalchemy as sa
from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_WHAT = sa.Enum('signed', 'person_out', 'part_shut', 'consent_withdrawn', 'paused', 'resumed', name='recorded', native_enum=False, length=40)


def upgrade() -> None:
    op.create_table('signature_record',
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('seq', _BIG, autoincrement=False, nullable=False),
    sa.Column('at', _WHEN, nullable=False),
    sa.Column('what', _WHAT, nullable=False),
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('signature_id', _BIG, nullable=True),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('previous', sa.String(length=64), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__signature_record__plan_id__plan')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk__signature_record__person_id__person')),
    sa.ForeignKeyConstraint(['plan_id', 'signature_id'], ['signature.plan_id', 'signature.id'], name=op.f('fk__signature_record__plan_id_signature_id__signature')),
    sa.PrimaryKeyConstraint('plan_id', 'seq', name=op.f('pk__signature_record')),
    sa.UniqueConstraint('signature_id', name=op.f('uq__signature_record__signature_id'))
    )
    op.create_index(op.f('ix__signature_record__person_id'), 'signature_record', ['person_id'])
    op.create_table('signature_proof',
    sa.Column('seq', _BIG, nullable=False),
    sa.Column('said', sa.Text(), nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__signature_proof__plan_id__plan'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['plan_id', 'seq'], ['signature_record.plan_id', 'signature_record.seq'], name=op.f('fk__signature_proof__plan_id_seq__signature_record')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__signature_proof')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__signature_proof__plan_id_id')),
    sa.UniqueConstraint('plan_id', 'seq', name=op.f('uq__signature_proof__plan_id_seq')),
    sa.UniqueConstraint('uid', name=op.f('uq__signature_proof__uid'))
    )
    _file('receipt', 'signature')
    _file('receipt_copy', 'consent')


def _file(name: str, of: str) -> None:
    op.create_table(name,
    sa.Column(f'{of}_id', _BIG, nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f(f'fk__{name}__plan_id__plan'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['plan_id', f'{of}_id'], [f'{of}.plan_id', f'{of}.id'], name=op.f(f'fk__{name}__plan_id_{of}_id__{of}')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f(f'uq__{name}__plan_id_id')),
    sa.UniqueConstraint(f'{of}_id', name=op.f(f'uq__{name}__{of}_id')),
    sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid'))
    )


def downgrade() -> None:
    op.drop_table('receipt_copy')
    op.drop_table('receipt')
    op.drop_table('signature_proof')
    op.drop_table('signature_record')
