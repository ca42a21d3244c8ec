"""Objects with one mistake each, to see whether a check notices it."""

import copy

# A mistake that takes something away.
MISSING = object()


def with_mistake(document, path, value):
    """A copy with another value at a path such as `ports.0.name`. `+` as the last key appends to a list."""
    changed = copy.deepcopy(document)
    *keys, last = path.split(".")
    place = changed
    for key in keys:
        place = place[int(key) if key.isdigit() else key]
    if last == "+":
        place.append(value)
    elif value is MISSING:
        place.pop(last, None)
    else:
        place[int(last) if last.isdigit() else last] = value
    return changed
