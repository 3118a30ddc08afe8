"""Language models in this process: any causal model transformers can load, writing valid JSON.

Owns transformers and xgrammar. Models are loaded from safetensors only and never run custom code.
A grammar constrains decoding to the schema, so that even a poor model fills valid fields; whether
their content is right is decided by grounding.

Public surface: ``TransformersModel``, ``EntailmentModel``, ``silence_transformers``.
"""

import json
import logging
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from summarizer.exceptions import (
    ContextExceeded,
    GenerationError,
    ModelUnusable,
    OutputMalformed,
)
from summarizer.llm.forms import AnswerForm
from summarizer.llm.output import FieldsOrError, weigh_yes
from summarizer.llm.prompt import Messages

if TYPE_CHECKING:
    import torch

# What loading and running raise for models that cannot be used.
_FAILURES = (OSError, ValueError, RuntimeError, LookupError, TypeError, AttributeError, ImportError)
_MIN_NEW_TOKENS = 512
_PREMISE_TOKENS = 512
_ALTERNATIVES = 50  # tokens that may come first, among which a yes or no is sought
# Labels of models of inference and of consistency that mean that a premise supports a sentence.
_SUPPORTED = re.compile(
    r"entail|support|consistent|factual|faithful|grounded|true$|yes$|correct$", re.I
)
_UNNAMED = re.compile(r"label_\d+", re.I)


