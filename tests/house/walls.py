"""The walls that import-linter cannot hold, read from the syntax tree. One function per wall: it yields violations.

A name that travels through a re-export is followed to where it was defined, so `from directory.primitives.kdf import
HKDF` counts as an import of `cryptography`. Rules are closed: a room or a package in no list is a violation.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HOUSES = ("confrere", "directory", "messaging", "record_bridge")

PURE = (
    *("directory.identity", "directory.extraction", "directory.accounts", "directory.primitives"),
    *("directory.transparency", "directory.errors", "directory.ports"),
    *("messaging.wire", "messaging.mailbox", "messaging.protocol", "messaging.referral"),
    *("messaging.errors", "messaging.ports", "messaging.gateway.ports", "messaging.gateway.mail"),
    *("messaging.gateway.entry", "messaging.gateway.configuration"),
    *("record_bridge.record", "record_bridge.consent", "record_bridge.filing", "record_bridge.cda"),
    *("record_bridge.fhir", "record_bridge.errors"),
)
VERBS = ("directory.use_cases", "messaging.use_cases")
EDGES = (
    *("directory.store", "directory.http"),
    *("messaging.store", "messaging.http", "messaging.client", "messaging.notices"),
    *("messaging.profile", "messaging.rendering"),
    *("messaging.gateway.imap", "messaging.gateway.pop3", "messaging.gateway.smtp", "messaging.gateway.mailstore"),
    *("messaging.gateway.access", "messaging.gateway.certificates", "messaging.gateway.serving"),
    *("messaging.gateway.database", "messaging.gateway.setup", "messaging.gateway.examination"),
    *("record_bridge.pdf", "record_bridge.store", "record_bridge.client", "record_bridge.bridge"),
    "record_bridge.rendering",
)
DOOR = (
    *("confrere.commands", "confrere.compose", "confrere.database", "confrere.story", "confrere.words"),
    *("confrere.__main__", "confrere.errors", "confrere.output", "confrere.settings"),
)
WINGS = ("messaging.gateway",)  # with rooms of their own
SHARED_HALF = ("messaging.wire", "messaging.errors", "messaging.ports")
SERVICE_HALF = ("messaging.mailbox", "messaging.use_cases", "messaging.store", "messaging.http", "messaging.notices")
ENDPOINT_HALF = (
    *("messaging.protocol", "messaging.referral", "messaging.profile", "messaging.client", "messaging.rendering"),
    "messaging.gateway",
)

_HTTP = (
    *("directory.http", "messaging.http", "messaging.client", "confrere.compose"),
    *("messaging.gateway.serving", "messaging.gateway.setup", "messaging.gateway.examination"),
)
_SQL = (
    *("directory.store", "messaging.store", "messaging.profile", "confrere.database", "confrere.compose"),
    *("record_bridge.store", "messaging.gateway.mailstore", "messaging.gateway.access"),
    "messaging.gateway.database",
)
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "aiohttp": _HTTP,
    "aiosmtpd": ("confrere.story", "messaging.gateway.smtp"),
    "aiosmtplib": ("messaging.notices",),
    "aiosqlite": _SQL,
    "alembic": ("confrere.database",),
    "cryptography": ("directory.primitives", "messaging.gateway.certificates"),
    "fluent": ("confrere.words",),
    "fontTools": ("record_bridge.pdf",),
    "fpdf": ("record_bridge.pdf",),
    "jinja2": ("messaging.notices", "messaging.rendering", "record_bridge.rendering"),
    "lxml": (
        *("messaging.referral.clinical_xml", "messaging.referral.laboratory", "messaging.gateway.mail"),
        "record_bridge.cda",
    ),
    "multidict": _HTTP,
    "nacl": ("directory.primitives",),
    "pikepdf": ("record_bridge.pdf",),
    "segno": ("messaging.rendering", "record_bridge.rendering"),
    "sqlalchemy": _SQL,
    "uvloop": ("confrere.compose", "confrere.commands"),
    "yarl": _HTTP,
}

# Shapes may name a package's types where the import is for the type checker only and nothing is linked.
TYPES_ONLY: Mapping[str, tuple[str, ...]] = {
    "sqlalchemy": (
        *("directory.ports", "messaging.ports", "messaging.client", "messaging.gateway.serving"),
        *("record_bridge.client", *VERBS),
    )
}

IMPURE_MODULES = frozenset(
    {
        "aiohttp",
        "aiosqlite",
        "alembic",
        "asyncio",
        "concurrent",
        "glob",
        "http",
        "io",
        "logging",
        "multiprocessing",
        "os",
        "queue",
        "random",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
    }
)
CLOCK_AND_ENTROPY = frozenset(
    {
        "now",
        "utcnow",
        "today",
        "time_ns",
        "monotonic",
        "perf_counter",
        "urandom",
        "getrandom",
        "uuid1",
        "uuid4",
        "token_bytes",
        "token_hex",
        "randbytes",
        "randombytes",
        "randombytes_buf",
    }
)
DYNAMIC_CALLS = frozenset({"__import__", "import_module", "exec", "eval", "run_module", "run_path"})
DYNAMIC_ALLOWED = ("confrere.commands.frame",)
EMPTY_NAMES = frozenset({"utils", "helpers", "common", "base", "core", "manager", "processor"})
LONGEST = 450
LONGER: Mapping[str, int] = {}  # module -> its lines, with the reason beside it


@dataclass(frozen=True, slots=True)
class Module:
    """One file of a house, parsed."""

    name: str
    path: Path
    text: str
    tree: ast.Module
    bindings: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name -> (module, name or "")

    def within(self, rooms: tuple[str, ...]) -> bool:
        return _within(self.name, rooms)

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


Tree = Mapping[str, Module]


def read(root: Path) -> Tree:
    """Every module of the houses under `root`, by name."""
    found = {}
    for house in HOUSES:
        for path in sorted((root / house).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            text = path.read_text(encoding="utf-8")
            module = Module(name, path, text, ast.parse(text, str(path)))
            module.bindings.update({local: target for local, target, _ in _bound(module)})
            found[name] = module
    return found


def _within(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def _source(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parent = module.package.split(".")
    return ".".join([*parent[: len(parent) - node.level + 1], *([node.module] if node.module else [])])


def _bound(module: Module) -> Iterator[tuple[str, tuple[str, str], int]]:
    """Each imported name: how it is called here, where it comes from, the line."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                target = alias.name if alias.asname else alias.name.partition(".")[0]
                yield alias.asname or target, (target if alias.asname else alias.name, ""), node.lineno
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name, (_source(module, node), alias.name), node.lineno


