"""What a command and all processes that it starts use: peak memory and processor seconds.

Read from /proc (Linux) twice a second, so that processes that stay after a call, such as
those of Ray, count as well. Processor seconds barely depend on what else the machine does.

Public: `Usage`, `run_measured`.
"""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

_INTERVAL = 0.5
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Usage:
    """The use of a command: wall seconds, and of its processes by name.

    `peak_mb` is of the first process alone, `tree_peak_mb` of all at one time; pages of shared
    memory count for each process that touched them.
    """

    seconds: float = 0.0
    peak_mb: float = 0.0
    tree_peak_mb: float = 0.0
    samples: list[tuple[float, float]] = field(default_factory=list)
    _seconds: dict[int, tuple[str, float]] = field(default_factory=dict)

    @property
    def cpu_seconds(self) -> float:
        """Processor seconds of all processes together."""
        return sum(seconds for _, seconds in self._seconds.values())

    def cpu_by_name(self) -> dict[str, float]:
        """Return the processor seconds of processes by name, the most first."""
        totals: dict[str, float] = {}
        for name, seconds in self._seconds.values():
            totals[name] = totals.get(name, 0.0) + seconds
        return dict(sorted(totals.items(), key=lambda item: -item[1]))

    def sample(self, root: int, elapsed: float) -> None:
        """Add what the processes below `root` use now."""
        total = 0.0
        for process in [root, *_descendants(root)]:
            found = _read(process)
            if found is None:
                continue
            name, seconds, resident = found
            self._seconds[process] = ("driver" if process == root else name, seconds)
            total += resident
            if process == root:
                self.samples.append((elapsed, resident))
        self.tree_peak_mb = max(self.tree_peak_mb, total)


def run_measured(line: Sequence[str]) -> tuple[str, Usage]:
    """Run a command; return what it printed and its use. Raises CalledProcessError."""
    usage, done, started = Usage(), Event(), time.perf_counter()
    child = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)

    def watch() -> None:
        while not done.wait(_INTERVAL):
            usage.sample(child.pid, time.perf_counter() - started)
            usage.peak_mb = max(usage.peak_mb, _peak(child.pid))

    watcher = Thread(target=watch)
    watcher.start()
    printed, _ = child.communicate()
    done.set()
    watcher.join()
    usage.seconds = time.perf_counter() - started
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, line)
    return printed, usage


def _descendants(root: int) -> Iterator[int]:
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        fields = _stat(path)
        if fields:
            children.setdefault(int(fields[1]), []).append(int(path.parent.name))
    waiting = list(children.get(root, ()))
    while waiting:
        process = waiting.pop()
        yield process
        waiting += children.get(process, ())


def _stat(path: Path) -> list[str]:
    """Return the fields of a process after its name; empty when it has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _read(process: int) -> tuple[str, float, float] | None:
    """Return the name, the processor seconds and the resident megabytes of a process."""
    folder = Path(f"/proc/{process}")
    fields = _stat(folder / "stat")
    try:
        words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        words = []
    if not fields or not words[0]:
        return None
    name = words[0] if words[0].startswith("ray::") else Path(words[0]).name
    resident = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return name.split("(")[0][:40], (int(fields[11]) + int(fields[12])) / _TICKS, resident


def _peak(process: int) -> float:
    """Return the most resident megabytes that a process has had."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0.0
    found = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0].split()[1]) / 1024 if found else 0.0
