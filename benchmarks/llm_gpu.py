"""Tokens a second of a language model with random weights on a GPU, and the share of the roofline.

    python benchmarks/llm_gpu.py                        an 8B architecture, batch 64, transformers
    python benchmarks/llm_gpu.py --engine vllm          the same with vLLM, if it is installed
    python benchmarks/llm_gpu.py --tiny                 a tiny model, to check the script on a CPU

The weights are random and nothing is downloaded: speed does not depend on what they are. Decoding
reads all weights and the key-value cache once a step, so its bound is the memory's bandwidth;
reading the prompt is bound by arithmetic. The defaults of ``--bandwidth`` and ``--flops`` are those
of an H200 in bfloat16; a card with other numbers needs them given.
"""

import argparse
import importlib.util
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """The architecture of a decoder with grouped queries."""

    hidden: int = 4096
    layers: int = 32
    heads: int = 32
    kv_heads: int = 8
    inner: int = 14336
    words: int = 128256

    @property
    def parameters(self) -> int:
        """Those that a step multiplies with: the table of input words is looked up."""
        head = self.hidden // self.heads
        attention = self.hidden * head * (2 * self.heads + 2 * self.kv_heads)
        return self.layers * (attention + 3 * self.hidden * self.inner) + self.hidden * self.words

    def cache_bytes(self, tokens: int) -> int:
        """Return the size of keys and values of ``tokens`` in two bytes a number."""
        return tokens * self.layers * 2 * self.kv_heads * (self.hidden // self.heads) * 2


TINY = Shape(hidden=64, layers=2, heads=4, kv_heads=2, inner=128, words=512)


@dataclass(frozen=True, slots=True)
class Load:
    """How many prompts at once, their length, and how much is written for each."""

    batch: int
    prompt: int
    written: int


@dataclass(frozen=True, slots=True)
class Card:
    """What the hardware can do at most, a second."""

    bandwidth: float
    flops: float


def bounds(shape: Shape, load: Load, card: Card) -> tuple[float, float]:
    """Return the least seconds for reading the prompts and for writing, by the roofline."""
    read = 2 * shape.parameters * load.batch * load.prompt / card.flops
    weights = 2 * shape.parameters
    mean_cache = load.batch * shape.cache_bytes(load.prompt + load.written // 2)
    step_memory = (weights + mean_cache) / card.bandwidth
    step_arithmetic = 2 * shape.parameters * load.batch / card.flops
    return read, load.written * max(step_memory, step_arithmetic)


def llama_config(shape: Shape, load: Load) -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(
        hidden_size=shape.hidden, num_hidden_layers=shape.layers, num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads, intermediate_size=shape.inner, vocab_size=shape.words,
        max_position_embeddings=load.prompt + load.written + 8, tie_word_embeddings=False,
        bos_token_id=1, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip


def transformers_run(shape: Shape, load: Load) -> Callable[[int], None]:
    """Return what reads the prompts and writes so many tokens for each."""
    import torch
    from transformers import AutoModelForCausalLM

    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(llama_config(shape, load), dtype=torch.bfloat16)
    model.eval()
    prompts = torch.randint(2, shape.words, (load.batch, load.prompt), device=device)

    def run(written: int) -> None:
        with torch.inference_mode():
            model.generate(
                prompts, attention_mask=torch.ones_like(prompts), do_sample=False,
                max_new_tokens=written, min_new_tokens=written,
            )  # fmt: skip
        if device == "cuda":
            torch.cuda.synchronize()

    return run


def vllm_run(shape: Shape, load: Load) -> Callable[[int], None]:
    """Return the same for vLLM, whose weights are made up by its loader of dummies."""
    import torch
    from vllm import LLM, SamplingParams

    folder = Path(tempfile.mkdtemp())
    config = llama_config(shape, load).to_dict() | {
        "architectures": ["LlamaForCausalLM"], "torch_dtype": "bfloat16"
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    model = LLM(
        str(folder), load_format="dummy", skip_tokenizer_init=True, dtype="bfloat16",
        max_num_seqs=load.batch, enable_prefix_caching=False,
        max_model_len=load.prompt + load.written + 8,
    )  # fmt: skip
    prompts = [
        {"prompt_token_ids": row}
        for row in torch.randint(2, shape.words, (load.batch, load.prompt)).tolist()
    ]

    def run(written: int) -> None:
        model.generate(
            prompts,
            SamplingParams(temperature=0, max_tokens=written, ignore_eos=True, detokenize=False),
            use_tqdm=False,
        )

    return run


def measure(run: Callable[[int], None], load: Load, rounds: int) -> tuple[float, float]:
    """Return the best seconds for reading the prompts and for writing, after a first round."""
    run(load.written)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run(1)
        read = time.perf_counter() - start
        start = time.perf_counter()
        run(load.written)
        times.append((read, time.perf_counter() - start))
    read = min(one for one, _ in times)
    return read, max(min(all_of_it for _, all_of_it in times) - read, 1e-9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("transformers", "vllm"), default="transformers")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--prompt", type=int, default=512)
    parser.add_argument("--written", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bandwidth", type=float, default=4.8e12, help="bytes a second")
    parser.add_argument("--flops", type=float, default=989e12)
    parser.add_argument("--tiny", action="store_true")
    arguments = parser.parse_args()
    if importlib.util.find_spec(arguments.engine) is None:
        parser.exit(1, f"{arguments.engine} is not installed.\n")
    shape = TINY if arguments.tiny else Shape()
    load = Load(arguments.batch, arguments.prompt, arguments.written)
    card = Card(arguments.bandwidth, arguments.flops)
    run = (vllm_run if arguments.engine == "vllm" else transformers_run)(shape, load)
    read, written = measure(run, load, arguments.rounds)
    least_read, least_written = bounds(shape, load, card)
    print(json.dumps({
        "engine": arguments.engine, "shape": asdict(shape), "load": asdict(load),
        "parameters": shape.parameters,
        "prompt tokens a second": round(load.batch * load.prompt / read),
        "prompt, share of the roofline": round(least_read / read, 3),
        "written tokens a second": round(load.batch * (load.written - 1) / written),
        "writing, share of the roofline": round(least_written / written, 3),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
