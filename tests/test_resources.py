"""Templates and schedules are found in a checkout and in an installed wheel."""

from pathlib import Path

import pytest

from tracker import resources
from tracker.errors import TrackerError


def test_a_checkout_has_its_templates_and_schedules_at_the_top() -> None:
    assert (resources.templates_folder() / "email" / "weekly.jinja").is_file()
    assert resources.schedules_folder().is_dir()


def test_files_inside_the_package_come_first(tmp_path: Path) -> None:
    package = tmp_path / "tracker"
    (package / "_templates").mkdir(parents=True)
    (tmp_path / "templates").mkdir()
    assert resources.find_folder("templates", package) == package / "_templates"


def test_a_broken_installation_is_reported_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TrackerError, match="The schedules are missing from this installation"):
        resources.find_folder("schedules", tmp_path / "tracker")