def _origin(tree: Tree, target: tuple[str, str]) -> str:
    """Where an imported name was defined, through any number of re-exports, as a dotted path."""
    seen: set[tuple[str, str]] = set()
    while target not in seen:
        seen.add(target)
        source, name = target
        dotted = f"{source}.{name}" if name else source
        if not name or dotted in tree or source not in tree or name not in tree[source].bindings:
            return dotted
        target = tree[source].bindings[name]
    return source


def imports(tree: Tree, module: Module) -> Iterator[tuple[str, int]]:
    """What `module` imports, as dotted paths of where it was defined, with the line; attributes included."""
    for _, target, line in _bound(module):
        if target[1] == "*" and target[0] in tree:
            for inner in tree[target[0]].bindings.values():
                yield _origin(tree, inner), line
        yield _origin(tree, target), line
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute):
            continue
        dotted = _dotted(node.value, module)
        if dotted in tree and node.attr in tree[dotted].bindings:
            yield _origin(tree, (dotted, node.attr)), node.lineno


def _types_only(module: Module, target: str, line: int) -> bool:
    """Whether this import is one that TYPES_ONLY grants, inside `if TYPE_CHECKING:`."""
    if not module.within(TYPES_ONLY.get(target.partition(".")[0], ())):
        return False
    return any(
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
        and any(statement.lineno == line for statement in node.body)
        for node in module.tree.body
    )


def _dotted(node: ast.expr, module: Module) -> str:
    """`signature` or `directory.primitives.signature` in an expression, as the module that it names."""
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value, module)
        return f"{before}.{node.attr}" if before else ""
    if isinstance(node, ast.Name) and node.id in module.bindings:
        source, name = module.bindings[node.id]
        return node.id if not name and source.startswith(f"{node.id}.") else f"{source}.{name}".rstrip(".")
    return ""


# --- the walls ---


def packages_in_their_rooms(tree: Tree) -> Iterator[str]:
    """nacl and cryptography only in primitives, sqlalchemy only in stores, ... and no package without a room."""
    for module in tree.values():
        for target, line in imports(tree, module):
            package = target.partition(".")[0]
            if package in HOUSES or package in sys.stdlib_module_names or _types_only(module, target, line):
                continue
            if package not in PACKAGES:
                yield f"{module.name}:{line} {package} has no room"
            elif not module.within(PACKAGES[package]):
                yield f"{module.name}:{line} {package} outside {', '.join(PACKAGES[package])}"


