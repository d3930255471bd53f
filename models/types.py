"""Encrypted columns (krypterte felt). The cipher is handed in at start-up (security.crypto)."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import Dialect, LargeBinary, TypeDecorator


class Cipher(Protocol):
    """What an encrypted column needs: both directions, and an index that cannot be read back."""

    def encrypt(self, text: str, *, place: str) -> bytes: ...

    def decrypt(self, sealed: bytes, *, place: str) -> str: ...

    def blind_index(self, text: str, *, place: str) -> str: ...


class NoCipher(Exception):
    """No key ring was handed in: nothing may be stored in the clear instead."""


class _Slot:
    cipher: Cipher | None = None


def use(cipher: Cipher) -> None:
    """Hand in the cipher of this process."""
    _Slot.cipher = cipher


def cipher() -> Cipher:
    """Raises: NoCipher."""
    if _Slot.cipher is None:
        raise NoCipher("hand in a key ring first: security.crypto.install")
    return _Slot.cipher


class EncryptedText(TypeDecorator[str]):
    """Text that only this installation can read, bound to its place ("table.column"):
    a value copied to another column does not decrypt there."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else cipher().encrypt(value, place=self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else cipher().decrypt(bytes(value), place=self.place)


def blind_index(place: str, value: str) -> str:
    """What a normalised `value` is found by: equal values, equal index, 64 hex digits."""
    return cipher().blind_index(value, place=place)
