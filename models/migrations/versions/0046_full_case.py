"""The whole case of a request: what is weighed, what more is asked for, letters, former answers;
and by what a request is found.

Back: they are gone; requests and their answers are kept.
"""

import sqlalchemy as sa
from alembic import op

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_CRITERIA = (
    'long_term', 'several_services', 'serious_condition', 'lasting_care', 'other_welfare',
)


def _table(name, once, *columns, **keys):
    """`once`: the key there is one row of each; the others are looked up by."""
    op.create_table(
        name,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        *(sa.Column(key, _BIG, nullable=False) for key in keys),
        *columns,
        *(
            sa.ForeignKeyConstraint(
                [key], [f'{target}.id'], name=op.f(f'fk__{name}__{key}__{target}')
            )
            for key, target in keys.items()
        ),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid')),
        *([sa.UniqueConstraint(once, name=op.f(f'uq__{name}__{once}'))] if once else []),
    )
    for key in keys:
        if key != once:
            op.create_index(op.f(f'ix__{name}__{key}'), name, [key])


def upgrade() -> None:
    here = {'municipality_id': 'municipality', 'request_id': 'request'}
    _table(
        'assessment', 'request_id',
        *(sa.Column(one, sa.Boolean(), nullable=True) for one in _CRITERIA),
        *(sa.Column(f'{one}_why', sa.LargeBinary(), nullable=True) for one in _CRITERIA),
        **here, written_by_id='person',
    )
    _table(
        'inquiry', None,
        sa.Column('asked_on', sa.Date(), nullable=False),
        sa.Column('asked_of', sa.LargeBinary(), nullable=False),
        sa.Column('question', sa.LargeBinary(), nullable=False),
        sa.Column('reply_by', sa.Date(), nullable=True),
        sa.Column('answered_on', sa.Date(), nullable=True),
        **here, asked_by_id='person',
    )
    _table(
        'case_letter', None,
        sa.Column('kind', sa.String(40), nullable=False),
        sa.Column('language', sa.String(40), nullable=False),
        sa.Column('written_on', sa.Date(), nullable=False),
        sa.Column('to_name', sa.LargeBinary(), nullable=False),
        sa.Column('to_address', sa.LargeBinary(), nullable=True),
        sa.Column('text', sa.LargeBinary(), nullable=False),
        sa.Column('sent_on', sa.Date(), nullable=True),
        **here, written_by_id='person',
    )
    _table(
        'case_letter_file', 'letter_id',
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('digest', sa.String(64), nullable=False),
        **here, letter_id='case_letter',
    )
    _table(
        'former_decision', None,
        sa.Column('outcome', sa.String(40), nullable=False),
        sa.Column('decided_on', sa.Date(), nullable=False),
        sa.Column('complain_by', sa.Date(), nullable=True),
        sa.Column('sent_to', sa.String(200), nullable=True),
        sa.Column('changed_on', sa.Date(), nullable=False),
        **here, changed_by_id='person',
    )
    names = ['municipality_id', 'word']
    _table(
        'request_name', None, sa.Column('word', sa.String(64), nullable=False),
        **here,
    )
    op.drop_index(op.f('ix__request_name__municipality_id'), 'request_name')
    op.create_index(op.f('ix__request_name__municipality_id_word'), 'request_name', names)
    op.create_table(
        'letter_text',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('key', sa.String(40), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['municipality_id'], ['municipality.id'],
            name=op.f('fk__letter_text__municipality_id__municipality'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__letter_text')),
        sa.UniqueConstraint('uid', name=op.f('uq__letter_text__uid')),
        sa.UniqueConstraint(
            'municipality_id', 'key', name=op.f('uq__letter_text__municipality_id_key')
        ),
    )
    op.add_column(
        'municipality',
        sa.Column('keeps_cases', sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column('municipality', 'keeps_cases')
    op.drop_table('letter_text')
    op.drop_table('request_name')
    for name in ('former_decision', 'case_letter_file', 'case_letter', 'inquiry', 'assessment'):
        op.drop_table(name)
