"""What stands around the goals: who the owner is, and how it is now in each life area,
what those who work together expect of each other, whom one may call, and what was said.

Back: it is lost, with what the index knew of it.
"""

import sqlalchemy as sa
from alembic import op

revision = '0026'
down_revision = '0024'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_OPEN = sa.text('removed_at IS NULL AND NOT hidden_from_guardians AND shielded_from_id IS NULL')
_ELEMENTS = ('background', 'presentation', 'expectation', 'contact', 'contact_note')


def upgrade() -> None:
    _element('background',
    sa.Column('life_areas', sa.Integer(), nullable=False),
    *(sa.Column(words, sa.Text(), nullable=True) for words in ('situation', 'functioning', 'resources', 'wishes')),
    sa.CheckConstraint('life_areas IN (1, 2, 4, 8, 16, 32)', name=op.f('ck__background__one_life_area')),
    )
    op.create_index('uq__background__one_each', 'background', ['plan_id', 'life_areas'], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    _element('presentation', *(sa.Column(words, sa.Text(), nullable=True) for words in ('who', 'matters', 'strengths', 'help', 'avoid')))
    op.create_index('uq__presentation__one_each', 'presentation', ['plan_id'], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    _element('expectation',
    sa.Column('participant_id', _BIG, nullable=False),
    sa.Column('of_me', sa.Text(), nullable=True),
    sa.Column('of_you', sa.Text(), nullable=True),
    sa.Column('reach', sa.String(length=200), nullable=True),
    sa.Column('again_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['plan_id', 'participant_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__expectation__plan_id_participant_id__participant')),
    )
    op.create_index(op.f('ix__expectation__participant_id'), 'expectation', ['participant_id'])
    _element('contact',
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('service', sa.String(length=100), nullable=True),
    sa.Column('phone', sa.LargeBinary(), nullable=True),
    sa.Column('email', sa.LargeBinary(), nullable=True),
    sa.Column('about', sa.String(length=200), nullable=True),
    sa.Column('member_id', _BIG, nullable=True),
    sa.ForeignKeyConstraint(['plan_id', 'member_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__contact__plan_id_member_id__participant')),
    )
    op.create_index(op.f('ix__contact__member_id'), 'contact', ['member_id'])
    _element('contact_note',
    sa.Column('said', sa.String(length=300), nullable=False),
    sa.Column('at', _WHEN, nullable=False),
    sa.Column('contact_id', _BIG, nullable=False),
    sa.ForeignKeyConstraint(['plan_id', 'contact_id'], ['contact.plan_id', 'contact.id'], name=op.f('fk__contact_note__plan_id_contact_id__contact')),
    )
    op.create_index(op.f('ix__contact_note__contact_id'), 'contact_note', ['contact_id'])


def _element(table: str, *own: sa.Column | sa.Constraint) -> None:
    """A table of an element: what is its own, and what all elements have."""
    areas = [] if table == 'background' else [sa.Column('life_areas', sa.Integer(), nullable=False)]
    op.create_table(table,
    *own,
    *areas,
    sa.Column('author_id', _BIG, nullable=False),
    sa.Column('hidden_from_guardians', sa.Boolean(), nullable=False),
    sa.Column('shielded_from_id', _BIG, nullable=True),
    sa.Column('hidden_because', sa.String(), nullable=True),
    sa.Column('removed_at', _WHEN, nullable=True),
    sa.Column('locked_at', _WHEN, nullable=True),
    sa.Column('version', _BIG, nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f(f'fk__{table}__author_id__person')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f(f'fk__{table}__plan_id__plan'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shielded_from_id'], ['person.id'], name=op.f(f'fk__{table}__shielded_from_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{table}')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f(f'uq__{table}__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f(f'uq__{table}__uid')),
    )
    op.create_index(op.f(f'ix__{table}__author_id'), table, ['author_id'])


def downgrade() -> None:
    for shadow in ('element_version', 'element_index'):
        key = sa.table(shadow, sa.column('key'))
        op.execute(key.delete().where(key.c.key.in_(_ELEMENTS)))
    for table in reversed(_ELEMENTS):
        op.drop_table(table)
