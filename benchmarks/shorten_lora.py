"""A low-rank adapter for the bundled language model that shortens and joins evidence sentences.

    python benchmarks/shorten_lora.py train --gguf FILE --out lora.npz [--minutes 25] [--rank 8]
    python benchmarks/shorten_lora.py blind --gguf FILE --lora lora.npz --out FOLDER [--papers 30]

Needs torch, transformers, accelerate and the package `gguf`: transformers reads the weights of the
GGUF file in full precision. Pairs come from SciTLDR's training papers (the two sentences that have
most words of a summary by its author, and that summary) and from results of arXiv abstracts that
are shortened by rule. `blind` writes `sheet.md`, where each paper has the extract's line and the
adapter's line in random order, and `key.json`, which says which is which; read the sheet first.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claim_rewrites import shortened
from claims import Source, read_papers

from summarizer import summarize
from summarizer.grounding.proof import Grounder
from summarizer.text.sentences import split_sentences
from summarizer.text.stems import content_stems

_PROMPT = "<|im_start|>user\nShorten to one sentence: {}<|im_end|>\n<|im_start|>assistant\n"
_END = "<|im_end|>"
_LEAST_COVERED = 0.8  # of the words of a summary, by two sentences
_TARGETS = ("q_proj", "v_proj", "o_proj", "up_proj", "down_proj")
_MOST_TOKENS = 192


def pairs(papers: list[Source], dice: random.Random) -> Iterator[tuple[str, str]]:
    """Yield evidence and the short sentence that should be made of it."""
    for paper in papers:
        sentences = split_sentences(paper.abstract)
        for tldr in paper.tldrs:
            words = content_stems(tldr)
            evidence = _evidence(words, sentences)
            if words and len(words & content_stems(evidence)) >= _LEAST_COVERED * len(words):
                yield evidence, tldr
        for sentence in sentences if not paper.tldrs else ():
            short = shortened(sentence, dice)
            if short and "%" in sentence and len(short.split()) < 0.8 * len(sentence.split()):
                yield sentence, short


def _evidence(words: frozenset[str], sentences: list[str]) -> str:
    ranked = sorted(sentences, key=lambda s: -len(words & content_stems(s)))[:2]
    return " ".join(s for s in sentences if s in ranked)


def load(gguf: Path, rank: int) -> tuple[Any, Any, dict[str, Any]]:
    """Return the tokenizer, the model with an adapter, and the adapter's parameters by name."""
    import torch
    from torch import nn
    from transformers import AutoModelForCausalLM, AutoTokenizer

    class Adapted(nn.Module):
        def __init__(self, base: Any) -> None:
            super().__init__()
            self.base = base
            scale = 1 / math.sqrt(base.in_features)
            self.down = nn.Parameter(torch.randn(rank, base.in_features) * scale)
            self.up = nn.Parameter(torch.zeros(base.out_features, rank))

        def forward(self, x: Any) -> Any:
            return self.base(x) + 2 * (x @ self.down.T) @ self.up.T

    torch.manual_seed(7)
    source = {"gguf_file": gguf.name}
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **source)
    model = AutoModelForCausalLM.from_pretrained(gguf.parent, **source, dtype=torch.float32)
    model.requires_grad_(False)
    for _, module in list(model.named_modules()):
        for name, child in list(module.named_children()):
            if name in _TARGETS:
                setattr(module, name, Adapted(child))
    adapter = {name: p for name, p in model.named_parameters() if p.requires_grad}
    return tokenizer, model, adapter


def train(gguf: Path, out: Path, minutes: float, rank: int) -> None:
    """Train until the minutes are over, with a fixed seed; short sequences only."""
    import numpy as np
    import torch

    dice = random.Random(7)
    known = [p for p in read_papers(7, 2000) if p.half == "train"]
    tokenizer, model, adapter = load(gguf, rank)
    size = sum(p.numel() for p in adapter.values())
    rows = [row for pair in pairs(known, dice) if (row := _tokens(tokenizer, *pair))]
    dice.shuffle(rows)
    print(f"{len(rows)} pairs, {size} parameters, {4 * size / 1e6:.1f} MB", flush=True)
    optimizer = torch.optim.AdamW(adapter.values(), lr=5e-4, weight_decay=0.0)
    end, seen = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end and rows:
        start, ids = rows[seen % len(rows)]
        labels = torch.tensor([[-100] * start + ids[start:]])
        with torch.autocast("cpu", torch.bfloat16):
            loss = model(input_ids=torch.tensor([ids]), labels=labels).loss / 4
        loss.backward()
        seen += 1
        if seen % 4 == 0:
            optimizer.step()
            optimizer.zero_grad()
            print(f"{seen} pairs, loss {4 * loss.item():.3f}", flush=True)
    np.savez(out, **{name: p.detach().numpy() for name, p in adapter.items()})
    print(f"trained on {seen} pairs, {time.process_time():.0f} s of CPU time")


def _tokens(tokenizer: Any, evidence: str, short: str) -> tuple[int, list[int]] | None:
    """Return where the answer begins, and all tokens; None if there are too many."""
    prompt = tokenizer(_PROMPT.format(evidence)).input_ids
    answer = tokenizer(short + _END).input_ids
    too_long = len(prompt) + len(answer) > _MOST_TOKENS
    return None if too_long else (len(prompt), prompt + answer)


def blind(gguf: Path, lora: Path, out: Path, number: int, rank: int) -> None:
    """Write lines of the extract and of the adapter about the same papers, in random order."""
    import numpy as np
    import torch

    dice = random.Random(11)
    tokenizer, model, adapter = load(gguf, rank)
    stored = np.load(lora)
    with torch.no_grad():
        for name, parameter in adapter.items():
            parameter.copy_(torch.from_numpy(stored[name]))
    chosen = [p for p in read_papers(11, 2000) if p.half == "test" and not p.tldrs][:number]
    out.mkdir(parents=True, exist_ok=True)
    sheet, key, grounded = [], {}, 0
    for place, paper in enumerate(chosen):
        extract = summarize(paper.title, paper.abstract).tldr
        ids = torch.tensor([tokenizer(_PROMPT.format(extract)).input_ids])
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
            made = model.generate(ids, max_new_tokens=60, do_sample=False)[0][ids.shape[1] :]
        line = tokenizer.decode(made, skip_special_tokens=True).strip().split("\n")[0]
        grounded += bool(Grounder(paper.title, paper.abstract).find_source(line))
        lines = [("extract", extract), ("adapter", line)]
        dice.shuffle(lines)
        key[place] = [name for name, _ in lines]
        sheet.append(f"{place}. {paper.title}\n   A {lines[0][1]}\n   B {lines[1][1]}\n")
    (out / "sheet.md").write_text("\n".join(sheet), "utf-8")
    (out / "key.json").write_text(json.dumps(key), "utf-8")
    print(f"{grounded} of {len(chosen)} lines of the adapter pass the proof")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=("train", "blind"))
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--lora", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=25)
    parser.add_argument("--papers", type=int, default=30)
    parser.add_argument("--rank", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.task == "train":
        train(arguments.gguf, arguments.out, arguments.minutes, arguments.rank)
        return
    if arguments.lora is None:
        parser.error("blind needs --lora")
    blind(arguments.gguf, arguments.lora, arguments.out, arguments.papers, arguments.rank)


if __name__ == "__main__":
    main()
