"""Files of a data set on the Hugging Face Hub: how to list and request them.

Public: `list_files`, `file_request`.
Source: huggingface_hub, hf_api.py (`list_repo_tree`) and file_download.py (`hf_hub_url`).
"""

from urllib.parse import quote

from tracker.errors import SourceMalformed
from tracker.settings import BoardSource
from tracker.sources.formats.boards.tables import parse_json_document
from tracker.sources.http.client import Client, Request
from tracker.sources.protocol import Task

_LIST_CAP = 4 * 2**20
_FILE_CAP = 32 * 2**20
_BRANCH = "main"


def list_files(client: Client, task: Task[BoardSource], data_set: str) -> tuple[str, ...]:
    """Return the paths of all current files of `data_set` ("owner/name")."""
    url = f"{task.settings.url}/api/datasets/{data_set}/tree/{_BRANCH}"
    params = {"recursive": "true"}
    pace = task.settings.pace_seconds
    answer = client.get(Request(task.name, url, params, "application/json", pace, _LIST_CAP))
    entries = parse_json_document(answer.body, task.name, url)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SourceMalformed(task.name, url, "it is not a list of files")
    return tuple(str(entry.get("path")) for entry in entries if entry.get("type") == "file")


def file_request(
    task: Task[BoardSource], data_set: str, path: str, max_bytes: int = _FILE_CAP
) -> Request:
    """Return the request for the newest version of a file."""
    url = f"{task.settings.url}/datasets/{data_set}/resolve/{_BRANCH}/{quote(path)}"
    accept, pace = "application/octet-stream", task.settings.pace_seconds
    return Request(task.name, url, accept=accept, pace=pace, max_bytes=max_bytes)
