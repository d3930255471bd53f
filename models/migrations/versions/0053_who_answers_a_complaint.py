"""To whom a complaint was sent on, and the day an answer was promised by before it was put off.

What is sent on already has gone where the pages said until now: to Statsforvaltaren. The letter that
it takes longer named a month; where nobody has changed it, the release gives it anew.

Back: the two are gone, and the letter is given anew by the release of then.
"""

import json
import re
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = '0053'
down_revision = '0052'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_LETTERS = sa.table(
    'letter_text', sa.column('id', _BIG), sa.column('key', sa.String), sa.column('words', sa.Text)
)
_COMPLAINTS = sa.table(
    'complaint', sa.column('reconsidered', sa.String), sa.column('sent_to', sa.Text)
)
_BODY = {'en': 'Statsforvalteren', 'nb': 'Statsforvalteren', 'nn': 'Statsforvaltaren'}
_BEFORE, _NOW = '69e9d8ddf52439f1', '47afcd5badec97d1'
"""The start of the digest of the letter as shipped."""
_PROMISED = re.compile(r'[^\n]*\{promised\}[^\n]*\n*')


def upgrade() -> None:
    op.add_column('complaint', sa.Column('sent_to', sa.Text(), nullable=True))
    op.add_column('delay', sa.Column('promised_by', sa.Date(), nullable=True))
    said = json.dumps(_BODY, ensure_ascii=False, sort_keys=True)
    sent_on = _COMPLAINTS.c.reconsidered == 'sent_on'
    op.execute(_COMPLAINTS.update().where(sent_on).values(sent_to=said))
    _let_go_of(_BEFORE)


def downgrade() -> None:
    _let_go_of(_NOW)
    for row in op.get_bind().execute(sa.select(_LETTERS)).all():
        said = {one: _PROMISED.sub('', text) for one, text in json.loads(row.words).items()}
        words = json.dumps(said, ensure_ascii=False, sort_keys=True)
        if words != row.words:
            op.execute(_LETTERS.update().where(_LETTERS.c.id == row.id).values(words=words))
    for table, column in (('delay', 'promised_by'), ('complaint', 'sent_to')):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)


def _let_go_of(digest: str) -> None:
    """Of the texts of that letter as they were shipped: the release fills them in."""
    for row in op.get_bind().execute(sa.select(_LETTERS).where(_LETTERS.c.key == 'delay')).all():
        if sha256(row.words.encode()).hexdigest()[:16] == digest:
            op.execute(_LETTERS.delete().where(_LETTERS.c.id == row.id))
