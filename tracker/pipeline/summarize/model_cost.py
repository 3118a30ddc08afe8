"""What the summaries of a language model cost: sentences for before and after they are made.

Public: `describe_cost`, `describe_outcome`, `describe_passage_cost`, `describe_passages`,
`estimate_summaries`, `estimate_passages`, `round_tokens`.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from summarizer import Summary
from summarizer.grounding.proof import Level, support_level
from summarizer.llm.forms import summary_form
from summarizer.llm.passages.passage_requests import PassageKind, PassageRequest, passage_form
from summarizer.llm.passages.passage_requests import build_messages as build_passage_messages
from summarizer.llm.passages.written_passages import Passage
from summarizer.llm.prompt import Messages, Paper, build_messages
from summarizer.llm.shorten import build_shortening_chats, shortening_form
from tracker.pipeline.summarize import llm
from tracker.pipeline.summarize.answer_cache import CHARACTERS_A_TOKEN, AnswerCache
from tracker.settings import Config
from tracker.store import llm_answers

_ANSWER_TOKENS = {"write": 250, "shorten": 30}
_PASSAGE_TOKENS: Mapping[PassageKind, int] = {
    "brief": 250, "theme": 150, "direction": 200, "reason": 50,
}  # fmt: skip
_ROUND = 100


def describe_cost(
    config: Config, cache: AnswerCache, papers: Sequence[Paper], language: str
) -> str:
    """Return what is about to be sent to the model; "" if all answers are remembered."""
    mode = llm.generation_mode(config)
    form = summary_form(language) if mode == "write" else shortening_form()
    chats = {n: list(_chats(paper, language, mode)) for n, paper in enumerate(papers)}
    flat = [(n, chat) for n, found in chats.items() for chat in found]
    sent = cache.find_unanswered(llm.model_name(config), [chat for _, chat in flat], form)
    new = {flat[place][0] for place in sent}
    counted = "paper" if len(new) == 1 else "papers"
    tokens = sum(_count_tokens(flat[place][1]) + _ANSWER_TOKENS[mode] for place in sent)
    return _cost(config, cache, f"{len(new):,} {counted}", tokens)


def describe_passage_cost(
    config: Config, cache: AnswerCache, requests: Sequence[PassageRequest]
) -> str:
    """Return what is about to be sent to the model for passages; "" if all is remembered."""
    new = [request for request in requests if _is_unanswered(config, cache, request)]
    counted = "passage" if len(new) == 1 else "passages"
    return _cost(config, cache, f"{len(new):,} {counted}", estimate_passages(new))


def _is_unanswered(config: Config, cache: AnswerCache, request: PassageRequest) -> bool:
    chats, form = [build_passage_messages(request)], passage_form(request.kind)
    return bool(cache.find_unanswered(llm.model_name(config), chats, form))


def estimate_summaries(config: Config, papers: Sequence[Paper], language: str) -> int:
    """Return about how many tokens the summaries of some papers take, prompts and answers."""
    mode = llm.generation_mode(config)
    chats = [chat for paper in papers for chat in _chats(paper, language, mode)]
    return sum(map(_count_tokens, chats)) + len(chats) * _ANSWER_TOKENS[mode]


def estimate_passages(requests: Sequence[PassageRequest]) -> int:
    """Return about how many tokens some passages take, prompts and answers."""
    return sum(
        _count_tokens(build_passage_messages(request)) + _PASSAGE_TOKENS[request.kind]
        for request in requests
    )


def _count_tokens(chat: Messages) -> int:
    return sum(len(message["content"]) for message in chat) // CHARACTERS_A_TOKEN


def round_tokens(tokens: int) -> int:
    """Return a number of tokens as it is shown: it is an estimate."""
    return -(-tokens // _ROUND) * _ROUND


def _cost(config: Config, cache: AnswerCache, what: str, tokens: int) -> str:
    """Return a sentence with tokens and, if the model was timed before, how long they take."""
    if not tokens:
        return ""
    model, most = llm.model_name(config), config.llm.max_minutes
    speed = llm_answers.load_speed(cache.db, model)
    time = f"about {_minutes(tokens / speed)}" if speed else "its speed is not known yet"
    return (
        f"{what} for {model}, about {round_tokens(tokens):,} tokens, {time};"
        f" {most:g} min at most for an issue (llm.max_minutes)."
    )


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def _chats(paper: Paper, language: str, mode: str) -> list[Messages]:
    if mode == "write":
        return [build_messages(paper, language)]
    return build_shortening_chats(paper)


def describe_outcome(summaries: Collection[Summary], seconds: float) -> str:
    """Return how many summaries are the model's, in what time, and the share of each level."""
    written = [summary for summary in summaries if summary.method == "generated"]
    dropped = sum(summary.dropped for summary in summaries)
    levels = Counter(support_level(s.text, s.source) for made in written for s in made.sentences)
    return (
        f"{len(written):,} of {len(summaries):,} summaries are the model's, the others extracts;"
        f" {dropped:,} sentences dropped; {seconds / 60:.1f} min." + _describe_levels(levels)
    )


def describe_passages(passages: Iterable[Passage], seconds: float) -> str:
    """Return how many passages the model wrote, in what time, and the share of each level."""
    made = list(passages)
    written = sum(bool(passage.sentences) for passage in made)
    dropped = sum(passage.dropped for passage in made)
    levels = Counter(s.level for passage in made for s in passage.sentences)
    return (
        f"{written:,} of {len(made):,} passages are the model's, the others composed by rules;"
        f" {dropped:,} sentences dropped; {seconds / 60:.1f} min." + _describe_levels(levels)
    )


def _describe_levels(levels: Counter[Level]) -> str:
    shares = [f"{name} {count / levels.total():.0%}" for name, count in sorted(levels.items())]
    return f" Sentences: {', '.join(shares)}." if shares else ""
