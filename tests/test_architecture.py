"""Rules of the structure: one-way imports, one owner per library, a light start."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A module may import modules of lower layers, and of its own package within its own layer.
# Longer prefixes win: a sub-package may sit in another layer than its parent.
LAYERS = (
    ("tracker.version", "tracker.errors", "tracker.models", "tracker.records", "tracker.calendar",
     "tracker.settings", "tracker.config", "tracker.resources",
     "tracker.sample", "tracker.language", "tracker.locking",
     "tracker.files", "tracker.extras", "tracker.paper.paper_facts", "tracker.paper.person_names",
     "tracker.paper.paper_links", "tracker.paper.paper_outline", "tracker.paper.title_kind",
     "tracker.paper.withdrawal", "tracker.paper.withdrawal_wordings"),
    ("summarizer.exceptions", "summarizer.summary", "summarizer.redaction"),
    ("summarizer.text",),
    ("summarizer.grounding.numbers_and_names", "summarizer.grounding.contradiction",
     "summarizer.grounding.injection.prompt_injection", "summarizer.grounding.injection.disguises"),
    ("summarizer.extractive",),
    ("summarizer.grounding",),
    ("summarizer.llm",),
    ("summarizer",),
    ("tracker.sources.http", "tracker.sources.formats"),
    ("tracker.sources", "tracker.store"),
    ("tracker.scheduling",),
    ("tracker.search.encoder",),
    ("tracker.search.query", "tracker.search.index"),
    ("tracker.search",),
    ("tracker.topics",),
    ("tracker.learning",),
    ("tracker.digest",),
    ("tracker.digest.render",),
    ("tracker.delivery",),
    ("tracker.delivery.mail",),
    ("tracker.pipeline",),
    ("tracker.pipeline.summarize",),
    ("tracker.pipeline.ingest", "tracker.pipeline.retrieval"),
    ("tracker.pipeline.learning",),
    ("tracker.pipeline.bulk",),
    ("tracker.pipeline.issue",),
    ("tracker.pipeline.mailing",),
    ("tracker.pipeline.admin",),
    ("tracker.library", "tracker.web", "tracker.mcp_server"),
    ("tracker.cli.output.progress", "tracker.cli.help", "tracker.cli.interrupt",
     "tracker.cli.logs", "tracker.cli.streams"),
    ("tracker.cli.session",),
    ("tracker.cli.output",),
    ("tracker.cli.commands",),
    ("tracker.cli",),
    ("tracker",),
    ("tracker.__main__",),
)  # fmt: skip
# Imports among the top-level modules of `tracker`, which hold the shared vocabulary.
SHARED = {
    "tracker.models": {"tracker.paper.paper_facts"},
    "tracker.records": {"tracker.models"},
    "tracker.paper.paper_facts": {"tracker.paper.title_kind", "tracker.paper.withdrawal"},
    "tracker.paper.paper_links": {"tracker.paper.paper_facts"},
    "tracker.paper.withdrawal": {"tracker.paper.withdrawal_wordings"},
    "tracker.calendar": {"tracker.errors"},
    "tracker.files": {"tracker.errors"},
    "tracker.extras": {"tracker.errors", "tracker.version"},
    "tracker.config": {
        "tracker.calendar",
        "tracker.errors",
        "tracker.files",
        "tracker.settings",
    },
    "tracker.settings": {
        "tracker.settings.service_settings",
        "tracker.settings.setting_field",
        "tracker.settings.source_settings",
    },
    "tracker.resources": {"tracker.errors"},
    "tracker.language": {"tracker.errors", "tracker.resources"},
    "tracker.locking": {"tracker.errors", "tracker.files"},
}

# Each heavy library is imported by one module only, so that it can be replaced there. Starlette's
# requests and responses are also what the site's pages are rendered from and to.
OWNERS = {
    "apscheduler": "tracker.scheduling.scheduler",
    "arxiv": "tracker.sources.formats.arxiv.arxiv_atom",
    "babel": "tracker.language",
    "bibtexparser": "tracker.sources.formats.reference_libraries",
    "rispy": "tracker.sources.formats.reference_libraries",
    "css_inline": "tracker.digest.render.pages",
    "faiss": "tracker.search.index.faiss_index",
    "mcp": "tracker.mcp_server.tools",
    "mcp_types": "tracker.mcp_server.tools",
    "pydantic": "tracker.mcp_server.tools",
    "genanki": "tracker.delivery.notes.anki",
    "idna": "tracker.delivery.mail.hosts",
    "itsdangerous": "tracker.delivery.mail.tokens",
    "safetensors": "tracker.search.encoder.bert_graph",
    "httpx2": "tracker.sources.http.client",
    "smtplib": "tracker.delivery.mail.smtp",
    "matplotlib": "tracker.delivery.charts",
    "weasyprint": "tracker.delivery.pdf",
    "scipy": "tracker.topics.statistics",
    "msgspec": "tracker.digest.document",
    "openvino": "tracker.search.encoder.openvino",
    "jinja2": "tracker.digest.render.pages",
    "lxml": "tracker.sources.formats.xml",
    "ray": "tracker.pipeline.bulk.ray_engine",
    "pyarrow": "tracker.sources.formats.parquet",
    "sentence_transformers": "tracker.search.encoder.openvino_export",
    "sqlite_utils": "tracker.store.migrations",
    "starlette": "tracker.web.app tracker.web.page_renderer",
    "uvicorn": "tracker.web.server",
    "requests": "summarizer.llm.http",
    "transformers": "summarizer.llm.transformers",
    "xgrammar": "summarizer.llm.transformers",
    "xllamacpp": "summarizer.llm.llama_process",
    "feedparser": "tracker.sources.formats.feed_entries",
    "filelock": "tracker.locking",
    "yaml": "tracker.sources.deadlines",
    "prometheus_client": "tracker.web.metrics",
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
        (len(prefix), height)
        for height, prefixes in enumerate(LAYERS)
        for prefix in prefixes
        if module == prefix or module.startswith(f"{prefix}.")
    ]
    return max(fits)[1]


def package_of(module: str) -> str:
    """The longest prefix of a module that names a package of the layer table."""
    names = [name for layer in LAYERS for name in layer if module.startswith(f"{name}.")]
    return max(names, key=len, default="")


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_from_lower_layers(module: str) -> None:
    for other in set(imported(MODULES[module])) & set(MODULES) - {module}:
        below = layer_of(other) < layer_of(module)
        same_package = package_of(other) == package_of(module) != "tracker"
        same_layer = layer_of(other) == layer_of(module)
        allowed = below or (same_package and same_layer) or other in SHARED.get(module, ())
        assert allowed, f"{module} -> {other}"


def test_the_summarizer_does_not_import_the_tracker() -> None:
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
    assert users <= set(OWNERS[library].split())


def test_no_module_has_a_generic_name() -> None:
    assert not {module for module in MODULES if module.split(".")[-1] in FORBIDDEN_NAMES}


def test_a_package_is_small_enough_to_survey() -> None:
    folders = Counter(file.parent for file in FILES if file.stem != "__init__")
    crowded = {f.relative_to(ROOT).as_posix() for f, count in folders.items() if count > 14}
    # One module per source, and one per table of the store.
    assert crowded <= {"tracker/sources", "tracker/store"}
    assert len([f for f in (ROOT / "tracker/pipeline").iterdir() if f.name[0] != "_"]) <= 8


def test_sql_is_written_in_the_store_only() -> None:
    for module, file in MODULES.items():
        if not module.startswith("tracker.store"):
            text = file.read_text(encoding="utf-8")
            assert "SELECT " not in text, module
            assert "INSERT INTO" not in text, module


def test_every_module_has_a_docstring() -> None:
    for module, file in MODULES.items():
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), module


HEAVY = ("torch", "transformers", "sentence_transformers", "matplotlib", "sklearn", "sqlite_utils",
         "faiss", "openvino", "jinja2", "pyarrow", "rich", "numpy", "scipy", "starlette",
         "uvicorn", "msgspec", "mcp", "pydantic", "ray")  # fmt: skip


def test_help_starts_without_any_heavy_library() -> None:
    code = (
        "import sys; from tracker.cli.main import cli\n"
        "try: cli(['--help'])\n"
        f"finally: print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "search" in done.stdout
    assert done.stderr.strip() == "[]"
