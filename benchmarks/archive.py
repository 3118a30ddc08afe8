"""A home with all of arXiv: import, acronyms, postings, index, refresh and search at 2.9 million.

    python benchmarks/archive.py --data SNAPSHOT --home HOME --folder FOLDER [--size N] [STEP ...]

SNAPSHOT is the real metadata, HOME a home with vectors and a model. FOLDER gets
records to import and a copy of HOME grown to N works (20 GB for 2.9 million); remove it afterwards.
A synthetic work takes halves of two titles, sentences of two abstracts, and the names and
categories of one paper, so its words are those of real texts; as in all of arXiv it is shorter than
a recent abstract. All but the last 30,000 are written in SQL; their vectors, sentences for lists
and acronyms are made up or copied, and they have no tags. Every step runs in a separate process.
Prints wall and processor time, peak memory, and how much of it was private (Linux).
"""

import argparse
import gzip
import json
import multiprocessing
import random
import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from hashlib import md5
from itertools import count, islice
from pathlib import Path
from shutil import copytree, ignore_patterns
from typing import Any

import numpy as np
from latency import _WORDS as WORDS
from scale import _at as at
from scale import _real_vectors as real_vectors
from scale import _vary as vary

import tracker
from summarizer.summary import EXTRACTIVE_MODEL
from tracker.config import load
from tracker.pipeline.retrieval import index_refresh
from tracker.search.encoder.select import find_encoder_id
from tracker.search.index import postings, vector_index
from tracker.search.query.acronym_definitions import FINDER_VERSION
from tracker.store import acronyms, papers, snippets, summaries_and_tags, vectors
from tracker.store.database import _register_functions as register_functions
from tracker.store.database import open_database
from tracker.topics import tagging, taxonomy

Measured = dict[str, float]
_MORE, _NEW, _BATCH, _SEED = 30_000, 1500, 20_000, 0
# Ids of works that were not imported are counted from here.
_FIRST = 1_000_000
# Indexes made at the end of filling, the tables of which rows are copied, and the bytes of words
# that FTS5 collects before it writes them.
_DROPPED = {"works_digest", "works_text", "works_announced", "authors_name", "categories_name"}
_COPIED = {
    "authors": "position, name, folded", "categories": "position, name",
    "versions": "number, created, abstract", "paper_facts": "code_link, model_link, venue",
    "acronym_uses": "short, long, written_short, written_long",
}  # fmt: skip
_HASH = 200_000_000
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
# Months whose ids have five digits, before those of the real records.
_MONTHS = [f"{year:02d}{month:02d}" for year in range(15, 25) for month in range(1, 13)][:-1]


def write_snapshots(data: Path, folder: Path) -> None:
    """Write two snapshots of synthetic records: one to import, and the news after it."""
    made = synthetic_records(real_records(data), random.Random(_SEED))
    for name, size in (("more", _MORE), ("new", _NEW)):
        with gzip.open(folder / f"{name}.jsonl.gz", "wt", compresslevel=1) as file:
            file.writelines(json.dumps(record) + "\n" for record in islice(made, size))


