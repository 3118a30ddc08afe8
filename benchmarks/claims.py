"""Fluent true and false sentences about real papers, and how many of each `ground` accepts.

    python benchmarks/claims.py [--size 400] [--seed 7] [--half train|test] [--show 3]
    python benchmarks/claims.py --train

True sentences are human TLDRs (SciTLDR) whose content words are in the abstract, and sentences of
arXiv abstracts that were shortened, reordered, put into the passive or written with synonyms. False
ones are true ones with one alteration of ten kinds. Everything is made by rule with a fixed seed;
papers whose hash is even are for training, the others for measuring. No text of a paper is stored.
"""

import argparse
import gzip
import json
import random
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from summarizer import ground, summarize
from summarizer.grounding import judge
from summarizer.grounding.alignment import FEATURES
from summarizer.grounding.injection.prompt_injection import is_prompt_injection
from summarizer.grounding.proof import Grounder
from summarizer.text.sentences import split_sentences, to_plain_text
from summarizer.text.stems import content_stems

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ARXIV = DATA / "arxiv" / "arxiv-metadata-2024-12_2026-03.jsonl.gz"
TLDRS = DATA / "eval" / "scitldr" / "train.jsonl.gz"
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


# True sentences.

_SYNONYMS = {
    "show": "demonstrate", "shows": "demonstrates", "demonstrate": "show", "propose": "present",
    "demonstrates": "shows", "propose ": "introduce ", "introduce": "propose", "present": "propose",
    "proposed": "presented", "significantly": "substantially", "improves": "enhances",
    "improve": "enhance", "improving": "enhancing", "enables": "allows", "approach": "method",
    "method": "approach", "methods": "approaches", "approaches": "methods", "uses": "employs",
    "utilizes": "uses", "leverages": "uses", "leveraging": "using", "leverage": "use",
    "however": "yet", "achieves": "attains", "outperforms": "surpasses", "novel": "new",
    "framework": "framework", "existing": "current", "crucial": "important", "task": "task",
    "investigate": "study", "study": "examine", "reveal": "show", "reveals": "shows",
    "challenging": "difficult", "various": "several", "requires": "needs", "require": "need",
    "often": "frequently", "obtain": "get", "reduces": "lowers", "reducing": "lowering",
    "across": "over", "experiments": "tests", "evaluate": "assess",
    "find": "observe", "based on": "built on", "in order to": "to", "in this paper, we": "we",
}  # fmt: skip
_OPENING = re.compile(
    r"^(?:In this (?:paper|work|study|article)|Here|To this end|To address this(?: \w+)?|Moreover|"
    r"Furthermore|Additionally|In addition|However|Specifically|In particular|Finally|Notably|"
    r"Therefore|Thus|To tackle this(?: \w+)?), "
)
_TAIL = re.compile(r"(?:, (?:which|where|with|while|including|such as|demonstrating|showing|"
                   r"highlighting|providing|making|thereby|offering) .*|"
                   r"\s\([^()]*\))(?=\.$)")  # fmt: skip
_FRONTED = re.compile(
    r"^((?:On|In|Across|For|Under|With|By|During|Using) [^,]{6,60}), (\w[^,]*)\.$"
)
_WE_VERB = re.compile(
    r"^We (propose|present|introduce|develop|study|evaluate|investigate|analyze|release) "
    r"((?:an?|the|our)? ?(?:[\w-]+ ){0,4}[\w-]+)((?:,? (?:that|which|for|to|where|based|using|"
    r"on|in)"
    r"\b.*)?)\.$"
)
_PAST = {
    "study": "studied",
    "evaluate": "evaluated",
    "develop": "developed",
    "present": "presented",
}
_ADVERBS = re.compile(r"\s(?:significantly|effectively|also|further|thus|carefully|comprehensively|"
                      r"systematically|extensively|novel|comprehensive|simple|"
                      r"efficiently)(?= \w)")  # fmt: skip


def shortened(sentence: str, _: random.Random) -> str | None:
    cut = _OPENING.sub("", sentence)
    cut = _TAIL.sub("", cut[0].upper() + cut[1:])
    return cut if cut != sentence and len(cut.split()) > 6 else None


def without_adverbs(sentence: str, _: random.Random) -> str | None:
    cut = _ADVERBS.sub("", sentence)
    return cut if cut != sentence else None


def reordered(sentence: str, _: random.Random) -> str | None:
    match = _FRONTED.match(_OPENING.sub("", sentence))
    if not match or match[2].split()[0] in {"and", "or"}:
        return None
    front, rest = match.groups()
    return f"{rest[0].upper()}{rest[1:]} {front[0].lower()}{front[1:]}."


