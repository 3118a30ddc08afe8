"""Words that matter in the name of a theme: which are vague, which are nouns, and short names.

Public: `DIRECTION_NAMES`, `DOMAINS`, `aliases_of`, `long_form`, `is_vague_phrase`, `is_seed_name`, `is_noun`.
"""

from collections.abc import Mapping

from tracker.topics.phrase_counts import fold_word

# The directions of the taxonomy as they are called within a name. Directions of the user have the
# name of the settings.
DIRECTION_NAMES: Mapping[str, str] = {
    "moe": "Mixture of experts",
    "agents": "LLM agents",
    "rag": "Retrieval-augmented generation",
    "multimodal": "Multimodal models",
    "small-models": "Small language models",
    "alignment-methods": "Preference alignment",
    "reasoning": "Reasoning models",
    "long-context": "Long context",
    "compression": "Model compression",
    "fine-tuning": "Parameter-efficient fine-tuning",
    "safety-security": "LLM safety",
    "evaluation": "LLM evaluation",
    "data": "Training data",
    "code": "Code models",
    "interpretability": "Interpretability of models",
}
# A phrase that ends with one of these, or begins with one of those, names nothing by itself.
_VAGUE_ENDS = frozenset(
    """
    task rate score performance size method problem setting value benchmark dataset number ability
    success level example sample input output state step feature result challenge question answer
    study approach framework process case type term form part element component text response
    prompt test human english new mean bound algorithm technique environment token
    """.split()
)
_VAGUE_STARTS = frozenset(
    """
    new novel high low large small multiple near base current different diverse general global
    local key main single various complex simple better best state informed partial
    """.split()
)
_VAGUE_WORDS = frozenset(
    """
    language model reasoning knowledge context content social interaction optimization learning
    representation semantic adaptive dynamic hybrid latent classification prediction estimation
    detection verification selection generation attention transformer synthetic training tuning
    trace policy weight image visual gradient sampling synthesis extraction evolution simulation
    alignment assessment evaluation scaling inference document query querie media head action object
    agent edge mean activation compression risk fusion discovery physic sequence graph ensemble emotion item discovery object foundation agentic adversarial multilingual multimodal generative
    """.split()
)
_PARTICIPLES = frozenset({"based", "driven", "aware", "guided", "informed", "augmented", "free"})
_NOUN_ENDINGS = ("tion", "sion", "ment", "ity", "ness", "ism", "acy")
# Words that end like a participle and are nouns.
_PARTICIPLE_NOUNS = frozenset(
    """
    clustering decoding distilling embedding forecasting jailbreaking planning pretraining prompting
    pruning reranking routing tuning unlearning watermarking tokenization
    """.split()
)
_GERUNDS = frozenset(
    """
    learning engineering modeling reasoning matching processing computing teaming editing training
    routing understanding answering scaling sampling grounding hacking steering caching thinking
    """.split()
)
# Phrases that are adjectives although their last word is a noun: "multi-agent systems".
_ADJECTIVES = frozenset(
    """
    multi agent|multi turn|multi hop|multi step|multi task|black box|white box|vision language
    |mixed precision|cross lingual|low rank|low bit|open source|open world|real time|zero shot
    |few shot|end to end|large scale|in context|long horizon|multi modal|audio language|image text
    |text to image|speech to text|physic informed|self supervised|decision making|open ended
    |human ai|fine grained|training free|parameter efficient|agentic|mechanistically|multimodal
    |quantized|retrieval augmented|tool augmented|omni modal|any to any|on device|4 bit|sub billion
    |byte level|instruction following|human centered|data driven|stochastic gradient|vision language action|co design|self evolving|llm reasoning|augmented generation
    |chain of thought reasoning
    """.replace("\n", " ").split("|")
)
_ADJECTIVE_PHRASES = frozenset(" ".join(phrase.split()) for phrase in _ADJECTIVES)
# Seed phrases of the taxonomy that are evidence for a direction but not a name.
_SEED_EVIDENCE = frozenset(
    {
        "react",
        "spin",
        "kto",
        "orpo",
        "superposition",
        "source code",
        "a benchmark",
        "retriever",
        "retrieved document",
        "evaluation framework",
        "evaluation suite",
        "human evaluation",
        "adversarial",
    }
)
# Acronyms and other names of a phrase, folded. Those of the first are written as the phrase is.
_ALIASES: Mapping[str, tuple[str, ...]] = {
    "retrieval augmented generation": ("rag", "retrieval augmented", "retrieval augmented llm"),
    "vision language model": (
        "vlm",
        "mllm",
        "lvlm",
        "multimodal llm",
        "multimodal large language model",
    ),
    "chain of thought": ("cot",),
    "verifiable reward": ("rlvr",),
    "mixture of expert": ("moe",),
    "reinforcement learning": ("rl",),
    "state space model": ("ssm", "mamba"),
    "graph neural network": ("gnn",),
    "partial differential equation": ("pde",),
    "diffusion language model": ("dllm", "masked diffusion language model", "diffusion llm"),
    "large language model": ("llm",),
    "code generation": ("code llm",),
    "llm agent": ("language agent", "language model agent", "agentic llm"),
    "coding agent": ("code agent", "software engineering agent", "swe agent"),
    "red teaming": ("red team",),
    "jailbreak": ("jailbreaking", "jailbreak attack"),
    "kv cache": ("key value cache",),
}
# Fields of application and the words by which titles and abstracts show that they are about them.
_DOMAIN_WORDS: Mapping[str, tuple[str, ...]] = {
    "medicine": ("medical", "clinical", "clinician", "radiology", "biomedical", "healthcare"),
    "finance": ("financial",),
    "law": ("legal",),
    "education": ("educational", "classroom", "pedagogical"),
    "robotic": ("robot", "robotic manipulation", "humanoid"),
    "multilingual model": ("multilingual", "cross lingual", "low resource language"),
}
DOMAINS = frozenset(_DOMAIN_WORDS) - {"multilingual model"}
_LONG_FORMS = {alias: phrase for phrase, aliases in _ALIASES.items() for alias in aliases}
# The share of a noun's occurrences that are plural, if it has a plural.
_PLURAL_SHARE = 0.2


