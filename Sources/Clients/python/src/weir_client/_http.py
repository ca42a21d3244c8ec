"""Sends frames in the bodies of HTTP requests."""

import base64
import http.client
import ssl
import time
import urllib.parse
from typing import Iterator, Optional, Sequence

from ._wire import _varint

# The server accepts 1 MiB. The rest is more than the longest frame.
BODY_BYTES = 900_000


class _HTTP:
    def __init__(self, url: str, context: Optional[ssl.SSLContext], timeout: float) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'The URL {url!r} is not valid; use "https://host/api/v1/push".')
        try:
            self._host, self._port = parts.hostname, parts.port
        except ValueError:
            self._port = 0
        if self._port == 0:
            raise ValueError(f"The port of {url!r} must be from 1 to 65535.")
        path = parts.path if parts.path not in ("", "/") else "/api/v1/push"
        self._target = path + (f"?{parts.query}" if parts.query else "")
        self.destination = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{self._target}"
        self._headers = {"Content-Type": "application/vnd.weir.push"}
        if parts.username is not None:
            user, password = map(urllib.parse.unquote, (parts.username, parts.password or ""))
            credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {credentials}"
        self._timeout = timeout
        self._context = None
        if parts.scheme == "https":
            self._context = context or ssl.create_default_context()
        elif context is not None:
            raise ValueError(f"ca_file and ssl_context need TLS; use https in {url!r}.")
        self._connection: Optional[http.client.HTTPConnection] = None

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends all frames. Returns True, because they have then arrived."""
        body = bytearray()
        for frame in frames:
            if body and len(body) + len(frame) > BODY_BYTES:
                self._post(bytes(body))
                body.clear()
            body += _varint(len(frame)) + frame
        self._post(bytes(body))
        return True

    def _post(self, body: bytes) -> None:
        was_open = self._connection is not None
        try:
            self._exchange(body)
        except (ConnectionError, http.client.BadStatusLine, ssl.SSLEOFError):
            # A server may close an idle connection. Sending twice does no harm.
            self.close()
            if not was_open:
                raise
            self._exchange(body)
        except BaseException:
            self.close()
            raise

    def _exchange(self, body: bytes) -> None:
        if self._connection is None:
            if self._context is None:
                made = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
            else:
                made = http.client.HTTPSConnection(
                    self._host, self._port, timeout=self._timeout, context=self._context
                )
            self._connection = made
        self._connection.request("POST", self._target, body, self._headers)
        answer = self._connection.getresponse()
        # A sentence is expected.
        sentence = answer.read(1_000).decode("utf-8", "replace").strip()
        if answer.status != 204:
            raise http.client.HTTPException(f"{answer.status}: {sentence}")

    def answers(self, seconds: float) -> Iterator[bytes]:
        time.sleep(max(0.0, seconds))
        return iter(())

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
