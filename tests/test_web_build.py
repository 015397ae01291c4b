"""What the builder of the in-browser site does by itself: words, parts, archives, checks."""

import io
import re
import tarfile
import tomllib
import zipfile

import pytest

from web import build, bundle, parts

SITE = parts.ROOT / "web" / "site"
WORDS = {
    language: tomllib.loads((parts.ROOT / f"assets/web/{language}.toml").read_text("utf-8"))
    for language in build.LANGUAGES
}


def test_both_languages_say_the_same_things():
    assert WORDS["en"].keys() == WORDS["zh"].keys()
    for key, sentence in WORDS["en"].items():
        fields = re.findall(r"\{\w+\}", sentence)
        assert sorted(fields) == sorted(re.findall(r"\{\w+\}", WORDS["zh"][key])), key


def test_every_word_is_used_and_none_is_missing():
    scripts = (SITE / "first.js").read_text("utf-8") + (SITE / "start.mjs").read_text("utf-8")
    asked = set(re.findall(r"\bsay\.(\w+)", scripts))
    asked |= set(re.findall(r'(?:fail|giveUp)\("(\w+)"', scripts))
    asked |= {"network", "broken", "python", "app", "script"}  # chosen by a name, or by the builder
    kinds = {folder.rpartition("/")[2] for folder in build.LATER_FOLDERS} | {"packages"}
    asked |= {f"file_{kind}" for kind in kinds} & WORDS["en"].keys()
    assert asked == WORDS["en"].keys()


@pytest.mark.parametrize("language", build.LANGUAGES)
def test_the_start_page_holds_all_that_it_says(language):
    page = build.start_page()
    assert "{{" not in page
    assert WORDS[language]["what"] in page
    assert "quadrants|" in page


def test_the_start_page_asks_no_other_host_and_runs_no_other_script():
    page = build.start_page()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    assert "'wasm-unsafe-eval'" in policy[1]
    assert not re.search(r"http|'unsafe-eval'|\*|script-src[^;]*'unsafe-inline'", policy[1])
    assert page.index(policy[0]) < page.index("<style>")  # it rules what comes after it


def test_a_large_file_is_laid_out_in_parts_that_make_it_whole(tmp_path):
    content = bytes(range(256)) * 10_000
    line = build.in_parts(tmp_path, "assets/a.gz", content)
    assert line["bytes"] == len(content)
    assert len(line["parts"]) == 3
    assert b"".join((tmp_path / part).read_bytes() for part in line["parts"]) == content
    assert build.in_parts(tmp_path, "b", b"x") == {"bytes": 1, "parts": ["b"]}


def test_the_same_files_give_the_same_bundle():
    files = {"b/c.py": b"2", "a.py": b"1", "d" * 90 + "/" + "e" * 90: b"3"}
    packed = bundle.tar_gz(files)
    assert packed == bundle.tar_gz(dict(reversed(files.items())))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert {m.name: archive.extractfile(m).read() for m in archive.getmembers()} == files
    with zipfile.ZipFile(io.BytesIO(bundle.zipped(files, compress=False))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_a_part_that_is_not_what_it_was_is_refused(tmp_path):
    path = tmp_path / "a.whl"
    path.write_bytes(b"x")
    with pytest.raises(parts.PartsError, match="with the SHA-256 00, but got 2d71"):
        parts._check(path, "00")


def test_what_fails_halfway_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "CACHE", tmp_path)

    def fail(folder):
        (folder / "half").write_bytes(b"x")
        raise parts.PartsError("no network")

    with pytest.raises(parts.PartsError):
        parts._kept("thing", fail)
    assert list(tmp_path.iterdir()) == []
    assert parts._kept("thing", lambda folder: (folder / "a").touch()) == tmp_path / "thing"
    assert [path.name for path in (tmp_path / "thing").iterdir()] == ["a"]


def test_of_two_that_fetch_at_once_both_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "CACHE", tmp_path)

    def slowly(folder):
        (folder / "a").touch()
        parts._kept("thing", lambda quicker: (quicker / "a").touch())

    assert [path.name for path in parts._kept("thing", slowly).iterdir()] == ["a"]
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]
