"""Joins the modules of each client into one file: one_file.py ROOT FOLDER.

The modules are written in a form that makes this simple. Imports are at the top. A name is defined
in one module only and is the same everywhere, so the modules can follow one another in one scope, in
the order of their imports. Imports of other packages move to the top of the file.
"""

import ast
import re
import shutil
import sys
from pathlib import Path

NOTE = "Made from the sources of the package weir-client {version}; change those instead of this."


def die(message):
    sys.exit(f"one_file.py: {message}")


def in_order(entry, local_imports):
    """The modules that `entry` needs, each after those that it imports, and `entry` last."""
    order, open_modules = [], []

    def visit(module):
        if module in order:
            return
        if module in open_modules:
            die(f"{module} imports itself, through {', '.join(map(str, open_modules))}.")
        open_modules.append(module)
        for other in local_imports(module):
            visit(other)
        open_modules.pop()
        order.append(module)

    visit(entry)
    return order


# JavaScript.

REQUIRE = re.compile(r"^const (\w+|\{[^}]*\}) = require\('([^']+)'\);\n", re.MULTILINE)
EXPORTS = re.compile(r"^module\.exports = \{([^}]*)\};\n", re.MULTILINE)
STRICT = "'use strict';\n"


def names_of(braces):
    """The names between braces, each as written: `a` or `a: b`."""
    return [name.strip() for name in braces.strip("{}").split(",") if name.strip()]


def javascript(folder, version):
    """The one file's texts by its kind, `mjs` and `cjs`."""
    sources = {}

    def local_imports(path):
        text = sources.setdefault(path, path.read_text(encoding="utf-8"))
        requires = REQUIRE.findall(text)
        for names, module in requires:
            if module.startswith(".") and ":" in names:
                die(f"{path} renames what it imports from {module}.")
        return [(path.parent / m).resolve() for _, m in requires if m.startswith(".")]

    entry = (folder / "index.cjs").resolve()
    parts, packages = [], {}
    for path in in_order(entry, local_imports):
        text = sources[path]
        for names, module in REQUIRE.findall(text):
            if not module.startswith("."):
                whole, some = packages.setdefault(module, (set(), set()))
                if names.startswith("{"):
                    some.update(names_of(names))
                else:
                    whole.add(names)
        exports = EXPORTS.findall(text)
        if len(exports) != 1 or text.count(STRICT) != 1:
            die(f"{path} has not one module.exports and one 'use strict'.")
        if path != entry:
            body = EXPORTS.sub("", REQUIRE.sub("", text)).replace(STRICT, "")
            parts.append(re.sub(r"\n{3,}", "\n\n", body).strip())
        else:
            exported = sorted(names_of(exports[0]), key=str.lower)

    head = f"// Weir's client for Node.js 18 and later, without dependencies.\n// {NOTE}\n"
    head = head.format(version=version)
    body = "\n\n".join(parts)
    imports, requires = [], []
    for module, (whole, some) in sorted(packages.items()):
        for name in sorted(whole):
            imports.append(f"import {name} from '{module}';")
            requires.append(f"const {name} = require('{module}');")
        if some:
            names = ", ".join(sorted(some))
            imports.append(f"import {{ {names.replace(':', ' as')} }} from '{module}';")
            requires.append(f"const {{ {names} }} = require('{module}');")
    exported = ", ".join(exported)
    return {
        "mjs": "\n".join([head, *imports, "", body, "", f"export {{ {exported} }};\n"]),
        "cjs": "\n".join(
            [head, STRICT, *requires, "", body, "", f"module.exports = {{ {exported} }};\n"]
        ),
    }


# Python.


def python(folder):
    """The one file's text."""
    trees = {}

    def local_imports(path):
        text = path.read_text(encoding="utf-8")
        trees[path] = (text, ast.parse(text))
        found = []
        for node in trees[path][1].body:
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                if any(alias.asname for alias in node.names):
                    die(f"{path} renames what it imports from {node.module}.")
                found.append(folder / f"{node.module}.py")
        return found

    entry = folder / "__init__.py"
    parts, imports, whole, doc, exported = [], {}, set(), "", ""
    for path in in_order(entry, local_imports):
        text, tree = trees[path]
        lines = text.split("\n")
        dropped = set()
        for node in tree.body:
            span = range(node.lineno - 1, node.end_lineno)
            is_doc = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_typing_block = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            if isinstance(node, ast.Import):
                whole.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found = imports.setdefault(node.module, set())
                found.update(a.name for a in node.names if a.name != "TYPE_CHECKING")
            elif not (isinstance(node, ast.ImportFrom) or is_doc or is_typing_block):
                continue
            dropped.update(span)
        kept = "\n".join(line for place, line in enumerate(lines) if place not in dropped).strip()
        title = ast.get_docstring(tree)
        if path == entry:
            doc, exported = title, kept
        else:
            parts.append(f"# {title.splitlines()[0]}\n\n\n{kept}" if kept else "")
    doc += "\n\n" + NOTE.format(version=version_of(folder))
    lines = [f"import {name}" for name in sorted(whole)]
    for module in sorted(imports):
        names = ",\n    ".join(sorted(imports[module]))
        lines.append(f"from {module} import (\n    {names},\n)")
    body = "\n\n\n".join(parts)
    return f'"""{doc}\n"""\n\n' + "\n".join(lines) + f"\n\n{body}\n\n\n{exported}\n"


def version_of(folder):
    text = (folder / "_version.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE).group(1)


def main():
    root, target = Path(sys.argv[1]), Path(sys.argv[2])
    clients = root / "Sources" / "Clients"
    package = clients / "python" / "src" / "weir_client"
    target.mkdir(parents=True, exist_ok=True)
    (target / "weir_client.py").write_text(python(package), encoding="utf-8")
    for kind, text in javascript(clients / "node", version_of(package)).items():
        (target / f"weir-client.{kind}").write_text(text, encoding="utf-8")
    types = clients / "node" / "index.d.cts"
    shutil.copyfile(types, target / "weir-client.d.cts")
    shutil.copyfile(types, target / "weir-client.d.mts")


if __name__ == "__main__":
    main()
