"""The choice between UDP and HTTP."""

import ssl
from typing import Callable, Optional, Union

from ._http import _HTTP
from ._udp import _UDP

_Transport = Union[_UDP, _HTTP]


def _transport(
    address: Optional[str],
    url: Optional[str],
    ca_file: Optional[str],
    context: Optional[ssl.SSLContext],
    timeout: float,
    monotonic: Callable[[], float],
    report: Callable[[Exception], None],
) -> _Transport:
    """What sends frames to the address or the URL. Raises ValueError if these are not valid.

    Sending raises OSError or HTTPException.
    """
    if url is None:
        if ca_file is not None or context is not None:
            raise ValueError("ca_file and ssl_context need a url; UDP has no TLS.")
        return _UDP("127.0.0.1:8125" if address is None else address, monotonic, report)
    if address is not None:
        raise ValueError(f"Give the address {address!r} or the url {url!r}, and not both.")
    if ca_file is not None:
        if context is not None:
            raise ValueError("Give ca_file or ssl_context, and not both.")
        context = ssl.create_default_context(cafile=ca_file)
    return _HTTP(url, context, timeout)
