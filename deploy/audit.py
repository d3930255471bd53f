"""Looking after the access log by hand (innsynslogg): `python -m deploy.audit verify`."""

from __future__ import annotations

import sys

from sqlalchemy import create_engine

import config
from models.database import prepare
from security import crypto, seal


def main(verb: str) -> int:
    """ "seal" appends a seal; "verify" says what does not hold and answers 1 if anything."""
    settings = config.from_environment()
    crypto.install(settings.keys)
    engine = create_engine(settings.database_url)
    prepare(engine)
    with engine.connect() as connection:
        if verb == "seal":
            seal.seal(connection, settings.seal_key, settings.seal_file)
            return 0
        broken = seal.verify(connection, settings.seal_key, settings.seal_file)
    for one in broken:
        sys.stdout.write(f"{one.chain} from event {one.seq}: {one.why}\n")
    sys.stdout.write("The log does not hold.\n" if broken else "The log holds.\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "verify"))
