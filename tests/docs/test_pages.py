"""The tutorial and the README do what they say, and every link of every page leads somewhere."""

import importlib.util
import re
from pathlib import Path

import msgspec
import pytest

from clm.settings import Settings
from tests.postoffice import office

_spec = importlib.util.spec_from_file_location("pages", Path(__file__).with_name("pages.py"))
pages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(pages)

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/**/*.md")]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ADDRESS = "http://127.0.0.1:8000"


def exported(page):
    """The variables that a page's console block exports."""
    text = "".join(text for language, text in pages.blocks(page) if language == "console")
    return dict(re.findall(r"export (CLM_\w+)=(\S+)", text))


def test_the_tutorial_runs_as_written(make_served, tmp_path):
    environment = exported("docs/tutorial.md")
    assert environment.keys() == {"CLM_BOOTSTRAP_API_KEY", "CLM_BOOTSTRAP_TEST_CLOCK"}
    served = make_served(**environment)
    steps = pages.run("docs/tutorial.md", tmp_path, {ADDRESS: served.url})
    assert len(steps) > 15
    for script, printed, expected in steps:
        found = pages.values(printed)
        assert len(found) == len(expected), f"{script}\nprints {printed}"
        for shown, real in zip(expected, found, strict=True):
            pages.assert_shown(shown, real, script)


@pytest.mark.parametrize("guide", ["calculators", "review", "search", "documents"])
def test_answers_are_as_the_guide_shows(served, tmp_path, guide):
    assert_as_shown(f"docs/guides/{guide}.md", served, tmp_path)


@pytest.mark.parametrize("guide", ["simulation", "amendments", "ending", "facts", "attachments", "confidentiality"])
def test_answers_on_the_days_of_the_guide_are_as_it_shows(make_served, tmp_path, guide):
    page = f"docs/guides/{guide}.md"
    environment = exported(page)
    assert environment.keys() == {"CLM_BOOTSTRAP_TEST_CLOCK"}
    assert_as_shown(page, make_served(**environment), tmp_path)


def test_the_guide_of_notices_is_as_it_shows_with_a_mail_server(make_served, tmp_path):
    environment = exported("docs/guides/notices.md")
    assert environment.keys() == {"CLM_BOOTSTRAP_TEST_CLOCK", "CLM_SMTP_URL"}
    with office() as (post, url):
        assert_as_shown("docs/guides/notices.md", make_served(**environment | {"CLM_SMTP_URL": url}), tmp_path)
        assert len(post.taken) == 1


def assert_as_shown(page, served, tmp_path):
    """Run a guide against a service, and hold each answer against the one that it shows."""
    (tmp_path / ".clm").mkdir()
    (tmp_path / ".clm/first-key").write_text(served.key + "\n", encoding="ascii")
    steps = pages.run(page, tmp_path, {ADDRESS: served.url})
    assert len(steps) > 4
    for script, printed, expected in steps:
        found = pages.values(printed)
        assert len(found) == len(expected), f"{script}\nprints {printed}"
        for shown, real in zip(expected, found, strict=True):
            pages.assert_shown(shown, real, script)


def test_the_first_request_of_the_readme_answers_as_shown(served, tmp_path):
    (tmp_path / ".clm").mkdir()
    (tmp_path / ".clm/first-key").write_text(served.key + "\n", encoding="ascii")
    ((_, printed, (shown,)),) = pages.run("README.md", tmp_path, {ADDRESS: served.url})
    assert pages.values(printed) == [shown], "the whole answer, nothing left out"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    for target in targets:
        if not re.match(r"[a-z]+:|#", target):
            assert (page.parent / target.partition("#")[0]).exists(), target


def test_a_difference_between_page_and_answer_is_found():
    pages.assert_shown({"a": ["x"], "b": "…"}, {"a": ["x"], "b": 7, "c": 1})
    for shown in ({"a": ["y"]}, {"d": 1}, {"a": [{"e": 1}]}):
        with pytest.raises(AssertionError):
            pages.assert_shown(shown, {"a": ["x"], "b": 7})


def test_every_guarantee_has_a_test_that_exists():
    text = (ROOT / "docs/reference/guarantees.md").read_text(encoding="utf-8")
    promised = set(re.findall(r"^(\d+)\. ", text, re.MULTILINE))
    rows = re.findall(r"^\| (\d+) \|.*`(tests/\S+\.py)::(test_\w+)` \|$", text, re.MULTILINE)
    assert {number for number, _, _ in rows} == promised
    for _, file, name in rows:
        assert re.search(rf"def {name}\(", (ROOT / file).read_text(encoding="utf-8")), f"{file}::{name}"


def test_the_guide_lists_every_setting():
    text = (ROOT / "docs/guides/deploying.md").read_text(encoding="utf-8")
    known = {f"CLM_{field.name.upper()}" for field in msgspec.structs.fields(Settings)}
    assert set(re.findall(r"`(CLM_[A-Z_]+)", text)) == known


def test_decisions_fit_on_a_page():
    decisions = sorted(ROOT.glob("docs/adr/*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 60, path.name
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences")), path.name