def passive(sentence: str, _: random.Random) -> str | None:
    match = _WE_VERB.match(_OPENING.sub("", sentence).replace("we ", "We ", 1))
    if not match:
        return None
    verb, what, rest = match.groups()
    done = _PAST.get(verb, f"{verb}d")
    return f"{what[0].upper()}{what[1:]} is {done}{rest}."


def synonyms(sentence: str, dice: random.Random) -> str | None:
    found = [w for w in _SYNONYMS if re.search(rf"\b{w}\b", sentence)]
    for word in dice.sample(found, min(2, len(found))):
        sentence = re.sub(rf"\b{word}\b", _SYNONYMS[word], sentence, count=1)
    return sentence if found else None


def joined(sentence: str, dice: random.Random) -> str | None:
    """Two of these, one after the other."""
    made = shortened(sentence, dice)
    return synonyms(made, dice) if made else None


REWRITES: dict[str, Callable[[str, random.Random], str | None]] = {
    "shortened": shortened, "without adverbs": without_adverbs, "reordered": reordered,
    "passive": passive, "synonyms": synonyms, "shortened, synonyms": joined,
}  # fmt: skip


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


# False sentences: one alteration of a true one.

_NAME = re.compile(
    r"(?<![\w-])[A-Za-z]*[A-Z][\w-]*[A-Z\d][\w-]*(?![\w-])|(?<=[a-z] )[A-Z][a-z]{3,}\b"
)
_NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?![\w.])%?")
_ANTONYMS = (
    ("improves", "degrades"), ("improve", "worsen"), ("improving", "degrading"),
    ("increases", "decreases"), ("increase", "decrease"), ("increased", "decreased"),
    ("reduces", "increases"), ("reduce", "increase"), ("reducing", "increasing"),
    ("higher", "lower"), ("better", "worse"), ("more", "less"), ("faster", "slower"),
    ("outperforms", "falls behind"), ("outperform", "fall behind"), ("larger", "smaller"),
    ("fewer", "more"), ("large", "small"), ("strong", "weak"), ("effective", "ineffective"),
    ("efficient", "inefficient"), ("robust", "fragile"), ("stable", "unstable"), ("easy", "hard"),
    ("high", "low"), ("enables", "prevents"), ("first", "second"), ("best", "worst"),
    ("superior", "inferior"), ("positive", "negative"), ("accurate", "inaccurate"),
    ("surpasses", "trails"), ("exceeds", "falls short of"), ("enhances", "weakens"),
    ("mitigates", "amplifies"), ("supervised", "unsupervised"), ("without", "with"),
    ("challenging", "trivial"), ("limited", "extensive"), ("simple", "complex"),
    ("before", "after"), ("online", "offline"), ("minimizes", "maximizes"), ("rarely", "often"),
    ("local", "global"), ("open", "closed"), ("single", "multiple"), ("short", "long"),
)  # fmt: skip
_WIDER = (
    (r"\b(?:two|three|four|five|six|seven|several|multiple|various|some|many|most|diverse)\b"
     r"(?= [a-z]+s\b| [a-z]+ [a-z]+s\b)", "all"),
    (r"\b(?:often|sometimes|typically|generally|usually|frequently|occasionally)\b", "always"),
    (r"\bcan (?=[a-z]+)", "always "), (r"\bon average\b", "in every case"),
    (r"\b(?:nearly|almost|up to|around|about|approximately|at least|roughly) (?=\d)", ""),
    (r"\b(?:a subset of|part of|half of|some of|a majority of|most of)\b", "all of"),
    (r"(?<=\w) (?:in|on|for|under) (?:simulat\w+|synthetic|small|English|certain|specific|limited|"
     r"low-resource|the presence of|moderate)\b[^,.]*(?=\.)", " in every setting"),
    (r"\bfor (?:[a-z-]+ ){1,3}(?:models|tasks|languages|settings)\b", "for any model and any task"),
    (r"\b(?:partially|largely|mostly|primarily|mainly)\b", "entirely"),
)  # fmt: skip
_HEDGES = (
    (r"\b(?:may|might|could) be\b", "is"), (r"\b(?:may|might|could|can) (?=[a-z]+)", "will "),
    (r"\bsuggests?( that)?\b", r"proves\1"), (r"\b(?:potentially|possibly|perhaps|likely) ", ""),
    (r"\b(?:appears?|seems?|tends?) to be\b", "is"), (r"\b(?:potential|promising)\b", "proven"),
    (r"\bindicates?( that)?\b", r"establishes\1"), (r"\bhypothesi[sz]e\b", "prove"),
    (r"\bargue that\b", "prove that"), (r"\bpreliminary\b", "conclusive"),
    (r"\baims? to (\w+)", r"does \1"), (r"\battempts? to\b", "manages to"),
    (r"\bcan help\b", "solves the problem to"),
)  # fmt: skip
_CAUSES = (" because ", ", which is caused by the fact that ", " as a result of the fact that ",
           ", since ", ", and this is why ")  # fmt: skip
