"""Encryption at rest (kryptering): AES-256-GCM under a ring of keys outside the database."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models import types

_NONCE = 12
_KEY = 32


class BadKeys(Exception):
    """The key ring cannot be used: a key is missing, too short or named twice."""


class Undecryptable(Exception):
    """The value was altered, moved to another column, or its key is not on the ring."""


class KeyIsGone(Undecryptable):
    """The value is whole; the key it is locked with (by name) is not on the ring."""


@dataclass(frozen=True)
class KeyRing:
    """Named 32-byte keys; the first one encrypts, all of them decrypt."""

    keys: dict[str, bytes]
    index_key: bytes

    @classmethod
    def parse(cls, ring: str, index_key: str) -> KeyRing:
        """From "2026a:base64,2025b:base64" and one more base64 key. Raises: BadKeys."""
        pairs = [part.strip().partition(":") for part in ring.split(",") if part.strip()]
        keys = {name: _key(text) for name, _, text in pairs}
        if not keys or len(keys) != len(pairs) or not all(0 < len(n) < 32 for n in keys):
            raise BadKeys("the ring needs one key or more, each with a short name of its own")
        return cls(keys, _key(index_key))

    def encrypt(self, text: str, *, place: str) -> bytes:
        name, key = next(iter(self.keys.items()))
        nonce = token_bytes(_NONCE)
        head = bytes([len(name)]) + name.encode()
        return head + nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())

    def decrypt(self, sealed: bytes, *, place: str) -> str:
        """Raises: Undecryptable, KeyIsGone."""
        start = 1 + sealed[0]
        name = sealed[1:start].decode("ascii", "replace")
        key = self.keys.get(name)
        nonce, body = sealed[start : start + _NONCE], sealed[start + _NONCE :]
        if key is None:
            raise KeyIsGone(name)
        try:
            return AESGCM(key).decrypt(nonce, body, place.encode()).decode()
        except InvalidTag as refused:
            raise Undecryptable(place) from refused

    def blind_index(self, text: str, *, place: str) -> str:
        return hmac.new(self.index_key, f"{place}\0{text}".encode(), sha256).hexdigest()


def _key(text: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except (NotBase64, ValueError) as wrong:
        raise BadKeys("a key is not base64") from wrong
    if len(key) != _KEY:
        raise BadKeys(f"a key has {len(key)} bytes and needs {_KEY}")
    return key


def new_key() -> str:
    """A fresh key as base64."""
    return b64encode(token_bytes(_KEY)).decode()


def install(ring: KeyRing) -> None:
    """Hand the ring to the encrypted columns of this process."""
    types.use(ring)
