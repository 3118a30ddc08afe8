"""Fluent true and false sentences about real papers, and how many of each `ground` accepts.

    python benchmarks/claims.py [--size 400] [--seed 7] [--half train|test] [--show 3]
    python benchmarks/claims.py --hand development|held_out [--show 3]
    python benchmarks/claims.py --train

True sentences are human TLDRs (SciTLDR) whose content words are in the abstract, and sentences of
arXiv abstracts that were shortened, reordered, put into the passive or written with synonyms. False
ones are true ones with one alteration of ten kinds. Everything is made by rule with a fixed seed;
papers whose hash is even are for training, the others for measuring. No text of a paper is stored.

`labels/claims.json` has sentences that were written by hand about other abstracts, by paper and
kind. The rules were improved with those under "development"; nobody looked at the mistakes in those
under "held out".
"""

import argparse
import gzip
import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from claim_alterations import ALTERATIONS
from claim_rewrites import REWRITES

from summarizer import ground, summarize
from summarizer.grounding import judge
from summarizer.grounding.alignment import FEATURES
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.proof import DOUBTS, Grounder
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import content_stems

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ARXIV = DATA / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
TLDRS = DATA / "eval" / "scitldr" / "train.jsonl.gz"
HAND = Path(__file__).with_name("labels") / "claims.json"
JUDGE = Path(judge.__file__).with_name("judge.json")
_REGULARISATION = 0.3
_LEAST_COVERED = 0.85  # of a TLDR's content words, by the abstract


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence about a paper, and whether the abstract says it."""

    kind: str
    title: str
    abstract: str
    sentence: str
    true: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A paper."""

    title: str
    abstract: str
    tldrs: tuple[str, ...] = ()

    @property
    def half(self) -> str:
        return "test" if zlib.crc32(self.title.encode()) % 2 else "train"


