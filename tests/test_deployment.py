"""The container, compose and workflow files: valid, unprivileged, and with commands that work.

There is no container engine in the tests: the files are parsed, and the commands that they contain
are executed here.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.commands import environment, process
from tests.web.browsing import serving
from tracker.config import load

ROOT = Path(__file__).parents[1]
INSTRUCTIONS = frozenset(
    ("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL",
     "HEALTHCHECK", "ENTRYPOINT", "CMD")
)  # fmt: skip
WORKFLOW = ROOT / "schedules" / "github" / "weekly.yml"


def dockerfile() -> Iterator[tuple[str, str]]:
    """Yield the instructions of the Dockerfile with their arguments."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def image_environment() -> dict[str, str]:
    pairs = (part.split("=", 1) for name, rest in dockerfile() if name == "ENV"
             for part in shlex.split(rest))  # fmt: skip
    return {name: value for name, value in pairs if name.startswith("TRACKER_")}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def with_defaults(text: str) -> str:
    """Replace the variables of a compose file by their defaults."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_the_image_is_built_from_files_that_exist_and_runs_unprivileged() -> None:
    lines = list(dockerfile())
    assert {name for name, _ in lines} <= INSTRUCTIONS
    assert all(re.search(r":\d[\w.-]+( AS \w+)?$", rest) for name, rest in lines if name == "FROM")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for rest in (rest for name, rest in lines if name == "COPY" and "--from" not in rest):
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source
    (user,) = (rest for name, rest in lines if name == "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user), "a number, so that an engine can check it"


def test_the_shell_commands_of_the_image_are_valid() -> None:
    for name, rest in dockerfile():
        if name == "RUN":
            subprocess.run(["sh", "-n", "-c", rest], check=True)
        if name in ("ENTRYPOINT", "VOLUME"):
            assert isinstance(json.loads(rest), list)


def test_the_image_serves_and_its_health_check_passes(demo_home: Path) -> None:
    (check,) = (rest for name, rest in dockerfile() if name == "HEALTHCHECK")
    command = json.loads(check.partition("CMD ")[2])
    variables = service_environment("serve") | image_environment()
    settings = [f"{setting(name)}={value}" for name, value in variables.items()
                if "__" in name and name.startswith("TRACKER_WEB")]  # fmt: skip
    assert "web.host=0.0.0.0" in settings
    with serving(demo_home, *settings, "web.port=0") as site:
        code = command[2].replace("127.0.0.1:8765", f"127.0.0.1:{site.port}")
        assert code != command[2]
        subprocess.run([sys.executable, *command[1:2], code], check=True, timeout=60)


def setting(variable: str) -> str:
    return variable.removeprefix("TRACKER_").lower().replace("__", ".")


def service_environment(name: str) -> dict[str, str]:
    variables: Mapping[str, str] = compose()["services"][name]["environment"]
    return {name: with_defaults(str(value)) for name, value in variables.items()}


def test_compose_starts_unprivileged_services_on_one_volume() -> None:
    loaded = compose()
    services = loaded["services"]
    assert {"run", "serve", "mail", "vllm"} <= set(services)
    for name in ("run", "serve"):
        service = services[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["volumes"] == ["data:/data"]
        assert "data" in loaded["volumes"]
    for service in services.values():
        assert not service.get("privileged")
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert re.search(r":(local|v\d[\w.]+)$", service["image"])
    assert services["mail"]["profiles"] == ["try"]
    assert services["vllm"]["profiles"] == ["llm"]


@pytest.mark.parametrize("name", ["run", "serve"])
def test_the_settings_of_compose_are_valid(name: str, tmp_path: Path) -> None:
    config = load(tmp_path, environ=service_environment(name) | image_environment())
    assert config.web.public_url == "http://localhost:8765"
    assert (config.smtp.host, config.llm.backend) == ("", "none")
    assert config.unknown == ()


def test_the_health_check_of_the_scheduler_passes(tmp_path: Path) -> None:
    kind, program, *arguments = compose()["services"]["run"]["healthcheck"]["test"]
    assert (kind, program) == ("CMD", "tracker")
    assert process(*arguments, home=tmp_path).code == 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_units_of_systemd_are_valid(tmp_path: Path) -> None:
    units = [shutil.copy(unit, tmp_path) for unit in (ROOT / "schedules" / "systemd").iterdir()]
    for unit in map(Path, units):
        text = unit.read_text(encoding="utf-8")
        # The program must exist where the unit is checked.
        unit.write_text(text.replace("/usr/bin/tracker", shutil.which("true") or ""), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def workflow() -> dict[str, Any]:
    text = WORKFLOW.read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text.replace("\non:", "\n'on':"))
    return loaded


def test_the_workflow_pins_its_actions_and_asks_for_few_permissions() -> None:
    loaded = workflow()
    assert loaded["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    steps = loaded["jobs"]["digest"]["steps"]
    assert all(re.fullmatch(r"actions/[\w/-]+@v\d+", one["uses"]) for one in steps if "uses" in one)
    assert not any("secrets." in str(one.get("run", "")) for one in steps), "only in variables"
    assert loaded["on"]["schedule"][0]["cron"].count(" ") == 4
    names = [one.get("name", one.get("uses", "")) for one in steps]
    assert names.index("Restore the store") < names.index("Run what is due")
    assert names.index("Check the store") < names.index("Keep the store")


def test_the_commands_of_the_workflow_work(tmp_path: Path) -> None:
    """Without the network: the crawl fails, and the rest is done."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "tracker"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tracker "$@"\n')
    program.chmod(0o755)
    variables = environment(
        tmp_path / "home",
        PATH=f"{programs}:{os.environ['PATH']}", TRACKER_HTTP__OFFLINE="true",
        TRACKER_SMTP__HOST="", TRACKER_BACKUP__KEEP="0",
    )  # fmt: skip
    for step in workflow()["jobs"]["digest"]["steps"]:
        if "run" in step and "pip install" not in step["run"]:
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                env=variables, cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "digests" / "web").is_dir()
