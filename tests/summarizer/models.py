"""Tiny language models with random weights, created and saved in a folder for tests."""

from collections.abc import Sequence
from pathlib import Path

from tests.extras import needs_models

TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WORDS = (
    "We propose ToyNet, a graph attention network that sorts socks of any colour and shape.",
    "Experiments on SockBench show that accuracy improves by 12.5% over PairNet in 3 of 4 cases.",
    '{"tldr": "", "problem": "", "method": "", "result": "", "why_it_matters": "", "limits": ""}',
)


def tokenizer(folder: Path) -> int:
    """Save a byte-level BPE tokenizer with a chat template and return its size."""
    needs_models()
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>"]
    bpe.train_from_iterator(WORDS, trainers.BpeTrainer(
        vocab_size=480, special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False,
    ))  # fmt: skip
    fast = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|end|>", pad_token="<|pad|>",
        extra_special_tokens=special[2:], chat_template=TEMPLATE,
    )  # fmt: skip
    fast.save_pretrained(folder)
    return len(fast)


def causal(folder: Path, *, context: int = 8192) -> Path:
    """Save a two-layer Llama of random weights under `folder`."""
    size = tokenizer(folder)
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(18)  # gives short answers
    config = LlamaConfig(
        vocab_size=size, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=context,
        eos_token_id=1, pad_token_id=0, bos_token_id=None,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


NLI = ("contradiction", "neutral", "entailment")


def entailment(folder: Path, labels: Sequence[str] = NLI) -> Path:
    """Save a tiny cross-encoder of random weights with these labels."""
    size = tokenizer(folder)
    from transformers import BertConfig, BertForSequenceClassification

    config = BertConfig(
        vocab_size=size, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
        num_attention_heads=2, num_labels=len(labels), pad_token_id=0,
        id2label=dict(enumerate(labels)), label2id={label: n for n, label in enumerate(labels)},
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder
