"""What holds for each kind of case; the release fills it. Texts of letters nobody has changed are
given anew by the release, with the rule in them.

Back: the rules are gone; letters say what the law says.
"""

import json
import re
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_T = 'case_rule'
_LETTERS = sa.table(
    'letter_text', sa.column('id', _BIG), sa.column('key', sa.String), sa.column('words', sa.Text)
)
_AS_SHIPPED = {
    'answer_both': '9f445c647d6e0738',
    'answer_coordinator_only': 'c4ea8a6463070f03',
    'answer_duty_only': 'a5e46dfe7f7876cb',
    'answer_refused': 'c53d32eaa679c758',
    'sent_on': '4918afe1cc62a90b',
}
"""Key of a letter -> the start of the digest of its texts as they were."""
_BODY = {'nn': 'Statsforvaltaren'}
_RULE = re.compile(r'[^\n]*\{(law|complaint_weeks)\}[^\n]*\n*')


def upgrade() -> None:
    op.create_table(
        _T,
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('wanted', sa.String(40), nullable=False),
        sa.Column('answer_days', _BIG, nullable=True),
        sa.Column('complaint_weeks', _BIG, nullable=True),
        sa.Column('complaint_body', sa.Text(), nullable=False),
        sa.Column('law', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ['municipality_id'], ['municipality.id'],
            name=op.f(f'fk__{_T}__municipality_id__municipality'),
        ),
        sa.CheckConstraint(
            'coalesce(answer_days, 1) > 0 AND coalesce(complaint_weeks, 1) > 0',
            name=op.f(f'ck__{_T}__time_is_counted_forwards'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{_T}')),
        sa.UniqueConstraint('municipality_id', 'wanted', name=op.f(f'uq__{_T}__municipality_id_wanted')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{_T}__uid')),
    )
    for row in op.get_bind().execute(sa.select(_LETTERS)).all():
        if sha256(row.words.encode()).hexdigest()[:16] == _AS_SHIPPED.get(row.key):
            op.execute(_LETTERS.delete().where(_LETTERS.c.id == row.id))


def downgrade() -> None:
    for row in op.get_bind().execute(sa.select(_LETTERS)).all():
        said = {language: _without(text, language) for language, text in json.loads(row.words).items()}
        words = json.dumps(said, ensure_ascii=False, sort_keys=True)
        op.execute(_LETTERS.update().where(_LETTERS.c.id == row.id).values(words=words))
    op.drop_table(_T)


def _without(text: str, language: str) -> str:
    return _RULE.sub('', text).replace('{complaint_body}', _BODY.get(language, 'Statsforvalteren'))
