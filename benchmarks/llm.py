"""What asking a language model costs: the client's concurrency, and the transformers path.

    python benchmarks/llm.py server                 200 papers, one and eight at a time, 50 ms each
    python benchmarks/llm.py transformers --layers 28 --width 1536 --batches 1,4,16,64

`server` starts a server that takes a fixed time per request. `transformers` builds a causal model
of random weights (the defaults above have about 1.5 billion parameters) and reports papers and
tokens per second at each batch size; it is meant for a GPU, and takes --layers 2 --width 64 on a
CPU. Random weights write until a field is full, so a paper costs about 700 tokens.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from summarizer.generate import generate
from summarizer.prompt import Paper, messages
from summarizer.server import Server

ROOT = Path(__file__).resolve().parents[1]


def paper(number: int) -> Paper:
    said = f"We propose a kettle that boils {number} cups of tea. It saves {number + 1} minutes."
    return Paper(f"A kettle, number {number}", said + " Tea is old and often too hot." * 6)


def server(papers: int, delay: float) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.llm_server", "--echo", "--delay", str(delay)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert running.stdout is not None
    address = running.stdout.readline().strip()
    texts = [paper(n) for n in range(papers)]
    seconds = {}
    try:
        for concurrency in (1, 8):
            started = time.perf_counter()
            made = list(generate(texts, Server(address, "toy", concurrency=concurrency)))
            seconds[concurrency] = time.perf_counter() - started
            assert all(summary.method == "generated" for _, summary in made)
            print(f"{concurrency} at a time: {papers / seconds[concurrency]:7.1f} papers/s")
    finally:
        running.kill()
        running.wait()
    print(f"ratio: {seconds[1] / seconds[8]:.2f}")


def transformers(layers: int, width: int, batches: list[int]) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from summarizer.local import Local
    from tests.summarizer.models import tokenizer

    with tempfile.TemporaryDirectory() as folder:
        size = tokenizer(Path(folder))
        heads = max(2, width // 128)
        config = Qwen2Config(
            vocab_size=max(size, 151_936 if width > 512 else size), hidden_size=width,
            intermediate_size=6 * width, num_hidden_layers=layers, num_attention_heads=heads,
            num_key_value_heads=2, max_position_embeddings=8192, eos_token_id=1, pad_token_id=0,
        )  # fmt: skip
        Qwen2ForCausalLM(config).save_pretrained(folder)
        for batch in batches:
            model = Local(folder, batch=batch)
            asked = [messages(paper(n), "en") for n in range(batch)]
            started = time.perf_counter()
            said = [fields for _, fields in model.write(asked, "en")]
            seconds = time.perf_counter() - started
            characters = sum(
                len(v) for f in said if not isinstance(f, Exception) for v in f.values()
            )
            print(
                f"batch {batch:3}: {batch / seconds:7.2f} papers/s, {characters / seconds:8.0f}"
                f" characters/s, {model.probe()}",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("server", "transformers"))
    parser.add_argument("--papers", type=int, default=200)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--layers", type=int, default=28)
    parser.add_argument("--width", type=int, default=1536)
    parser.add_argument("--batches", default="1,4,16,64")
    given = parser.parse_args()
    if given.what == "server":
        server(given.papers, given.delay)
    else:
        transformers(given.layers, given.width, [int(n) for n in given.batches.split(",")])


if __name__ == "__main__":
    main()