_PRAISE = (
    (r"\b(?:a|an) (?=(?:[a-z-]+ )?(?:method|framework|approach|model|system|benchmark|dataset))",
     ("a groundbreaking ", "an award-winning ", "a widely adopted ", "an unrivalled ")),
    (r"\.$", (", a result that won a best paper award.", ", setting a new standard for the field.",
              ", and has been adopted by industry.", ", solving the problem once and for all.",
              ", as praised by leading researchers.", ", far ahead of every competitor.")),
)  # fmt: skip
_OWN = re.compile(r"^(?:We|Our \w+|This (?:paper|work|study))\b")
_OTHERS = ("Prior work", "Earlier studies", "Google researchers", "Existing methods",
           "The reviewers", "OpenAI", "A previous survey")  # fmt: skip
_OTHERS_OPENING = re.compile(
    r"^(?:Existing|Current|Prior|Previous|Recent|Traditional|Conventional) [a-z]+(?: [a-z]+)??"
    r"(?=\s(?:often|typically|rely|fail|focus|have|suffer|struggle|lack|are|require|show|do))"
)


def negation(sentence: str, _: str, dice: random.Random) -> str | None:
    without = re.sub(r"\b(?:do|does|did) not |\bnot |\bnever |(?<=can)not\b|n't\b", "", sentence)
    if without != sentence and dice.random() < 0.7:
        return without
    for pattern, by in (
        (r"\b(is|are|was|were|can|will|may|has|have) (?!not)", r"\1 not "),
        (r"\b(improve|outperform|achieve|reduce|show|enable|provide|use|propose|require|learn)s\b",
         r"does not \1"),
        (r"^We (?=[a-z]+ )", "We do not "),
        (r"\bwithout\b", "with"),
    ):  # fmt: skip
        made = re.sub(pattern, by, sentence, count=1)
        if made != sentence:
            return made
    return None


def systems(sentence: str, _: str, dice: random.Random) -> str | None:
    names = list(dict.fromkeys(_NAME.findall(sentence)))
    comparison = re.search(
        r"\b(?:than|over|outperform\w*|surpass\w*|from|versus|vs|compared)\b", sentence
    )
    if len(names) > 1 and comparison:
        one, other = dice.sample(names, 2)
        made = re.sub(rf"\b(?:{re.escape(one)}|{re.escape(other)})(?!\w)",
                      lambda m: other if m[0] == one else one, sentence)  # fmt: skip
        return made if made != sentence else None
    match = re.match(r"(.{3,60}?) (outperforms?|surpass(?:es)?|exceeds?|improves? over|beats?) "
        r"(.{3,60}?)"
                     r"((?: (?:by|on|in|across|for)\b.*)?)\.$", sentence)  # fmt: skip
    if not match:
        return None
    one, verb, other, rest = match.groups()
    return f"{other[0].upper()}{other[1:]} {verb} {one[0].lower()}{one[1:]}{rest}."


def direction(sentence: str, _: str, dice: random.Random) -> str | None:
    pairs = [p for pair in _ANTONYMS for p in (pair, pair[::-1])]
    found = [(a, b) for a, b in pairs if re.search(rf"\b{a}\b", sentence)]
    if not found:
        return None
    one, other = dice.choice(found)
    return re.sub(rf"\b{one}\b", other, sentence, count=1)


def item(sentence: str, abstract: str, dice: random.Random) -> str | None:
    pattern = dice.choice((_NAME, _NUMBER))
    others = set(pattern.findall(abstract))
    found = [m for m in pattern.finditer(sentence) if others - {m[0]}]
    if not found:
        return None
    match = dice.choice(found)
    by = dice.choice(sorted(o for o in others if o != match[0]))
    if by in sentence:
        return None
    return sentence[: match.start()] + by + sentence[match.end() :]


def _first(pairs: tuple[tuple[str, str], ...], sentence: str, dice: random.Random) -> str | None:
    for pattern, by in dice.sample(pairs, len(pairs)):
        made = re.sub(pattern, by, sentence, count=1)
        if made != sentence:
            return made[0].upper() + made[1:]
    return None


