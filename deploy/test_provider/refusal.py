"""What a provider says no to (avslag), in the words of OAuth 2.0."""

from __future__ import annotations


class Refused(Exception):
    """Said to whoever asked: JSON for a machine, a page for a human. RFC 6749 §5.2."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error, self.description, self.status = error, description, status


class SentBack(Exception):
    """Said to the service, by way of its own registered address. RFC 6749 §4.1.2.1."""

    def __init__(self, address: str, state: str, error: str, description: str) -> None:
        super().__init__(description)
        self.address, self.state = address, state
        self.error, self.description = error, description
