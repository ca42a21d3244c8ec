"""Sends frames as UDP datagrams."""

import select
import socket
import time
from typing import Callable, Iterator, Optional, Sequence

# How long a socket is used. A new one follows a host whose address has changed. It has another
# source port, because connection tracking may send datagrams of the old port to a host that is gone.
SOCKET_SECONDS = 60.0


class _UDP:
    def __init__(
        self, address: str, monotonic: Callable[[], float], report: Callable[[Exception], None]
    ) -> None:
        host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
        if not host or not port.isascii() or not port.isdigit():
            raise ValueError(
                f'The address {address!r} is not valid; use "host:8125" or "[::1]:8125".'
            )
        if not 1 <= int(port) <= 65_535:
            raise ValueError(f"The port of {address!r} must be from 1 to 65535.")
        self.destination = address
        # As bytes, because the look-up of a string may import a codec, which can fail in a signal's
        # handler.
        self._host, self._port = _host_bytes(host.strip("[]")), int(port)
        self._monotonic = monotonic
        self._report = report
        self._socket: Optional[socket.socket] = None
        self._until = 0.0

    def _connected(self) -> socket.socket:
        """The socket, which is replaced each minute."""
        now = self._monotonic()
        if self._socket is not None and now < self._until:
            return self._socket
        try:
            made = self._opened()
        except OSError as error:
            # If the look-up fails, the old address may still be right.
            if self._socket is None:
                raise
            self._report(error)
            made = self._socket
        before, self._socket = self._socket, made
        self._until = now + SOCKET_SECONDS
        if before is not None and before is not made:
            # The new socket has its port by now, so it is a different one.
            before.close()
        return made

    def _opened(self) -> socket.socket:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)
        family, kind, protocol, _, address = found[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.connect(address)
            made.setblocking(False)
        except OSError:
            made.close()
            raise
        return made

    def send(self, frames: Sequence[bytes]) -> bool:
        """Sends each; `answers` returns the answers.

        Raises OSError. If the error is of an earlier datagram, these have been sent.
        """
        refused = None
        for frame in frames:
            made = self._connected()
            try:
                made.send(frame)
            except ConnectionRefusedError as error:
                # The error is of an earlier datagram, and this one has not been sent.
                refused = error
                made.send(frame)
        if refused is not None:
            raise refused
        return False

    def answers(self, seconds: float) -> Iterator[bytes]:
        """The datagrams that come back within this many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                return
            made = self._socket or self._connected()
            if not select.select([made], [], [], left)[0]:
                return
            try:
                yield made.recv(256)
            except ConnectionRefusedError:
                # There is no server yet, so this waits as for one that does not answer.
                time.sleep(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _host_bytes(host: str) -> bytes:
    try:
        return host.encode("ascii" if host.isascii() else "idna")
    except UnicodeError:
        raise ValueError(f"The host {host!r} is not a valid name.") from None
