"""Thirty minutes of practice: with what a paper publishes, else with an exercise.

Public: `plan_practice`.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from tracker.language import Language
from tracker.learning.exercises import Exercise
from tracker.learning.reading import Practice
from tracker.paper.paper_links import PaperLink

_MINUTES = 30
_GIT_HOSTS = frozenset({"github.com", "www.github.com", "gitlab.com", "codeberg.org"})
# What a level begins with: a demo needs no installation, a data set no trust in the paper.
_PREFERRED: Mapping[str, Sequence[str]] = {
    "beginner": ("demo", "code", "model", "dataset"),
    "engineer": ("code", "model", "demo", "dataset"),
    "researcher": ("code", "dataset", "model", "demo"),
}


def plan_practice(
    links: Sequence[PaperLink],
    exercise: Exercise | None,
    level: str,
    table: str,
    language: Language,
) -> Practice | None:
    """Return the task of a level with one of a paper's `links`, else the exercise.

    `table` names the paper's table of results, if it is known.
    """
    by_kind = {link.kind: link for link in links if _is_usable(link)}
    kind = next((kind for kind in _PREFERRED[level] if kind in by_kind), None)
    if kind is None:
        return _exercise_practice(exercise) if exercise else None
    link = by_kind[kind]
    command = _command(kind, link)
    task = _tasks(kind, table, language)[level]
    return Practice(
        source=kind,
        title=link.name or link.url,
        minutes=_MINUTES,
        steps=(f"`{command}`", task) if command else (task,),
        expect=_expectations(language)[kind],
        url=link.url,
    )


def _is_usable(link: PaperLink) -> bool:
    # A data set or model outside the hub, and an anonymised repository, cannot be loaded by name.
    return bool(link.name) if link.kind in ("model", "dataset") else link.kind in ("code", "demo")


def _exercise_practice(exercise: Exercise) -> Practice:
    steps = (f"`{exercise.setup}`", *exercise.steps) if exercise.setup else exercise.steps
    return Practice(
        source="exercise",
        title=exercise.title,
        minutes=exercise.minutes,
        steps=steps,
        expect=exercise.expect,
        tools=exercise.tools,
        key=exercise.key,
        direction=exercise.direction,
    )


def _command(kind: str, link: PaperLink) -> str:
    """Return the command to begin with, or "" where a browser is enough.

    It has only the host and the name of an address: other characters of it may mean something in a
    shell.
    """
    host = urlsplit(link.url).hostname or ""
    if kind == "code" and link.name and host in _GIT_HOSTS:
        return f"git clone --depth 1 https://{host}/{link.name}"
    if kind == "model":
        call = f"from huggingface_hub import model_info as m; print(m('{link.name}').safetensors)"
        return f'pip install huggingface_hub && python -c "{call}"'
    if kind == "dataset":
        call = (
            f"from datasets import load_dataset; d = load_dataset('{link.name}', streaming=True);"
            " print(next(iter(next(iter(d.values())))))"
        )
        return f'pip install datasets && python -c "{call}"'
    return ""


def _tasks(kind: str, table: str, language: Language) -> Mapping[str, str]:
    """Return the task with a paper's code, model, data set or demo, by level."""
    tasks = {
        "code": _code_tasks, "model": _model_tasks, "dataset": _dataset_tasks, "demo": _demo_tasks,
    }  # fmt: skip
    return tasks[kind](table or language.gettext("the table of results"), language)


def _code_tasks(table: str, language: Language) -> Mapping[str, str]:
    _ = language.gettext
    return {
        "beginner": _(
            "Read the README: what goes in, what comes out, and what must be installed? Find the"
            " file that contains the idea of the paper, and explain its main function in three"
            " sentences."
        ),
        "engineer": _(
            "Install it in a new virtual environment and run its smallest example. Then change one"
            " setting that the paper discusses, and write down what changes in output and time."
        ),
        "researcher": _(
            "Find the script and the configuration behind {table}. Reproduce one cell on a handful"
            " of examples, or list exactly what is missing: data, seeds, prompts, compute.",
            table=table,
        ),
    }


def _model_tasks(table: str, language: Language) -> Mapping[str, str]:
    _ = language.gettext
    return {
        "beginner": _(
            "Read the model card: how large is it, what was it trained on, and what must it not be"
            " used for? Try three prompts on its page, if it runs there."
        ),
        "engineer": _(
            "Up to about 4 billion parameters, load it with transformers, or as GGUF with"
            " llama.cpp, and give five prompts of your work to it and to another model of its size."
            " Of a larger one, compare config.json with that of its base model."
        ),
        "researcher": _(
            "Take the benchmark of {table} that is quickest, run it on 50 examples with"
            " lm-evaluation-harness (--limit 50), and compare with the paper within the standard"
            " error. A larger model: check its card against the paper instead.",
            table=table,
        ),
    }


def _dataset_tasks(table: str, language: Language) -> Mapping[str, str]:
    _ = language.gettext
    return {
        "beginner": _(
            "Read ten examples aloud in the viewer of its page. Which would you answer differently?"
        ),
        "engineer": _(
            "Load 200 examples: how long are they, how many are duplicates, and how many labels are"
            " wrong in your reading of 20? Write the three numbers down."
        ),
        "researcher": _(
            "Take 30 examples and a trivial baseline (majority label, longest answer, or the"
            " question alone). How much of the score in {table} does it explain?",
            table=table,
        ),
    }


def _demo_tasks(table: str, language: Language) -> Mapping[str, str]:
    _ = language.gettext
    return {
        "beginner": _(
            "Try five inputs of your daily life: three that should work, and two that should not."
        ),
        "engineer": _(
            "Find the smallest input that breaks it, then the smallest change that repairs it; note"
            " both with the output."
        ),
        "researcher": _(
            "Choose the strongest claim of the paper and test it with ten inputs that the authors"
            " did not choose; compare your rate with {table}.",
            table=table,
        ),
    }


def _expectations(language: Language) -> Mapping[str, str]:
    _ = language.gettext
    return {
        "code": _("Whether the code does what the paper says, and in which file."),
        "model": _("What the model is good for, and whether you can run it."),
        "dataset": _("What the data contain, and how far a score on them can be trusted."),
        "demo": _("Where it works, and where it stops working."),
    }
