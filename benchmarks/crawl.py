"""A crawl of arXiv's three sources at real size: two weeks of real papers from a server on this
machine, without the pace that arXiv asks for, so that what is left is our own time.

    python benchmarks/crawl.py --data ../shared/data/arxiv/arxiv-metadata-2024-12_2026-03.jsonl.gz
"""

import argparse
import gzip
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.arxiv_server import ArxivServer, Record
from tracker.calendar import batch_opening_day
from tracker.config import load
from tracker.pipeline.ingest import completeness, crawl
from tracker.store.database import open_database

SINCE, UNTIL = date(2026, 3, 16), date(2026, 3, 27)
SOURCES = ("arxiv_rss", "arxiv_api", "arxiv_oai")


def records(file: Path) -> list[Record]:
    """Return the papers announced in the two weeks, submitted so that each has its real day."""
    found = []
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            day = date.fromisoformat(row["update_date"])
            if SINCE <= day <= UNTIL and row["categories"]:
                noon = datetime.combine(batch_opening_day(day), datetime.min.time(), UTC)
                found.append(Record(
                    row["id"], noon + timedelta(hours=20, seconds=len(found)), row["title"],
                    row["abstract"].strip(), ("Ada Example",), tuple(row["categories"].split()),
                ))  # fmt: skip
    return found


def main() -> None:
    """Crawl twice and print the time of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    papers = records(parser.parse_args().data)
    now = datetime.combine(UNTIL, datetime.min.time(), UTC) + timedelta(hours=6)
    with (
        tempfile.TemporaryDirectory() as folder,
        ArxivServer(papers, today=UNTIL, page=1000) as server,
    ):
        urls = {"arxiv_rss": server.rss, "arxiv_api": server.url, "arxiv_oai": server.oai}
        settings = {f"sources.{source}.url": url for source, url in urls.items()}
        settings |= {f"sources.{source}.pace_seconds": "0" for source in SOURCES}
        config = load(Path(folder), environ={},
                      overrides={**settings, "http.allow_private": "127.0.0.1"})  # fmt: skip
        with open_database(config.database) as db:
            for name in ("first", "second"):
                server.log.clear()
                started = time.perf_counter()
                window = crawl.CrawlWindow(SINCE, UNTIL)
                options = crawl.CrawlOptions(SOURCES)
                reports = crawl.crawl_sources(db, config, window, now=now, options=options)
                seconds = time.perf_counter() - started
                read = sum(report.read for report in reports)
                print(f"{name}: {len(server.log)} requests, {read:,} records,"
                      f" {sum(r.added for r in reports):,} added, {seconds:.1f} s")  # fmt: skip
            started = time.perf_counter()
            days = completeness.list_days(db, config, now)
            print(f"completeness: {len(days)} rows, {time.perf_counter() - started:.3f} s")
            print("states:", sorted({entry.state for entry in days}))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
