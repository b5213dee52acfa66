"""The guide on calendars does what it says."""

from tests.docs import pages
from tests.docs.test_pages import ADDRESS, exported

GUIDE = "docs/guides/calendars.md"


def test_the_guide_runs_as_written(make_served, tmp_path):
    environment = exported(GUIDE)
    assert environment.keys() == {"CLM_BOOTSTRAP_API_KEY", "CLM_BOOTSTRAP_TEST_CLOCK"}
    steps = pages.run(GUIDE, tmp_path, {ADDRESS: make_served(**environment).url})
    assert len(steps) == 4
    for script, printed, expected in steps:
        found = pages.values(printed)
        assert len(found) == len(expected), f"{script}\nprints {printed}"
        for shown, real in zip(expected, found, strict=True):
            pages.assert_shown(shown, real, script)