def real_records(data: Path) -> list[dict[str, Any]]:
    """Return the records of the real snapshot."""
    with gzip.open(data, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def synthetic_records(
    real: Sequence[dict[str, Any]], rng: random.Random, first: int = 0
) -> Iterator[dict[str, Any]]:
    """Yield records whose ids are counted from `first`."""
    mix = TextMixer([(record["title"], record["abstract"].strip()) for record in real], rng)
    for number in count(first):
        a, title, abstract = mix.draw()
        key, day = made_up_id(number)
        version = {"version": "v1", "created": f"{_rfc_day(day)} 12:00:00 GMT"}
        yield real[a] | {
            "id": key, "title": title, "abstract": abstract, "versions": [version],
            "update_date": day,
        }  # fmt: skip


class TextMixer:
    """Draws titles and abstracts made of those of real papers."""

    def __init__(self, texts: Sequence[tuple[str, str]], rng: random.Random) -> None:
        self._titles = [title.split() for title, _ in texts]
        self._sentences = [_SENTENCE.split(abstract) for _, abstract in texts]
        self._rng = rng

    def draw(self) -> tuple[int, str, str]:
        """Return which paper most of a text is from, its title and its abstract."""
        a, b = (self._rng.randrange(len(self._titles)) for _ in range(2))
        one, other = self._titles[a], self._titles[b]
        title = one[: (len(one) + 1) // 2] + other[len(other) // 2 :]
        own = self._sentences[a]
        abstract = [*self._rng.sample(own, min(4, len(own))), self._rng.choice(self._sentences[b])]
        return a, " ".join(title), " ".join(abstract)


def made_up_id(number: int) -> tuple[str, str]:
    """Return an id that no real record has, and its day."""
    month = _MONTHS[number % len(_MONTHS)]
    key = f"{month}.{20_000 + number // len(_MONTHS):05d}"
    return key, f"20{month[:2]}-{month[2:]}-{1 + number % 28:02d}"


def fill_home(folder: Path, home: Path, size: int) -> Measured:
    """Grow a copy of HOME to `size` works, in SQL: an import of millions takes half an hour."""
    target = folder / "home"
    copytree(home, target, ignore=ignore_patterns("index", "digests"), dirs_exist_ok=True)
    database = sqlite3.connect(target / "tracker.db", isolation_level=None)
    register_functions(database)
    for pragma in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(f"INSERT INTO works_fts (works_fts, rank) VALUES ('hashsize', {_HASH})")
    dropped = [
        row for row in database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index'")
        if row[0] in _DROPPED
    ]  # fmt: skip
    for name, _ in dropped:
        database.execute(f"DROP INDEX {name}")
    fill = Filler(database, random.Random(_SEED))
    # A file named stop ends it early.
    while fill.last < size and not (folder / "stop").exists():
        fill.add(min(_BATCH, size - fill.last))
    for _, sql in dropped:
        database.execute(sql)
    database.execute("INSERT INTO works_fts (works_fts, rank) VALUES ('hashsize', 1048576)")
    database.close()
    return {"works": fill.last}


class Filler:
    """Adds works to a database, made from those that were there first."""

    def __init__(self, database: sqlite3.Connection, rng: random.Random) -> None:
        self._database, self._vary = database, np.random.default_rng(_SEED)
        rows = database.execute("SELECT id, title, abstract FROM works ORDER BY id").fetchall()
        self._works = [work for work, *_ in rows]
        self._mix = TextMixer([(title, abstract) for _, title, abstract in rows], rng)
        self.last = max(self._works)
        self._made = 0
        # Of this release, so that nothing is computed again.
        self._tagger = tagging.tagging_version(taxonomy.concepts_with_custom({}))
        self._method, self._finder = EXTRACTIVE_MODEL, FINDER_VERSION
        self._encoder = database.execute("SELECT encoder FROM vectors LIMIT 1").fetchone()[0]
        found = database.execute("SELECT data FROM vectors ORDER BY work")
        data = b"".join(row for (row,) in found)
        self._vectors = np.frombuffer(data, np.float16).reshape(-1, 384).astype(np.float32)

    def add(self, size: int) -> None:
        """Add works with all that the tables know of one."""
        drawn = [self._mix.draw() for _ in range(size)]
        numbers = range(self.last + 1, self.last + 1 + size)
        texts = [md5(f"{n}".encode()).hexdigest()[:24] for n in numbers]
        named = [made_up_id(_FIRST + self._made + place) for place in range(size)]
        self._database.execute("BEGIN")
        self._database.execute("CREATE TEMP TABLE IF NOT EXISTS made (id, source)")
        self._database.execute("DELETE FROM made")
        many = self._database.executemany
        many("INSERT INTO made VALUES (?, ?)",
             ((n, self._works[a]) for n, (a, *_) in zip(numbers, drawn, strict=True)))  # fmt: skip
        many(
            "INSERT INTO works (id, key, title, abstract, byline, published, announced, updated,"
            " version, digest, text_digest) SELECT ?1, ?2, ?3, ?4, byline, ?5, ?5, ?5, 1, ?6, ?6"
            " FROM works WHERE id = ?7",
            (
                (n, key, title, abstract, day, text, self._works[a])
                for n, (a, title, abstract), (key, day), text in zip(
                    numbers, drawn, named, texts, strict=True
                )
            ),
        )
        for table, columns in _COPIED.items():
            self._database.execute(
                f"INSERT INTO {table} (work, {columns}) SELECT m.id, {columns} FROM made m"
                f" JOIN {table} t ON t.work = m.source"
            )
        rows = list(zip(numbers, texts, strict=True))
        many("INSERT INTO acronym_scans VALUES (?, ?, ?)", ((n, self._finder, t) for n, t in rows))
        many("INSERT INTO tagged VALUES (?, ?, ?)", ((n, self._tagger, t) for n, t in rows))
        lines = zip(rows, drawn, strict=True)
        many("INSERT INTO glimpses VALUES (?, ?, ?, ?)",
             ((n, self._method, t, title[:150]) for (n, t), (_, title, _) in lines))  # fmt: skip
        made = vary(self._vectors, self._vary, size).astype(np.float16)
        many("INSERT INTO vectors VALUES (?, ?, ?, ?)",
             ((n, self._encoder, t, row.tobytes())
              for (n, t), row in zip(rows, made, strict=True)))  # fmt: skip
        self._database.execute("COMMIT")
        self.last += size
        self._made += size


def _rfc_day(day: str) -> str:
    return time.strftime("%a, %d %b %Y", time.strptime(day, "%Y-%m-%d"))


def import_all(folder: Path, _: Path) -> Measured:
    """Import 30,000 records into a home that has all others."""
    return _imported(folder, "more.jsonl.gz")


def _imported(folder: Path, name: str) -> Measured:
    command = [sys.executable, "-m", "tracker", "--home", str(folder / "home"), "-q", "import"]
    usage, wall = _children(), time.perf_counter()
    done = subprocess.run(
        [*command, str(folder / name)], capture_output=True, text=True, check=True
    )
    seconds, used = time.perf_counter() - wall, _children()
    read = int(re.findall(r"([\d,]+) read", done.stdout)[0].replace(",", ""))
    cpu = used[0] - usage[0]
    return {
        "records": read, "s": seconds, "cpu": cpu, "a second": read / seconds,
        "a cpu second": read / cpu, "peak MB": used[1],
    }  # fmt: skip


def _children() -> tuple[float, float]:
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def store_made_up(folder: Path, home: Path) -> Measured:
    """Store vectors, sentences and the mark of a tagged work for every work that has none."""
    if not (folder / "home" / "models").exists():
        copytree(home / "models", folder / "home" / "models")
    config = load(folder / "home", environ={})
    known = find_encoder_id(config.embedding, config.models)
    assert known
    real, rng = real_vectors(home), np.random.default_rng(_SEED)
    with open_database(config.database) as db:
        number = vectors.get_or_create_encoder(db, known.model, known.revision, known.dimension)
        version = tagging.tagging_version(taxonomy.concepts_with_custom({}))
        missing = vectors.works_without_vector(db, number)
        for start in range(0, len(missing), _BATCH):
            part = missing[start : start + _BATCH]
            texts = acronyms.load_texts(db, part)
            rows = zip(texts.items(), vary(real, rng, len(texts)), strict=True)
            vectors.store_computed_vectors(
                db, number, ((work, text.digest, row) for (work, text), row in rows)
            )
            lines = {work: (text.digest, text.title[:150]) for work, text in texts.items()}
            snippets.store_snippets(db, EXTRACTIVE_MODEL, lines)
            summaries_and_tags.store_tags(db, version, dict.fromkeys(part, ()))
    return {"vectors": len(missing)}


def scan_acronyms(folder: Path, _: Path) -> Measured:
    """Find the acronyms of every work."""
    config = load(folder / "home", environ={})
    with open_database(config.database) as db:
        index_refresh._scan_acronyms(db, lambda *_: None)
    return {}


def build_postings(folder: Path, _: Path) -> Measured:
    """Build or refresh the index of words."""
    config = load(folder / "home", environ={})
    with open_database(config.database) as db:
        fetch = lambda works: papers.text_batches(db, works)  # noqa: E731
        return {"works": postings.refresh(config.postings, papers.content_hashes(db), fetch)}


def build_vectors(folder: Path, _: Path) -> Measured:
    """Build or refresh the index of vectors."""
    config = load(folder / "home", environ={})
    with open_database(config.database) as db:
        known, number = index_refresh.current_encoder(db, config) or (None, 0)
        assert known
        report = vector_index.refresh(
            config.index, known, stored=vectors.text_hashes(db, number),
            fetch=lambda works: vectors.vector_batches(db, number, works),
        )  # fmt: skip
    return {"works": report.size}


def search_cold(folder: Path, _: Path, times: int = 7) -> Measured:
    """Run `tracker search "MoE"` in new processes; the last one's memory is measured."""
    command = [sys.executable, "-m", "tracker", "--home", str(folder / "home"), "search", "MoE"]
    wall, cpu = [], []
    for _ in range(times):
        before, begin = _children()[0], time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        wall.append(time.perf_counter() - begin)
        cpu.append(_children()[0] - before)
    return {
        "median s": float(np.median(wall)), "least s": min(wall), "cpu s": float(np.median(cpu)),
        "peak MB of a search": _children()[1],
    }  # fmt: skip


def search_warm(folder: Path, _: Path) -> Measured:
    """Search 200 titles as questions, and words and acronyms five times."""
    with tracker.open(folder / "home") as library:
        titles = papers.newest_titles(library._db, 400)
        questions = [" ".join(title.split()[:12]) for title in islice(titles, 0, 400, 2)]
        found: Measured = {}
        for name, texts in (("words", [*WORDS] * 5), ("questions", questions)):
            library.search(texts[0])
            wall, cpu = [], []
            for text in texts:
                begin, used = time.perf_counter(), time.process_time()
                library.search(text)
                wall.append(time.perf_counter() - begin)
                cpu.append(time.process_time() - used)
            for kind, values in (("", wall), (" cpu", cpu)):
                found[f"{name}{kind} p50 ms"] = at(values, 0.5)
                found[f"{name}{kind} p99 ms"] = at(values, 0.99)
    return found


def refresh_new(folder: Path, home: Path) -> Measured:
    """Import new records and bring all indexes up to date; vectors are made up, not computed."""
    imported = _imported(folder, "new.jsonl.gz")
    config = load(folder / "home", environ={})
    real, rng = real_vectors(home), np.random.default_rng(_SEED + 1)

    with open_database(config.database) as db:

        def embed(number: int, works: Sequence[int]) -> int:
            texts = acronyms.load_texts(db, works)
            rows = zip(texts.items(), vary(real, rng, len(texts)), strict=True)
            vectors.store_computed_vectors(
                db, number, ((work, text.digest, row) for (work, text), row in rows)
            )
            return len(works)

        report = index_refresh.index_papers(db, config, embed=embed)
    return {"embedded": report.embedded, "tagged": report.tagged, "import s": imported["s"]}


STEPS: dict[str, Callable[[Path, Path], Measured]] = {
    "import": import_all,
    "made-up": store_made_up,
    "acronyms": scan_acronyms,
    "postings": build_postings,
    "vectors": build_vectors,
    "cold": search_cold,
    "warm": search_warm,
    "refresh": refresh_new,
    "cold-after": search_cold,
    "warm-after": search_warm,
}


def _status(key: str) -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(rf"^{key}:\s+(\d+)", text, re.M)[0]) / 1024


def _measured(name: str, folder: Path, home: Path) -> Measured:
    """Run a step in this process; return its result with times and memory."""
    private, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            private[0] = max(private[0], _status("RssAnon"))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    wall, cpu = time.perf_counter(), time.process_time()
    found = STEPS[name](folder, home)
    times = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    done.set()
    watcher.join()
    return times | {"peak MB here": _status("VmHWM"), "private MB": private[0]} | found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--size", type=int, default=2_900_000)
    parser.add_argument("steps", nargs="*", default=["make", *STEPS])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for name in given.steps:
        if name == "make":
            write_snapshots(given.data, given.folder)
            print(fill_home(given.folder, given.home, given.size - _MORE), flush=True)
            continue
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(_measured, (name, given.folder, given.home))
        text = ", ".join(f"{key} {value:,.2f}" for key, value in found.items())
        print(f"{time.strftime('%H:%M')} {name}: {text}", flush=True)


if __name__ == "__main__":
    main()
