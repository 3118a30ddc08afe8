"""Words that matter in the name of a theme: vague words, aliases, and short names of directions.

Public: `DIRECTION_NAMES`, `DOMAINS`, `aliases_of`, `long_form`, `is_vague_phrase`, `is_seed_name`,
`can_stand_alone`, `split_name`, `lower_first`.
"""

import re
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
    ability algorithm answer approach benchmark bound case challenge component dataset element
    english environment example feature form framework human input level mean method new number
    output part performance problem process prompt question rate response result sample score
    setting size state step study success task technique term test text token type value
    """.split()
)
_VAGUE_STARTS = frozenset(
    """
    base best better complex current different diverse general global high informed key large
    local low main multiple near new novel partial simple single small state various
    """.split()
)
_VAGUE_WORDS = frozenset(
    """
    action activation adaptive adversarial agent agentic alignment assessment attention
    classification compression content context detection discovery document dynamic edge emotion
    ensemble estimation evaluation evolution extraction foundation fusion generation generative
    gradient graph head humans hybrid image inference instruction interaction item knowledge
    language latent
    learning mean media model multilingual multimodal object optimization physic policy
    prediction preference querie query reasoning representation reward risk sampling scaling
    selection semantic
    sequence simulation social synthesis synthetic trace training transformer tuning
    verification visual weight
    """.split()
)
_PARTICIPLES = frozenset({"based", "driven", "aware", "guided", "informed", "augmented", "free"})
_NAMING_ENDINGS = ("tion", "sion", "ment", "ity", "ness", "ism", "acy")
# Words that end like a participle and are nouns.
_NAMING_PARTICIPLES = frozenset(
    """
    clustering decoding distilling embedding forecasting jailbreaking planning pretraining
    prompting pruning reranking routing tokenization tuning unlearning watermarking
    """.split()
)
_GERUNDS = frozenset(
    """
    answering caching computing editing engineering grounding hacking learning matching modeling
    processing reasoning routing sampling scaling steering teaming thinking training
    understanding
    """.split()
)
# Phrases that are adjectives although their last word is a noun: "multi-agent systems".
_ADJECTIVES = frozenset(
    """
    multi agent | multi turn | multi hop | multi step | multi task | black box | white box |
    vision language | mixed precision | cross lingual | low rank | low bit | open source | open
    world | real time | zero shot | few shot | end to end | large scale | in context | long
    horizon | multi modal | audio language | image text | text to image | speech to text |
    physic informed | self supervised | decision making | open ended | human ai | fine grained |
    training free | parameter efficient | agentic | mechanistically | multimodal | quantized |
    retrieval augmented | tool augmented | omni modal | any to any | on device | 4 bit | sub
    billion | byte level | instruction following | human centered | data driven | stochastic
    gradient | vision language action | co design | self evolving | llm reasoning | augmented
    generation | chain of thought reasoning
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
    is_participle = words[-1].endswith("ing") and words[-1] not in _GERUNDS | _NAMING_PARTICIPLES
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


def can_stand_alone(word: str, written: Mapping[str, int]) -> bool:
    """Whether a folded word is a noun, judged by its ending and by how often it is plural."""
    if word.endswith("ing"):
        return word in _NAMING_PARTICIPLES
    if word.endswith(_NAMING_ENDINGS):
        return True
    plural, singular = written.get(f"{word}s", 0), written.get(word, 0)
    return fold_word(word) == word and plural >= _PLURAL_SHARE * (plural + singular) > 0


def aliases_of(phrase: str) -> tuple[str, ...]:
    """Return the acronyms and other names of a folded phrase."""
    return _ALIASES.get(phrase) or _DOMAIN_WORDS.get(phrase, ())


def long_form(phrase: str) -> str:
    """Return the folded phrase that an acronym or other name means, or the phrase itself."""
    return _LONG_FORMS.get(phrase, phrase)


def split_name(name: str) -> list[str]:
    """Return the parts of a name, each of which papers may fit."""
    parts = re.split(r" and |, | for | with | in | · ", name)
    return [part for part in parts if part and part.casefold() != "benchmarks"] or [name]


def lower_first(text: str) -> str:
    """Return a text with its first letter in lower case unless it begins with an acronym."""
    word = text.split(" ", maxsplit=1)[0]
    is_acronym = sum(map(str.isupper, word.partition("-")[0])) > 1
    return text if is_acronym else text[:1].lower() + text[1:]


def split_words(text: str) -> list[str]:
    """Return the words of a text, without punctuation."""
    return re.findall(r"\w+", text)
