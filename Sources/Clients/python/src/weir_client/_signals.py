"""Signals that end a process."""

import os
import signal
import threading
from typing import Any, Dict, Iterable, Set, Union, cast

from ._ends import CLOSE_SECONDS, _clients

# The handlers of signals before this module set its own.
_handled: Dict[int, Any] = {}
_ENDING_SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGBREAK")


def _signal_numbers(signals: Union[bool, Iterable[Union[int, str]]]) -> Set[int]:
    if isinstance(signals, bool):
        return {signal.SIGTERM, signal.SIGINT} if signals else set()
    known = {name: getattr(signal, name) for name in _ENDING_SIGNALS if hasattr(signal, name)}
    if isinstance(signals, (str, int)):
        raise ValueError(f"signals is {signals!r}; it must be True, False or a list of signals.")
    numbers: Set[int] = set()
    for each in signals:
        number = known.get(each) if isinstance(each, str) else each
        if number not in known.values():
            raise ValueError(f"signals has {each!r}; the signals are {', '.join(known)}.")
        numbers.add(int(cast(int, number)))
    return numbers


def _handle_signals(numbers: Set[int]) -> None:
    for number in numbers:
        if number in _handled:
            continue
        before = signal.getsignal(number)
        # An ignored signal does not end the process, so it stays ignored.
        if before == signal.SIG_IGN:
            continue
        name = signal.Signals(number).name
        if before is None:
            raise ValueError(f"signals: {name} has a handler outside Python; leave it out.")
        try:
            signal.signal(number, _on_signal)
        except ValueError:
            raise ValueError(
                "signals: only the main thread may handle signals; make the client there."
            ) from None
        _handled[number] = before


def _on_signal(number: int, frame: Any) -> None:
    """Sends what was recorded, and then does what the signal did before."""
    before = _handled.get(number, signal.SIG_DFL)
    # The kernel does not apply the default action to the first process of a container.
    is_end = not callable(before) and os.getpid() != 1
    for client in list(_clients):
        if number not in client._signals:
            continue
        try:
            if is_end:
                client.close()
            else:
                # The application continues, and may record more before it ends.
                client._flush_within(CLOSE_SECONDS)
        except Exception as error:
            # No error may stop the signal.
            client._fail(error)
    if callable(before):
        before(number, frame)
    elif is_end:
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


def _release_signals() -> None:
    """Restores the handlers of signals that no client needs any more, if this thread may do so."""
    if not _handled or threading.current_thread() is not threading.main_thread():
        return
    wanted = set().union(*(c._signals for c in list(_clients) if not c._is_closed))
    for number in set(_handled) - wanted:
        # If the application has set a handler that calls this one, it stays.
        if signal.getsignal(number) is _on_signal:
            signal.signal(number, _handled.pop(number))
