"""A data set of the Hugging Face Hub as files: what there is, and how to ask for one.

Public: `files`, `ask`.
Source: huggingface_hub, hf_api.py (`list_repo_tree`) and file_download.py (`hf_hub_url`).
"""

from urllib.parse import quote

from tracker.errors import SourceMalformed
from tracker.settings import BoardSource
from tracker.sources.http import Ask, Client
from tracker.sources.reader import Task
from tracker.sources.tables import document

_LIST_CAP = 4 * 2**20
_FILE_CAP = 32 * 2**20
_BRANCH = "main"


def files(client: Client, task: Task[BoardSource], data_set: str) -> tuple[str, ...]:
    """The paths of all files of `data_set` ("owner/name") as it stands now."""
    url = f"{task.settings.url}/api/datasets/{data_set}/tree/{_BRANCH}"
    params = {"recursive": "true"}
    pace = task.settings.pace_seconds
    answer = client.get(Ask(task.name, url, params, "application/json", pace, _LIST_CAP))
    entries = document(answer.body, task.name, url)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceMalformed(task.name, url, "it is no list of files")
    return tuple(str(entry.get("path")) for entry in entries if entry.get("type") == "file")


def ask(task: Task[BoardSource], data_set: str, path: str) -> Ask:
    """The request for the newest version of a file."""
    url = f"{task.settings.url}/datasets/{data_set}/resolve/{_BRANCH}/{quote(path)}"
    accept, pace = "application/octet-stream", task.settings.pace_seconds
    return Ask(task.name, url, accept=accept, pace=pace, cap=_FILE_CAP)
