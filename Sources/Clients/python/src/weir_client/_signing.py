"""The key that frames are signed with."""

import hashlib
import hmac
from typing import Tuple

# The length of a signature.
_TAG_BYTES = 16


class _SigningKey:
    """Signs frames, and checks the signatures of answers."""

    def __init__(self, key: Tuple[str, bytes]) -> None:
        try:
            name, secret = key
            self.name, self._secret = name.encode(), bytes(memoryview(secret))
        except (AttributeError, TypeError, ValueError):
            raise ValueError(
                'The key must be a pair such as ("gateway-2026", b"the secret").'
            ) from None
        if not 1 <= len(self.name) <= 32:
            raise ValueError(f"The id of the key, {name!r}, must have 1 to 32 bytes.")
        if not self._secret:
            raise ValueError(f"The secret of the key {name!r} is empty.")

    def tag(self, data: bytes) -> bytes:
        return hmac.new(self._secret, data, hashlib.sha256).digest()[:_TAG_BYTES]
