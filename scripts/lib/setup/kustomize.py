"""What Kustomize makes of a folder, as far as docs/deploy/kubernetes uses it.

Resources, components, a namespace, strategic merge patches that add containers, and patches that append to lists.
Where there is a kubectl, the check compares its result with this one.
"""

import copy

from setup.checks import documents

# Keys of a kustomization that are understood here.
KEYS = {"apiVersion", "kind", "namespace", "resources", "components", "patches"}


def files_of(folder):
    """Every file that a kustomization names, its own among them, over all folders that it leads to."""
    kustomization = folder / "kustomization.yaml"
    yield kustomization
    content = documents(kustomization)[0]
    names = content.get("resources", []) + content.get("components", [])
    names += [patch["path"] for patch in content.get("patches", [])]
    for path in [folder / name for name in names]:
        if path.is_dir():
            yield from files_of(path.resolve())
        else:
            yield path.resolve()


def build(folder, objects=()):
    """The objects of a folder, or of a component, which may change `objects` and adds its own."""
    content = documents(folder / "kustomization.yaml")[0]
    if unknown := content.keys() - KEYS:
        raise ValueError(f"{folder.name}/kustomization.yaml has the key {min(unknown)}.")
    objects = copy.deepcopy([*objects])
    for name in content.get("resources", []):
        path = folder / name
        objects += build(path) if path.is_dir() else documents(path)
    for name in content.get("components", []):
        objects = build(folder / name, objects)
    for patch in content.get("patches", []):
        for change in documents(folder / patch["path"]):
            if "target" in patch:
                wanted = patch["target"]["kind"], patch["target"]["name"]
                append(named(wanted, objects), change)
            else:
                merge(named(identity(change), objects), change)
    for each in objects:
        if "namespace" in content:
            each["metadata"]["namespace"] = content["namespace"]
    return objects


def identity(each):
    return each["kind"], each["metadata"]["name"]


def named(wanted, objects):
    for each in objects:
        if identity(each) == wanted:
            return each
    raise ValueError(f"a patch is for {wanted}, which does not exist.")


def append(target, operations):
    """A JSON patch that only appends to lists."""
    for each in operations:
        *keys, last = each["path"].strip("/").split("/")
        if each["op"] != "add" or last != "-":
            raise ValueError(f"a patch has the operation {each['op']} {each['path']}.")
        place = target
        for key in keys:
            place = place[int(key) if isinstance(place, list) else key]
        place.append(each["value"])


def merge(target, change):
    """A strategic merge: lists of containers by name, other lists as a whole."""
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merge(target[key], value)
        elif key in ("containers", "initContainers") and key in target:
            for container in value:
                same = [each for each in target[key] if each["name"] == container["name"]]
                if same:
                    merge(same[0], container)
                else:
                    target[key].append(container)
        else:
            target[key] = value
