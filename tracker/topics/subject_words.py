"""Words by which a text shows that it is on language models, transformers or neural networks.

Public: `LANGUAGE_MODELS`, `LANGUAGE_MODEL_TITLE`, `TRANSFORMERS`, `NETWORKS`.
"""

import re

LANGUAGE_MODELS = re.compile(
    r"\b(language models?|[A-Z]?LLMs?|LMs|VLMs?|GPT|ChatGPT|chatbots?|agentic|RAG|generative AI"
    r"|foundation models?)\b",
    re.IGNORECASE,
)
# A text without any of these words is on another subject: its agents play games, its inference is
# statistical. "Attention" and "architecture" do not suffice.
TRANSFORMERS = re.compile(
    r"\b(language[- ]models?|[A-Z]?LLMs?|LMs|VLMs?|GPT|ChatGPT|chatbots?|agentic|RAG"
    r"|retrieval[- ]augmented|transformers?|foundation models?|generative AI|pre-?train\w*"
    r"|fine-?tun\w*|prompt\w*|tokens?|tokeni\w+|self-attention|vision[- ]language|LoRA|RLHF|MoE"
    r"|mixture[- ]of[- ]experts|chain[- ]of[- ]thought|red[- ]teaming|quantized|autoregressive)\b",
    re.IGNORECASE,
)
# These suffice for a direction. Dimensions have names that mean other things in other networks:
# their attention is that of pupils, and their safety that of trucks.
NETWORKS = re.compile(
    r"\b(AI|(neural|gating|deep) networks?|neural|deep learning|generative|multimodal|diffusion"
    r"|embeddings?|autonomous agents|distillation|interpretab\w+)\b",
    re.IGNORECASE,
)
LANGUAGE_MODEL_TITLE = re.compile(r"\blanguage models?\b|\b[A-Za-z]{0,2}LLMs?\b", re.IGNORECASE)
