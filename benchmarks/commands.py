"""Duration and peak memory of whole commands in new processes, median of several runs.

Needs a home with the snapshot imported and February and March 2026 indexed (--home).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

COMMANDS = (
    ("--help", 9),
    ("search MoE", 9),
    ("digest --week 2026-W11", 5),
    ("report --month 2026-03", 3),
)


def measure(home: Path, command: str, runs: int) -> tuple[list[float], float]:
    """Return the seconds of each run after a warm-up, and the largest memory in MB."""
    seconds, peaks = [], []
    line = [sys.executable, "-m", "tracker", "--home", str(home), "-q", *command.split()]
    for _ in range(runs + 1):
        started = time.perf_counter()
        with subprocess.Popen(line, stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, command
        seconds.append(time.perf_counter() - started)
        peaks.append(used.ru_maxrss / 1024)
    return seconds[1:], max(peaks)


def main(home: Path) -> None:
    """Measure and print a table."""
    print(f"{'command':24} {'median s':>9} {'min':>6} {'max':>6} {'peak MB':>8}")
    for command, runs in COMMANDS:
        seconds, peak = measure(home, command, runs)
        median = statistics.median(seconds)
        print(f"{command:24} {median:9.2f} {min(seconds):6.2f} {max(seconds):6.2f} {peak:8.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    main(parser.parse_args().home)