class TransformersModel:
    """The causal model ``model``, a folder or hub id, run on ``batch_size`` papers at a time.

    ``name`` is stored with each summary in place of ``model``. On a GPU the model runs in bfloat16
    or float16, else in float32. ``offline`` forbids downloading a hub model. Raises ModelUnusable
    when it cannot be loaded.
    """

    def __init__(
        self, model: str, *, name: str = "", batch_size: int = 8, offline: bool = False
    ) -> None:
        self.model, self._batch_size = name or model, max(1, batch_size)
        with _report_load_errors(model), silence_transformers():
            from transformers import AutoModelForCausalLM

            self._tokenizer = _load_tokenizer(model, offline)
            self._model, self._device = _load_model(AutoModelForCausalLM, model, offline)
            self._config = self._model.config.get_text_config()
            self._stop_token_ids = _find_stop_token_ids(self._model, self._tokenizer)
            self._compiler = self._build_grammar_compiler()

    def probe(self) -> str:
        """Return the model, its data type and its device."""
        return f"{self.model}, {self._model.dtype} on {self._device}".replace("torch.", "")

    def answer(
        self, chats: Sequence[Messages], form: AnswerForm
    ) -> Iterator[tuple[int, FieldsOrError]]:
        """Yield (index, fields or error), longest prompts first, to keep padding short.

        A paper that leaves fewer than 512 tokens of the context for the answer is not summarised.
        """
        least = min(_MIN_NEW_TOKENS, form.max_tokens)
        prompts = [self._tokenize_chat(messages) for messages in chats]
        order = sorted(range(len(prompts)), key=lambda i: -len(prompts[i]))
        fitting = [i for i in order if len(prompts[i]) + least <= self._context_length]
        for i in order[: len(order) - len(fitting)]:
            tokens, context = len(prompts[i]), self._context_length
            yield i, ContextExceeded(f"The paper takes {tokens} tokens of a context of {context}.")
        for start in range(0, len(fitting), self._batch_size):
            batch = fitting[start : start + self._batch_size]
            yield from zip(
                batch, self._generate_batch([prompts[i] for i in batch], form), strict=True
            )

    @property
    def _context_length(self) -> int:
        return int(getattr(self._config, "max_position_embeddings", 0) or 4096)

    def _tokenize_chat(self, messages: Messages) -> list[int]:
        if not self._tokenizer.chat_template:
            text = "\n\n".join(message["content"] for message in messages) + "\n"
            return list(self._tokenizer(text)["input_ids"])
        # Templates of reasoning models read `enable_thinking`; others ignore it.
        text = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=False, enable_thinking=False
        )
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _generate_batch(
        self, prompts: Sequence[list[int]], form: AnswerForm
    ) -> list[FieldsOrError]:
        """Return the answers to one batch of token lists, which are padded on the left."""
        import torch

        if form.weighs_yes:
            return self._weigh_batch(prompts)
        padded = self._tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt")
        longest = padded["input_ids"].shape[1]
        tokens = min(form.max_tokens, self._context_length - longest)
        with _report_load_errors(self.model), silence_transformers(), torch.inference_mode():
            written = self._model.generate(
                **padded.to(self._device),
                generation_config=self._generation_config(tokens),
                logits_processor=self._grammar_processors(form),
            )[:, longest:].cpu()
        return [self._decode_output(row, form) for row in written]

    def _weigh_batch(self, prompts: Sequence[list[int]]) -> list[FieldsOrError]:
        """Return how likely "yes" is as the first word of each answer, in place of "no"."""
        import torch

        padded = self._tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt")
        with _report_load_errors(self.model), silence_transformers(), torch.inference_mode():
            logits = self._model(**padded.to(self._device)).logits[:, -1].float().cpu()
        best = logits.log_softmax(-1).topk(_ALTERNATIVES)
        return [
            self._weigh_row(tokens, chances)
            for tokens, chances in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    def _weigh_row(self, tokens: Sequence[int], chances: Sequence[float]) -> FieldsOrError:
        words = [str(self._tokenizer.decode([token])) for token in tokens]
        share = weigh_yes(dict(zip(words, chances, strict=True)))
        if share is None:
            return OutputMalformed("The answer is neither yes nor no.")
        return {"yes": f"{share:.4f}"}

    def _decode_output(self, row: "torch.Tensor", form: AnswerForm) -> FieldsOrError:
        finished = any(int(token) in self._stop_token_ids for token in row)
        try:
            text = self._tokenizer.decode(row, skip_special_tokens=True)
            return form.parse(str(text), finished)
        except GenerationError as error:
            return error

    def _generation_config(self, tokens: int) -> Any:
        from transformers import GenerationConfig

        return GenerationConfig(  # type: ignore[no-untyped-call]  # no annotations
            max_new_tokens=tokens, do_sample=False, eos_token_id=self._stop_token_ids,
            pad_token_id=self._tokenizer.pad_token_id,
        )  # fmt: skip

    def _build_grammar_compiler(self) -> Any:
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(
            self._tokenizer, vocab_size=self._config.vocab_size, stop_token_ids=self._stop_token_ids
        )
        return xgrammar.GrammarCompiler(info)

    def _grammar_processors(self, form: AnswerForm) -> list[Any]:
        from xgrammar.contrib.hf import LogitsProcessor

        if form.schema is None:
            return []
        # Compiled grammars are cached by the compiler; a processor can be used for one batch only.
        schema = json.dumps(form.schema)
        return [LogitsProcessor(self._compiler.compile_json_schema(schema, any_whitespace=False))]


class EntailmentModel:
    """A cross-encoder that says whether a premise supports a sentence.

    It is one of natural language inference, of two or three labels, or of factual consistency.
    """

    def __init__(self, model: str, *, offline: bool = False) -> None:
        with _report_load_errors(model), silence_transformers():
            from transformers import AutoModelForSequenceClassification

            self._tokenizer = _load_tokenizer(model, offline)
            self._model, self._device = _load_model(
                AutoModelForSequenceClassification, model, offline
            )
        self._label = _entailment_label(model, self._model.config.id2label)

    def __call__(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """Return the probability of entailment for each (premise, hypothesis)."""
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
    """Return the label for support; of two unnamed labels it is the second."""
    for index, name in names.items():
        if _SUPPORTED.match(name):
            return int(index)
    if len(names) == 2 and all(map(_UNNAMED.fullmatch, names.values())):
        return max(map(int, names))
    raise ModelUnusable(f"The model {model!r} has no label for entailment (llm.entailment_model).")


def _load_tokenizer(model: str, offline: bool) -> Any:
    from transformers import AutoTokenizer

    found: Any = AutoTokenizer.from_pretrained(
        model, trust_remote_code=False, local_files_only=offline, padding_side="left"
    )
    if found.pad_token_id is None:
        found.pad_token = found.eos_token
    return found


def _find_stop_token_ids(model: Any, tokenizer: Any) -> list[int]:
    set_by_model = model.generation_config.eos_token_id
    ends = set_by_model if isinstance(set_by_model, list) else [set_by_model]
    return [end for end in dict.fromkeys([*ends, tokenizer.eos_token_id]) if end is not None]


def _load_model(kind: Any, model: str, offline: bool) -> tuple[Any, str]:
    """Load a model of class ``kind``; return it with the name of its device."""
    device, dtype = _select_device()
    loaded = kind.from_pretrained(
        model, dtype=dtype, use_safetensors=True, trust_remote_code=False,
        local_files_only=offline,
    )  # fmt: skip
    return loaded.to(device).eval(), device


def _select_device() -> tuple[str, "torch.dtype"]:
    import torch

    if not torch.cuda.is_available():
        return "cpu", torch.float32
    narrow = torch.cuda.is_bf16_supported(including_emulation=False)
    return "cuda", torch.bfloat16 if narrow else torch.float16


@contextmanager
def _report_load_errors(model: str) -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
        raise ModelUnusable(f"The model {model!r} cannot be used: {reason}") from error


@contextmanager
def silence_transformers() -> Iterator[None]:
    """Suppress progress bars, warnings and log lines of transformers; the caller shows progress."""
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
