"""A metric: a name, its definition, and its series by their labels."""

from typing import TYPE_CHECKING, Any, Dict, Generic, Optional, Tuple, TypeVar, cast

from ._labels import LabelError, _check_label_name
from ._series import _Series
from ._wire import Labels, _texts

if TYPE_CHECKING:
    pass

_Key = Tuple[Tuple[str, str], ...]

S = TypeVar("S", bound="_Metric[Any]")


class _Metric(_Series, Generic[S]):
    """The series without labels, which also holds those with labels."""

    __slots__ = (
        "_children",
        "_defined",
        "_help",
        "_key",
        "_labelnames",
        "_meta_due",
        "_name",
        "_no_room",
        "_removed",
        "_root",
    )
    _key: _Key
    _is_histogram = False

    def _describe(self, name: str, help: str, labelnames: Tuple[str, ...]) -> None:
        self._root: "_Metric[S]" = self
        self._name = name
        self._help = help
        self._labelnames = labelnames
        # The options that another definition of the name must agree with.
        self._defined: Dict[str, object] = {}
        self._meta_due = 1
        self._children: Dict[_Key, S] = {}
        # Those that were removed: a total continues where it was if its labels are used again.
        self._removed: Dict[_Key, S] = {}
        self._no_room: Optional[S] = None

    def labels(self, *values: object, **labels: object) -> S:
        """The series with these labels, the same one at each call. Keep it if it is used often.

        By name, `labels(status="ok")`, or in the order of the `labelnames`, `labels("ok")`.
        Raises LabelError for names that are not valid. If the client has no room for another series
        (`series_max`), returns one whose values are lost; the client counts such calls.
        """
        root = self._root
        try:
            # On a series that has labels, these replace them.
            key = root._labels_key(values, labels)
            child = root._children.get(key)
            return child if child is not None else root._client._child(root, key)
        except LabelError:
            raise
        except Exception:
            return root._client._without_room(root)

    def remove(self, *values: object, **labels: object) -> None:
        """Removes the series with these labels, which are given as to `labels`.

        A gauge leaves the server. A total never decreases: the server keeps it, the client stops
        repeating it, and it continues where it was if the labels are used again.
        """
        root = self._root
        root._client._remove(root, root._labels_key(values, labels))

    def clear(self) -> None:
        """Removes all series of the metric that have labels."""
        root = self._root
        if root is self:
            for key in list(root._children):
                root._client._remove(root, key)

    def _labels_key(self, values: Tuple[object, ...], labels: Labels) -> _Key:
        if values:
            names = self._labelnames
            if not names:
                raise LabelError(
                    f"{self._name} was defined without labelnames; use labels(name=value)."
                )
            if labels or len(values) != len(names):
                raise LabelError(f"{self._name} needs a value for each of {', '.join(names)}.")
            return tuple(sorted(zip(names, map(str, values))))
        return tuple(sorted((name, str(value)) for name, value in labels.items()))

    def _normal_key(self, key: _Key) -> _Key:
        """The labels that identify a series: without empty ones and common labels of the client."""
        names = tuple(name for name, _ in key)
        if self._labelnames:
            if names != tuple(sorted(self._labelnames)):
                raise LabelError(
                    f"{self._name} needs a value for each of {', '.join(self._labelnames)}."
                )
        else:
            for name in names:
                _check_label_name(name, self._name, self._is_histogram)
        common = self._client._common_labels
        encodable = ((name, value.encode("utf-8", "replace").decode()) for name, value in key)
        return tuple(label for label in encodable if label[1] != common.get(label[0], ""))

    def _new(self, key: _Key, is_due: bool) -> S:
        child = cast(S, type(self).__new__(type(self)))
        child._root = self
        child._key = key
        child._begin(self._client, (self._texts[0], *_texts(key)), is_due)
        child._copy(self)
        child._reset()
        return child

    def _define(self, given: Dict[str, object]) -> None:
        """Keeps the options of the definition, with defaults for those that were left out."""
        self._defined.update({"labelnames": (), "unit": "", **given})

    def _copy(self, root: Any) -> None:
        """Copies what is the same for all series of the metric."""

    def _take_away(self) -> None:
        """What a removal does to the value. A total is kept."""

    def _revive(self) -> None:
        """Undoes a removal."""
        self._is_removed = False
        self._changed = True
