"""The two hosting pages say the same, and what they speak of is there."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGES = {language: (DOCS / f"hosting{language}.md").read_text("utf-8") for language in ("", ".zh")}


def test_both_pages_show_the_same_code_and_the_same_names():
    for pattern in (r"```.*?```", r"^#+ ", r"^\|", r"`[^`\n]+`"):
        found = [sorted(re.findall(pattern, page, re.M | re.S)) for page in PAGES.values()]
        assert found[0] == found[1], pattern


@pytest.mark.parametrize("language", PAGES)
def test_every_link_and_every_file_that_is_named_is_there(language):
    page = PAGES[language]
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", page)]
    files = [DOCS / link for link in links if link and not link.startswith("https:")]
    files += [DOCS.parent / name for name in re.findall(r"`((?:tests|ui)/[\w/]+\.py)`", page)]
    assert files
    assert not [file for file in files if not file.is_file()]


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_leads_here(readme):
    language = readme.removeprefix("README").removesuffix(".md")
    assert f"(docs/hosting{language}.md)" in (DOCS.parent / readme).read_text("utf-8")