def read_papers(seed: int, number: int) -> list[Source]:
    """Return papers with TLDRs, and ``number`` papers of arXiv, in random order."""
    found = []
    with gzip.open(TLDRS, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            abstract = to_plain_text(" ".join(row["source"]))
            found.append(Source(to_plain_text(row["title"]), abstract, tuple(row["target"])))
    with gzip.open(ARXIV, "rt", encoding="utf-8") as lines:
        for place, line in enumerate(lines):
            if place % (68_000 // number) == 0:
                row = json.loads(line)
                found.append(Source(to_plain_text(row["title"]), to_plain_text(row["abstract"])))
    random.Random(seed).shuffle(found)
    return found


def true_claims(paper: Source, dice: random.Random) -> Iterator[Claim]:
    """Yield true sentences about a paper."""
    known = content_stems(f"{paper.title} {paper.abstract}")
    for text in map(to_plain_text, paper.tldrs):
        stems = content_stems(text)
        covered = len(stems & known) / max(1, len(stems))
        if len(stems) > 4 and covered >= _LEAST_COVERED and len(split_sentences(text)) == 1:
            yield Claim("TLDR", paper.title, paper.abstract, text, True)
    if paper.tldrs:
        return
    sentences = [s for s in split_sentences(paper.abstract) if 8 < len(s.split()) < 45]
    for kind, rewrite in dice.sample(sorted(REWRITES.items()), len(REWRITES)):
        for sentence in dice.sample(sentences, len(sentences)):
            made = rewrite(sentence, dice)
            if made and not is_prompt_injection(made):
                yield Claim(kind, paper.title, paper.abstract, made, True)
                break
    for extract in summarize(paper.title, paper.abstract).sentences[:1]:
        yield Claim("extract", paper.title, paper.abstract, extract.text, True)


def build_claims(half: str, size: int, seed: int, papers: int = 4000) -> list[Claim]:
    """Return ``size`` true and ``size`` false sentences, spread evenly over the kinds."""
    dice = random.Random(seed)
    true: dict[str, list[Claim]] = defaultdict(list)
    false: dict[str, list[Claim]] = defaultdict(list)
    for paper in read_papers(seed, papers):
        if paper.half != half or len(paper.abstract) < 300:
            continue
        for claim in true_claims(paper, dice):
            true[claim.kind].append(claim)
            kinds = sorted(ALTERATIONS, key=lambda kind: len(false[kind]))
            for kind in kinds:
                made = ALTERATIONS[kind](claim.sentence, paper.abstract, dice)
                if made and made != claim.sentence and made not in paper.abstract:
                    false[kind].append(Claim(kind, paper.title, paper.abstract, made, False))
                    break
    return _even(true, size, {"TLDR": 0.4}) + _even(false, size, {})


def handwritten(part: str) -> list[Claim]:
    """Return the sentences written by hand for "development", or those "held out"."""
    written = json.loads(HAND.read_text("utf-8"))[part]
    found = []
    with gzip.open(ARXIV, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            key = row["id"]
            if key not in written:
                continue
            paper = to_plain_text(row["title"]), to_plain_text(row["abstract"])
            for kind, sentences in written[key].items():
                found += [Claim(kind, *paper, to_plain_text(s), kind == "true") for s in sentences]
    return found


def _even(found: dict[str, list[Claim]], size: int, shares: dict[str, float]) -> list[Claim]:
    rest = (1 - sum(shares.values())) / (len(found) - len(shares))
    return [
        claim for kind in sorted(found)
        for claim in found[kind][: round(size * shares.get(kind, rest))]
    ]  # fmt: skip


def train(size: int, seed: int) -> None:
    """Fit the judge to sentences that pass the rules, and store it.

    They are those of the training half made by rule, and those written by hand for development.
    """
    import numpy as np

    rows, labels = [], []
    for claim in build_claims("train", size, seed, papers=9000) + handwritten("development"):
        grounder = Grounder(claim.title, claim.abstract)
        if source := grounder.find_by_rules(claim.sentence):
            rows.append(grounder.measure(claim.sentence, source))
            labels.append(claim.true)
    x, y = np.array(rows), np.array(labels, float)
    means, scales = x.mean(0), x.std(0) + 1e-9
    design = np.hstack([(x - means) / scales, np.ones((len(x), 1))])
    penalty = np.diag([1 / _REGULARISATION] * x.shape[1] + [0.0])
    weights = np.zeros(design.shape[1])
    for _ in range(30):  # Newton's method
        p = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (p - y) + penalty @ weights
        weights -= np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + penalty, slope)
    scaled = weights[:-1] / scales
    bias = weights[-1] - (scaled * means).sum()
    stored = {"weights": [round(float(w), 4) for w in scaled], "bias": [round(float(bias), 4)]}
    JUDGE.write_text(json.dumps(stored) + "\n", "utf-8")
    print(
        f"{len(rows)} sentences",
        dict(zip((*DOUBTS, "support", *FEATURES), weights.round(2), strict=False)),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--half", default="test", choices=("train", "test"))
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each kind")
    parser.add_argument("--hand", choices=("development", "held_out"))
    parser.add_argument("--train", action="store_true", help="fit the judge and store its weights")
    arguments = parser.parse_args()
    if arguments.train:
        train(800, arguments.seed)
        return
    if arguments.hand:
        claims = handwritten(arguments.hand.replace("_", " "))
    else:
        claims = build_claims(arguments.half, arguments.size, arguments.seed)
    report(claims, arguments.show)


def report(claims: list[Claim], show: int) -> None:
    """Print how many sentences of each kind are judged rightly, and ``show`` mistakes of each."""
    total, right = Counter[tuple[bool, str]](), Counter[tuple[bool, str]]()
    for claim in claims:
        key = (claim.true, claim.kind)
        source = ground(claim.title, claim.abstract, claim.sentence)
        total[key] += 1
        right[key] += bool(source) == claim.true
        if bool(source) != claim.true and total[key] - right[key] <= show:
            print(f"[{claim.kind}] {claim.sentence}\n    {source or claim.abstract}")
    for key in sorted(total):
        print(f"{'kept' if key[0] else 'caught':7} {key[1]:22} {right[key]:4} of {total[key]:4}")
    for side, name in ((True, "true sentences kept"), (False, "false sentences caught")):
        share = [sum(n for k, n in c.items() if k[0] is side) for c in (right, total)]
        print(f"{name:30} {share[0] / share[1]:6.1%} of {share[1]}")


if __name__ == "__main__":
    main()