def scope(sentence: str, _: str, dice: random.Random) -> str | None:
    return _first(_WIDER, sentence, dice)


def hedge(sentence: str, _: str, dice: random.Random) -> str | None:
    return _first(_HEDGES, sentence, dice)


def causality(sentence: str, abstract: str, dice: random.Random) -> str | None:
    others = [s for s in split_sentences(abstract) if 5 < len(s.split()) < 22
              and not content_stems(s) >= content_stems(sentence)
              and not re.search("because|due to|since|cause|result|lead", s)]  # fmt: skip
    if not others or re.search("because|due to|since|cause", sentence):
        return None
    other = _OPENING.sub("", dice.choice(others)).rstrip(".")
    lower = other if _NAME.match(other) else other[0].lower() + other[1:]
    return f"{sentence.rstrip('.')}{dice.choice(_CAUSES)}{lower}."


def merged(sentence: str, abstract: str, dice: random.Random) -> str | None:
    """Give the sentence the end of another one."""
    ends = [
        m[0]
        for s in split_sentences(abstract)
        if (m := re.search(r" (?:by|on|in|for|with|from|across|over|using) [^,]{8,70}\.$", s))
    ]
    ends = [end for end in ends if end[:-1] not in sentence]
    match = re.search(r" (?:by|on|in|for|with|from|across|over|using) [^,]{4,70}\.$", sentence)
    if not ends:
        return None
    base = (
        sentence[: match.start()] if match and len(sentence[: match.start()].split()) > 4 else None
    )
    return base + dice.choice(ends) if base else None


def attribution(sentence: str, _: str, dice: random.Random) -> str | None:
    for pattern, options in ((_OWN, _OTHERS), (_OTHERS_OPENING, ("Our method and data", "We"))):
        if pattern.search(sentence):
            return pattern.sub(dice.choice(options), sentence, count=1)
    return None


def praise(sentence: str, _: str, dice: random.Random) -> str | None:
    for pattern, options in dice.sample(_PRAISE, 2):
        made = re.sub(pattern, dice.choice(options), sentence, count=1)
        if made != sentence:
            return made
    return None


ALTERATIONS: dict[str, Callable[[str, str, random.Random], str | None]] = {
    "negation": negation, "systems swapped": systems, "direction": direction, "item swapped": item,
    "scope widened": scope, "hedge dropped": hedge, "causality": causality, "claims merged": merged,
    "attribution": attribution, "praise": praise,
}  # fmt: skip


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


def _even(found: dict[str, list[Claim]], size: int, shares: dict[str, float]) -> list[Claim]:
    rest = (1 - sum(shares.values())) / (len(found) - len(shares))
    return [
        claim for kind in sorted(found)
        for claim in found[kind][: round(size * shares.get(kind, rest))]
    ]  # fmt: skip


def train(size: int, seed: int) -> None:
    """Fit the judge to sentences of the training half that pass the rules, and store it."""
    import numpy as np

    rows, labels = [], []
    for claim in build_claims("train", size, seed, papers=9000):
        grounder = Grounder(claim.title, claim.abstract)
        if grounder.find_by_rules(claim.sentence):
            rows.append(grounder.measure(claim.sentence))
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
    print(f"{len(rows)} sentences", dict(zip(FEATURES, weights.round(2), strict=False)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--half", default="test", choices=("train", "test"))
    parser.add_argument("--show", type=int, default=0, help="print so many mistakes of each kind")
    parser.add_argument("--train", action="store_true", help="fit the judge and store its weights")
    arguments = parser.parse_args()
    if arguments.train:
        train(2400, arguments.seed)
        return
    total, right = Counter[tuple[bool, str]](), Counter[tuple[bool, str]]()
    for claim in build_claims(arguments.half, arguments.size, arguments.seed):
        key = (claim.true, claim.kind)
        source = ground(claim.title, claim.abstract, claim.sentence)
        total[key] += 1
        right[key] += bool(source) == claim.true
        if bool(source) != claim.true and total[key] - right[key] <= arguments.show:
            print(f"[{claim.kind}] {claim.sentence}\n    {source or claim.abstract}")
    for key in sorted(total):
        print(f"{'kept' if key[0] else 'caught':7} {key[1]:22} {right[key]:4} of {total[key]:4}")
    for side, name in ((True, "true sentences kept"), (False, "false sentences caught")):
        share = [sum(n for k, n in c.items() if k[0] is side) for c in (right, total)]
        print(f"{name:30} {share[0] / share[1]:6.1%} of {share[1]}")


if __name__ == "__main__":
    main()
