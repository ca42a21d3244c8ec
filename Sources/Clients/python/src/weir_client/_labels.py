"""Checks of label names."""

import re
from typing import Sequence, Tuple


class LabelError(ValueError):
    """A label that the metric does not have, or a name that Prometheus does not allow."""


_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


def _check_label_name(name: object, of: str, is_histogram: bool = False) -> None:
    if not isinstance(name, str) or not _LABEL_NAME.match(name):
        raise LabelError(
            f"The label {name!r} of {of} is not valid; use ASCII letters, digits and _, "
            "and no digit first."
        )
    if name.startswith("__"):
        raise LabelError(f"The label {name!r} of {of} begins with __, which Prometheus reserves.")
    if is_histogram and name == "le":
        raise LabelError(f"The label 'le' of {of} is reserved for the buckets of a histogram.")


def _declared_names(of: str, labelnames: Sequence[str], is_histogram: bool) -> Tuple[str, ...]:
    if isinstance(labelnames, str):
        raise LabelError(f'The labelnames of {of} are one string; use ("{labelnames}",).')
    names = tuple(labelnames)
    for name in names:
        _check_label_name(name, of, is_histogram)
    if len(set(names)) < len(names):
        raise LabelError(f"The labelnames of {of} contain a label twice: {', '.join(names)}.")
    return names
