"""What the summaries of a language model cost: sentences for before and after they are made.

Public: `describe_cost`, `describe_outcome`.
"""

from collections import Counter
from collections.abc import Collection, Sequence

from summarizer import Summary
from summarizer.extractive.extract import extract_summary
from summarizer.grounding.proof import support_level
from summarizer.llm.prompt import Messages, Paper, build_messages
from summarizer.llm.shorten import build_shortening_chats
from tracker.pipeline.summarize import llm
from tracker.settings import Config

_CHARACTERS_A_TOKEN = 4  # of English; tokenizers differ by a fifth
_ANSWER_TOKENS = {"write": 250, "shorten": 30}
_ROUND = 100


def describe_cost(config: Config, papers: Sequence[Paper], language: str) -> str:
    """Return what is about to be sent to the model; remembered answers make it less."""
    mode = llm.generation_mode(config)
    chats = [chat for paper in papers for chat in _chats(paper, language, mode)]
    read = sum(len(message["content"]) for chat in chats for message in chat)
    tokens = read // _CHARACTERS_A_TOKEN + len(chats) * _ANSWER_TOKENS[mode]
    counted = "paper" if len(papers) == 1 else "papers"
    rounded = -(-tokens // _ROUND) * _ROUND
    return (
        f"{len(papers):,} {counted} for {llm.model_name(config)}, about {rounded:,} tokens,"
        f" {config.llm.max_minutes:g} min at most for an issue (llm.max_minutes)."
    )


def _chats(paper: Paper, language: str, mode: str) -> list[Messages]:
    if mode == "write":
        return [build_messages(paper, language)]
    return build_shortening_chats(extract_summary(paper.title, paper.abstract, paper.conclusion))


def describe_outcome(summaries: Collection[Summary], seconds: float) -> str:
    """Return how many summaries are the model's, in what time, and the share of each level."""
    written = [summary for summary in summaries if summary.method == "generated"]
    dropped = sum(summary.dropped for summary in summaries)
    levels = Counter(support_level(s.text, s.source) for made in written for s in made.sentences)
    shares = [f"{name} {count / levels.total():.0%}" for name, count in sorted(levels.items())]
    return (
        f"{len(written):,} of {len(summaries):,} summaries are the model's, the others extracts;"
        f" {dropped:,} sentences dropped; {seconds / 60:.1f} min."
        + (f" Sentences: {', '.join(shares)}." if shares else "")
    )
