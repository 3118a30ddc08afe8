"""Throughput of language models: concurrent requests to a server, and transformers in process.

    python benchmarks/llm.py server                 200 papers, one and eight at a time, 50 ms each
    python benchmarks/llm.py transformers --layers 28 --width 1536 --batches 1,4,16,64

`server` starts a server that needs a fixed time per request. `transformers` creates a causal model
with random weights (the defaults above have about 1.5 billion parameters) and reports papers and
characters per second at each batch size; it is meant for a GPU: use --layers 2 --width 64 on a
CPU. Random weights write until a field is full, so a paper takes about 700 tokens.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from summarizer.llm.forms import summary_form
from summarizer.llm.generate import generate_summaries
from summarizer.llm.openai_server import OpenAIServerModel
from summarizer.llm.prompt import Paper, build_messages

ROOT = Path(__file__).resolve().parents[1]


def paper(number: int) -> Paper:
    text = f"We propose a kettle that boils {number} cups of tea. It saves {number + 1} minutes."
    return Paper(f"A kettle, number {number}", text + " Tea is old and often too hot." * 6)


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
            model = OpenAIServerModel(address, "toy", concurrency=concurrency)
            summaries = list(generate_summaries(texts, model))
            seconds[concurrency] = time.perf_counter() - started
            assert all(summary.method == "generated" for _, summary in summaries)
            print(f"{concurrency} at a time: {papers / seconds[concurrency]:7.1f} papers/s")
    finally:
        running.kill()
        running.wait()
    print(f"ratio: {seconds[1] / seconds[8]:.2f}")


def transformers(layers: int, width: int, batches: list[int]) -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    from summarizer.llm.transformers import TransformersModel
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
            model = TransformersModel(folder, batch_size=batch)
            chats = [build_messages(paper(n), "en") for n in range(batch)]
            started = time.perf_counter()
            results = [fields for _, fields in model.answer(chats, summary_form("en"))]
            seconds = time.perf_counter() - started
            characters = sum(
                len(v) for f in results if not isinstance(f, Exception) for v in f.values()
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
    arguments = parser.parse_args()
    if arguments.what == "server":
        server(arguments.papers, arguments.delay)
    else:
        batches = [int(n) for n in arguments.batches.split(",")]
        transformers(arguments.layers, arguments.width, batches)


if __name__ == "__main__":
    main()