def web_only_at_the_door(tree: Tree) -> Iterator[str]:
    """aiohttp.web only in http/, compose and the gateway's page: a client never links a server."""
    allowed = ("directory.http", "messaging.http", "messaging.gateway.setup", "confrere.compose")
    for module in tree.values():
        if module.within(allowed):
            continue
        for target, line in imports(tree, module):
            if _within(target, ("aiohttp.web",)):
                yield f"{module.name}:{line} aiohttp.web"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr == "web" and _dotted(node.value, module) == "aiohttp":
                yield f"{module.name}:{node.lineno} aiohttp.web"


def no_dynamic_import(tree: Tree) -> Iterator[str]:
    """What imports by a string is invisible to every other wall."""
    for module in tree.values():
        if module.within(DYNAMIC_ALLOWED):
            continue
        for target, line in imports(tree, module):
            if _within(target, ("importlib", "runpy", "imp")) and not _within(
                target, ("importlib.resources", "importlib.metadata")
            ):
                yield f"{module.name}:{line} {target}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in DYNAMIC_CALLS:
                yield f"{module.name}:{node.lineno} {node.id}"


def empty_inits(tree: Tree) -> Iterator[str]:
    """An import of a room runs its __init__, which no import graph shows."""
    for module in tree.values():
        if module.path.name == "__init__.py" and module.text.strip():
            yield f"{module.name}: __init__.py is not empty"


def every_room_in_a_list(tree: Tree) -> Iterator[str]:
    """A new room is given its floor, and in messaging its half, before it is used; no folder without __init__."""
    rooms = (*PURE, *VERBS, *EDGES, *DOOR)
    halves = (SHARED_HALF, SERVICE_HALF, ENDPOINT_HALF)
    for module in tree.values():
        parts = module.name.split(".")
        wing = len(parts) == 2 and module.name in WINGS
        in_wing = len(parts) == 3 and ".".join(parts[:2]) in WINGS
        if (len(parts) == 2 or in_wing) and not wing and module.name not in rooms:
            yield f"{module.name}: on no floor"
        if len(parts) == 2 and parts[0] == "messaging" and sum(module.name in half for half in halves) != 1:
            yield f"{module.name}: not in exactly one half"
        if module.package not in tree:
            yield f"{module.name}: its folder has no __init__.py"


def pure_rooms_are_pure(tree: Tree) -> Iterator[str]:
    """No asyncio, socket, database, clock, entropy or logging: `now` and entropy are parameters."""
    for module in tree.values():
        if not module.within(PURE):
            continue
        for target, line in imports(tree, module):
            if _types_only(module, target, line):
                continue
            if _within(target, tuple(IMPURE_MODULES)) or target.rpartition(".")[2] in CLOCK_AND_ENTROPY:
                yield f"{module.name}:{line} {target}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in CLOCK_AND_ENTROPY:
                yield f"{module.name}:{node.lineno} .{node.attr}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("open", "print"):
                yield f"{module.name}:{node.lineno} {node.func.id}()"


def no_assert(tree: Tree) -> Iterator[str]:
    """`python -O` removes it: no security, and no invariant, by assert."""
    for module in tree.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Assert):
                yield f"{module.name}:{node.lineno} assert"


def short_files(tree: Tree) -> Iterator[str]:
    """One thing per file."""
    for module in tree.values():
        lines = module.text.count("\n")
        if lines > LONGER.get(module.name, LONGEST):
            yield f"{module.name}: {lines} lines"


def names_say_something(tree: Tree) -> Iterator[str]:
    """No utils, helpers, common, base, core, manager, processor."""
    for module in tree.values():
        if module.name.rpartition(".")[2] in EMPTY_NAMES:
            yield f"{module.name}: an empty name"


def modules_say_what_they_are(tree: Tree) -> Iterator[str]:
    """A module's first line says what it is."""
    for module in tree.values():
        if module.path.name != "__init__.py" and not ast.get_docstring(module.tree):
            yield f"{module.name}: no docstring"


WALLS = (
    *(packages_in_their_rooms, web_only_at_the_door, no_dynamic_import, empty_inits, every_room_in_a_list),
    *(pure_rooms_are_pure, no_assert, short_files, names_say_something, modules_say_what_they_are),
)
