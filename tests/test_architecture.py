"""The house rules that a machine can hold: one-way arrows, one owner per library, a light start."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module may import modules of lower layers, and of its own layer within its own package.
LAYERS = (
    ("tracker.version", "tracker.errors", "tracker.models", "tracker.records",
     "tracker.calendar", "tracker.files", "tracker.settings", "tracker.config", "tracker.resources",
     "tracker.schedules", "tracker.sample", "tracker.language"),
    ("summarizer",),
    ("tracker.identity",),
    ("tracker.sources", "tracker.store"),
    ("tracker.search",),
    ("tracker.topics",),
    ("tracker.digest",),
    ("tracker.delivery",),
    ("tracker.pipeline",),
    ("tracker.library", "tracker.service", "tracker.web"),
    ("tracker.cli", "tracker"),
    ("tracker.__main__",),
)  # fmt: skip
# The words of layer 0 build on each other; these few stand above the rest of it.
WORDS = {
    "tracker.models": set(),
    "tracker.records": {"tracker.models"},
    "tracker.calendar": {"tracker.errors"},
    "tracker.files": {"tracker.errors"},
    "tracker.config": {"tracker.errors", "tracker.files", "tracker.settings"},
    "tracker.resources": {"tracker.errors"},
    "tracker.schedules": {"tracker.errors", "tracker.calendar", "tracker.files"},
    "tracker.language": {"tracker.errors", "tracker.resources"},
}

# Each heavy library is known to one module only, so that it can be replaced there.
OWNERS = {
    "apscheduler": "tracker.service",
    "arxiv": "tracker.sources.arxiv_feed",
    "babel": "tracker.language",
    "css_inline": "tracker.digest.render",
    "faiss": "tracker.search.index",
    "httpx2": "tracker.sources.http",
    "smtplib": "tracker.delivery.smtp",
    "matplotlib": "tracker.delivery.charts",
    "scipy": "tracker.topics.statistics",
    "openvino": "tracker.search.encoder",
    "jinja2": "tracker.digest.render",
    "lxml": "tracker.sources.xml",
    "pyarrow": "tracker.sources.parquet",
    "sentence_transformers": "tracker.search.export",
    "sqlite_utils": "tracker.store.schema",
    "starlette": "tracker.web.site",
    "uvicorn": "tracker.web.server",
    "requests": "summarizer.wire",
    "transformers": "summarizer.local",
    "xgrammar": "summarizer.local",
    "feedparser": "tracker.sources.feed_entries",
    "yaml": "tracker.sources.deadlines",
}
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "misc"}

FILES = sorted((*ROOT.glob("tracker/**/*.py"), *ROOT.glob("summarizer/**/*.py")))


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: absolute imports only"
            module = node.module or ""
            inner = [f"{module}.{alias.name}" for alias in node.names]
            yield from (name if name in MODULES else module for name in inner)


def layer_of(module: str) -> int:
    fits = [
        (len(room), height)
        for height, rooms in enumerate(LAYERS)
        for room in rooms
        if module == room or module.startswith(f"{room}.")
    ]
    return max(fits)[1]


def room_of(module: str) -> str:
    return "summarizer" if module.startswith("summarizer") else ".".join(module.split(".")[:2])


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_from_rooms_below(module: str) -> None:
    for other in set(imported(MODULES[module])) & set(MODULES) - {module}:
        below = layer_of(other) < layer_of(module)
        own_room = room_of(other) == room_of(module)
        assert below or own_room or other in WORDS.get(module, ()), f"{module} -> {other}"


def test_the_summarizer_knows_nothing_of_the_tracker() -> None:
    for module, file in MODULES.items():
        if module.startswith("summarizer"):
            assert not any(name.startswith("tracker") for name in imported(file)), module


def test_no_module_is_in_an_import_cycle() -> None:
    graph = {m: set(imported(f)) & set(MODULES) - {m} for m, f in MODULES.items()}
    while free := [module for module, needs in graph.items() if not needs & set(graph)]:
        for module in free:
            del graph[module]
    assert not graph, f"in a cycle: {sorted(graph)}"


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_heavy_library_has_one_owner(library: str) -> None:
    users = {m for m, f in MODULES.items() if any(i.split(".")[0] == library for i in imported(f))}
    assert users <= {OWNERS[library]}


def test_no_module_is_a_drawer() -> None:
    assert not {module for module in MODULES if module.split(".")[-1] in FORBIDDEN_NAMES}


def test_sql_is_written_in_the_store_only() -> None:
    for module, file in MODULES.items():
        if not module.startswith("tracker.store"):
            text = file.read_text(encoding="utf-8")
            assert "SELECT " not in text, module
            assert "INSERT INTO" not in text, module


def test_every_module_says_what_it_is_for() -> None:
    for module, file in MODULES.items():
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), module


HEAVY = ("torch", "transformers", "sentence_transformers", "matplotlib", "sklearn", "sqlite_utils",
         "faiss", "openvino", "jinja2", "pyarrow", "rich", "numpy", "scipy", "starlette",
         "uvicorn")  # fmt: skip


def test_help_starts_without_any_heavy_library() -> None:
    code = (
        "import sys; from tracker.cli.main import cli\n"
        "try: cli(['--help'])\n"
        f"finally: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "search" in done.stdout
    assert done.stderr.strip() == "[]"
