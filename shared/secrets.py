"""What must never be printed, and how it is kept at rest. Who may read it is decided elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Secret:
    """A text that masks itself in reprs, logs and errors; `reveal()` is the one way in."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(•••)"

    __str__ = __repr__


class Unreadable(Exception):
    """No key in FULFILL_ENCRYPTION_KEYS opens this value; put the key it was written with back."""


class Vault:
    """Encrypts what is kept at rest. The first key writes, every key reads: keys can be rotated."""

    def __init__(self, keys: Sequence[Secret]) -> None:
        """Fernet keys: 32 bytes, URL-safe base64. Raises ValueError for any other text."""
        self._fernet = MultiFernet([Fernet(key.reveal()) for key in keys])

    def seal(self, secret: Secret) -> bytes:
        return self._fernet.encrypt(secret.reveal().encode())

    def open(self, sealed: bytes) -> Secret:
        """Raises Unreadable when no key fits."""
        try:
            return Secret(self._fernet.decrypt(sealed).decode())
        except InvalidToken:
            raise Unreadable(Unreadable.__doc__) from None

    def rotate(self, sealed: bytes) -> bytes:
        """The same secret under the first key. Raises Unreadable when no key fits."""
        return self.seal(self.open(sealed))


def new_key() -> Secret:
    """A fresh key for FULFILL_ENCRYPTION_KEYS."""
    return Secret(Fernet.generate_key().decode())
