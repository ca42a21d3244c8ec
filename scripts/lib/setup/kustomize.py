"""What Kustomize makes of a folder, as far as docs/deploy/kubernetes uses it.

Resources, components, a namespace, and strategic merge patches that add containers. Where there is a kubectl,
the check compares its result with this one.
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


def build(folder):
    """The objects of a folder."""
    content = documents(folder / "kustomization.yaml")[0]
    if unknown := content.keys() - KEYS:
        raise ValueError(f"{folder.name}/kustomization.yaml has the key {min(unknown)}.")
    objects = []
    for name in content.get("resources", []) + content.get("components", []):
        path = folder / name
        objects += build(path) if path.is_dir() else documents(path)
    for patch in content.get("patches", []):
        for change in documents(folder / patch["path"]):
            merge(target_of(change, objects), change)
    objects = copy.deepcopy(objects)
    for each in objects:
        if "namespace" in content:
            each["metadata"]["namespace"] = content["namespace"]
    return objects


def identity(each):
    return each["kind"], each["metadata"]["name"]


def target_of(change, objects):
    for each in objects:
        if identity(each) == identity(change):
            return each
    raise ValueError(f"a patch is for {identity(change)}, which does not exist.")


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
