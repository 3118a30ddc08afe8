"""Our sentence splitter and stemmer compared with pysbd and snowballstemmer on real abstracts.

    python benchmarks/sentence_splitter.py [--papers 2000] [--show 100] [--only ours|pysbd]

A boundary is the place after which a new sentence begins, counted in characters that are not
white space, so that it does not matter who strips what. Both splitters read the same plain text
(``to_plain_text``). Stemmers are compared by the words they join: a pair of words is joined when
both have the same stem. Times are CPU seconds of one run, in one process. ``--show`` prints
disagreements drawn with a fixed seed, with the text on both sides of the boundary; ``--only``
limits them to boundaries that one side alone sets. Needs ``pysbd`` and ``snowballstemmer``;
neither is needed by the package.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, combinations, islice
from pathlib import Path

from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import stem_tokens

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "arxiv"
FILE = DATA / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
PAPERS_IN_FILE = 68_000
CONTEXT = 60  # characters shown on each side of a boundary
Split = Callable[[str], Sequence[str]]
Stem = Callable[[str], str]


def load_abstracts(number: int) -> Iterator[str]:
    """Plain text of ``number`` abstracts, spread evenly over the file."""
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        for line in islice(lines, 0, PAPERS_IN_FILE, max(1, PAPERS_IN_FILE // number)):
            yield to_plain_text(json.loads(line)["abstract"])


def boundaries(sentences: Iterable[str]) -> frozenset[int]:
    """Where each sentence but the last one ends, in characters that are not white space."""
    lengths = [len("".join(sentence.split())) for sentence in sentences]
    return frozenset(end for end in list(accumulate(lengths))[:-1] if end)


def context_at(text: str, boundary: int) -> str:
    """The text around a boundary, which shows as a bar."""
    places = [place for place, sign in enumerate(text) if not sign.isspace()]
    end = places[boundary - 1] + 1
    return f"{text[max(0, end - CONTEXT) : end]} ¦ {text[end : end + CONTEXT].lstrip()}"


def timed(split: Split, texts: Sequence[str]) -> tuple[list[frozenset[int]], float]:
    """Boundaries of each text, and CPU seconds."""
    started = time.process_time()
    sentences = [split(text) for text in texts]
    seconds = time.process_time() - started
    return [boundaries(found) for found in sentences], seconds


def compare_splitters(texts: Sequence[str], show: int, only: str) -> None:
    """Print the number of boundaries each side sets alone, the times and some of the cases."""
    import pysbd

    ours, our_seconds = timed(split_sentences, texts)
    theirs, their_seconds = timed(pysbd.Segmenter(language="en", clean=False).segment, texts)
    cases = [
        (name, text, boundary)
        for text, one, other in zip(texts, ours, theirs, strict=True)
        for name, alone in (("ours", one - other), ("pysbd", other - one))
        for boundary in sorted(alone)
    ]
    by_side = Counter(name for name, _, _ in cases)
    both = sum(len(one & other) for one, other in zip(ours, theirs, strict=True))
    differing = len({text for _, text, _ in cases})
    print(f"{len(texts):,} abstracts, {both:,} boundaries set by both")
    print(f"set by ours only {by_side['ours']}, by pysbd only {by_side['pysbd']}"
          f" (in {differing} abstracts)")  # fmt: skip
    print(f"ours {our_seconds:.2f} s, pysbd {their_seconds:.2f} s:"
          f" ratio {their_seconds / our_seconds:.0f}")  # fmt: skip
    chosen = [case for case in cases if only in ("", case[0])]
    drawn = random.Random(7).sample(chosen, min(show, len(chosen)))
    for number, (name, text, boundary) in enumerate(drawn, 1):
        print(f"{number:3} {name:5} {context_at(text, boundary)}")


def joined_pairs(words: Iterable[str], stem: Stem) -> tuple[set[tuple[str, str]], float]:
    """Pairs of words with the same stem, and CPU seconds for the stems."""
    started = time.process_time()
    stems = [(stem(word), word) for word in words]
    seconds = time.process_time() - started
    groups: dict[str, list[str]] = {}
    for key, word in sorted(stems):
        groups.setdefault(key, []).append(word)
    return {pair for group in groups.values() for pair in combinations(group, 2)}, seconds


def compare_stemmers(texts: Sequence[str], show: int) -> None:
    """Print how many pairs of words each stemmer joins alone, the times and some of the pairs."""
    import snowballstemmer

    counts = Counter(word for text in texts for word in text.lower().split() if word.isalpha())
    words = sorted(word for word, number in counts.items() if number > 1 and word.isascii())
    ours, our_seconds = joined_pairs(words, lambda word: stem_tokens(word)[0])
    theirs, their_seconds = joined_pairs(words, snowballstemmer.stemmer("english").stemWord)
    print(f"{len(words):,} words that occur more than once")
    print(f"pairs joined by both {len(ours & theirs):,}, by ours only {len(ours - theirs):,},"
          f" by snowball only {len(theirs - ours):,}")  # fmt: skip
    print(f"ours {our_seconds:.3f} s, snowball {their_seconds:.3f} s:"
          f" ratio {their_seconds / our_seconds:.1f}")  # fmt: skip
    for name, alone in (("ours", ours - theirs), ("snowball", theirs - ours)):
        drawn = random.Random(7).sample(sorted(alone), min(show, len(alone)))
        print(f"{name} only:", ", ".join("/".join(pair) for pair in drawn))


def main() -> None:
    """Run both comparisons on the same abstracts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=2000)
    parser.add_argument("--show", type=int, default=0, help="print so many disagreements")
    parser.add_argument("--only", choices=("ours", "pysbd"), default="")
    arguments = parser.parse_args()
    texts = list(load_abstracts(arguments.papers))[: arguments.papers]
    compare_splitters(texts, arguments.show, arguments.only)
    compare_stemmers(texts, arguments.show)


if __name__ == "__main__":
    main()