def is_vague_phrase(phrase: str) -> bool:
    """Whether a folded phrase is too general, or unfinished, to name a theme."""
    words = phrase.split()
    if len(words) == 1:
        return phrase in _VAGUE_WORDS | _VAGUE_ENDS | _VAGUE_STARTS
    is_open = words[-1] in _VAGUE_ENDS or words[0] in _VAGUE_STARTS
    is_participle = words[-1].endswith("ing") and words[-1] not in _GERUNDS | _PARTICIPLE_NOUNS
    return is_open or is_participle or words[-1] in _PARTICIPLES or phrase in _ADJECTIVE_PHRASES


def is_seed_name(phrase: str) -> bool:
    """Whether a folded seed phrase of the taxonomy can be part of a name."""
    if phrase in _SEED_EVIDENCE | _ADJECTIVE_PHRASES or phrase.split(maxsplit=1)[0] in (
        "we",
        "a",
        "new",
    ):
        return False
    return not phrase.endswith((" for", "ing large language model"))


def is_noun(word: str, written: Mapping[str, int]) -> bool:
    """Whether a folded word is a noun, judged by its ending and by how often it is plural."""
    if word.endswith("ing"):
        return word in _PARTICIPLE_NOUNS
    if word.endswith(_NOUN_ENDINGS):
        return True
    plural, singular = written.get(f"{word}s", 0), written.get(word, 0)
    return fold_word(word) == word and plural >= _PLURAL_SHARE * (plural + singular) > 0


def aliases_of(phrase: str) -> tuple[str, ...]:
    """Return the acronyms and other names of a folded phrase."""
    return _ALIASES.get(phrase) or _DOMAIN_WORDS.get(phrase, ())


def long_form(phrase: str) -> str:
    """Return the folded phrase that an acronym or other name means, or the phrase itself."""
    return _LONG_FORMS.get(phrase, phrase)
