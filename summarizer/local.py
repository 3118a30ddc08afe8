"""Language models in this process: any causal model that transformers can load, writing valid JSON.

Owns transformers and xgrammar. Models are read from safetensors only and never run code of their
own. Decoding is held to the schema by a grammar, so that even a poor model fills valid fields;
what it says in them is for the proof to judge.

Public surface: ``Local``, ``Entailment``, ``quiet``.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from summarizer import answer
from summarizer.answer import Answered
from summarizer.errors import GenerationError, ModelUnusable, Truncated
from summarizer.prompt import Messages, schema

if TYPE_CHECKING:
    import torch

# What loading and running raise for models that cannot be used as they are.
_FAILURES = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError)
_NEW_TOKENS = 2048
_LEAST_ROOM = 512
_PREMISE_TOKENS = 512


class Local:
    """Writes with the model in the folder or of the hub id ``model``, ``batch`` papers at a time.

    ``name`` is what it is called in what it writes. On a GPU it runs in bfloat16 or float16, else
    in float32. ``offline`` forbids fetching a hub model. Raises ModelUnusable when it cannot be
    loaded.
    """

    def __init__(
        self, model: str, *, name: str = "", batch: int = 8, offline: bool = False
    ) -> None:
        self.model, self._batch = name or model, max(1, batch)
        with _usable(model), quiet():
            from transformers import AutoModelForCausalLM

            self._tokenizer = _tokenizer(model, offline)
            self._model, self._device = _loaded(AutoModelForCausalLM, model, offline)
            self._config = self._model.config.get_text_config()
            self._ends = _end_tokens(self._model, self._tokenizer)
            self._compiler = self._grammar_compiler()

    def probe(self) -> str:
        """What runs and on what, in words."""
        return f"{self.model}, {self._model.dtype} on {self._device}".replace("torch.", "")

    def write(self, asked: Sequence[Messages], language: str) -> Iterator[tuple[int, Answered]]:
        """Yield (index, fields or error), longest papers first, so that a batch pads little."""
        prompts = [self._prompt(messages) for messages in asked]
        order = sorted(range(len(prompts)), key=lambda i: -len(prompts[i]))
        fitting = [i for i in order if len(prompts[i]) + _LEAST_ROOM <= self._context]
        for i in order[: len(order) - len(fitting)]:
            yield (
                i,
                Truncated(
                    f"The paper takes {len(prompts[i])} tokens of a context of {self._context}."
                ),
            )
        for start in range(0, len(fitting), self._batch):
            batch = fitting[start : start + self._batch]
            yield from zip(batch, self._answers([prompts[i] for i in batch], language), strict=True)

    @property
    def _context(self) -> int:
        return int(getattr(self._config, "max_position_embeddings", 0) or 4096)

    def _prompt(self, messages: Messages) -> list[int]:
        if not self._tokenizer.chat_template:
            text = "\n\n".join(message["content"] for message in messages) + "\n"
            return list(self._tokenizer(text)["input_ids"])
        # `enable_thinking` is what the templates of reasoning models look at; others ignore it.
        text = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=False, enable_thinking=False
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _answers(self, prompts: Sequence[list[int]], language: str) -> list[Answered]:
        """The answers to one batch of token lists, padded on the left."""
        import torch

        padded = self._tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt")
        longest = padded["input_ids"].shape[1]
        with _usable(self.model), quiet(), torch.inference_mode():
            written = self._model.generate(
                **padded.to(self._device),
                generation_config=self._settings(min(_NEW_TOKENS, self._context - longest)),
                logits_processor=[self._grammar(language)],
            )[:, longest:].cpu()
        return [self._read(row) for row in written]

    def _read(self, row: "torch.Tensor") -> Answered:
        finished = any(int(token) in self._ends for token in row)
        try:
            text = self._tokenizer.decode(row, skip_special_tokens=True)
            return answer.read(str(text), finished=finished)
        except GenerationError as error:
            return error

    def _settings(self, tokens: int) -> Any:
        from transformers import GenerationConfig

        return GenerationConfig(  # type: ignore[no-untyped-call]  # no annotations
            max_new_tokens=tokens, do_sample=False, eos_token_id=self._ends,
            pad_token_id=self._tokenizer.pad_token_id,
        )  # fmt: skip

    def _grammar_compiler(self) -> Any:
        import xgrammar

        known = xgrammar.TokenizerInfo.from_huggingface(
            self._tokenizer, vocab_size=self._config.vocab_size, stop_token_ids=self._ends
        )
        return xgrammar.GrammarCompiler(known)

    def _grammar(self, language: str) -> Any:
        from xgrammar.contrib.hf import LogitsProcessor

        # Compiled grammars are cached by the compiler; a processor serves one batch only.
        return LogitsProcessor(
            self._compiler.compile_json_schema(schema(language), any_whitespace=False)
        )


class Entailment:
    """A cross-encoder for natural language inference: does the premise entail the hypothesis?"""

    def __init__(self, model: str, *, offline: bool = False) -> None:
        with _usable(model), quiet():
            from transformers import AutoModelForSequenceClassification

            self._tokenizer = _tokenizer(model, offline)
            self._model, self._device = _loaded(AutoModelForSequenceClassification, model, offline)
        self._label = _entailment_label(model, self._model.config.id2label)

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Probability of entailment for each (premise, hypothesis)."""
        import torch

        with torch.inference_mode():
            batch = self._tokenizer(
                [premise for premise, _ in pairs], [hypothesis for _, hypothesis in pairs],
                padding=True, truncation="only_first", max_length=_PREMISE_TOKENS,
                return_tensors="pt",
            )  # fmt: skip
            scores = self._model(**batch.to(self._device)).logits.float().softmax(dim=-1)
        return [float(row[self._label]) for row in scores]


def _entailment_label(model: str, names: dict[int, str]) -> int:
    for index, name in names.items():
        if name.lower().startswith("entail"):
            return int(index)
    raise ModelUnusable(f"The model {model!r} has no label for entailment (llm.entailment_model).")


def _tokenizer(model: str, offline: bool) -> Any:
    from transformers import AutoTokenizer

    found: Any = AutoTokenizer.from_pretrained(
        model, trust_remote_code=False, local_files_only=offline, padding_side="left"
    )
    if found.pad_token_id is None:
        found.pad_token = found.eos_token
    return found


def _end_tokens(model: Any, tokenizer: Any) -> list[int]:
    set_by_model = model.generation_config.eos_token_id
    ends = set_by_model if isinstance(set_by_model, list) else [set_by_model]
    return [end for end in dict.fromkeys([*ends, tokenizer.eos_token_id]) if end is not None]


def _loaded(kind: Any, model: str, offline: bool) -> tuple[Any, str]:
    """A model of one of transformers' kinds, ready on the device that is named."""
    device, dtype = _device()
    loaded = kind.from_pretrained(
        model, dtype=dtype, use_safetensors=True, trust_remote_code=False,
        local_files_only=offline,
    )  # fmt: skip
    return loaded.to(device).eval(), device


def _device() -> tuple[str, "torch.dtype"]:
    import torch

    if not torch.cuda.is_available():
        return "cpu", torch.float32
    narrow = torch.cuda.is_bf16_supported(including_emulation=False)
    return "cuda", torch.bfloat16 if narrow else torch.float16


@contextmanager
def _usable(model: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise ModelUnusable(f"The model {model!r} cannot be used: {reason}") from error


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars, warnings or log lines of transformers: progress is the caller's to show."""
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # has no annotations
    logger = logging.getLogger("transformers")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)
