"""What other people's files are called, and hold, must not work a terminal."""

import sys

import pytest

from gluepipe.commands import output

HOSTILE = "a\x1b[2Jb\rc\x9b31md\u202egpj.csv\x07"
HARMLESS = "a\\x1b[2Jb\\x0dc\\x9b31md\\u202egpj.csv\\x07"


def test_words_and_tables_write_out_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    output.words(HOSTILE)
    output.table(["key"], [[HOSTILE]])
    said = capsys.readouterr()
    assert said.err == f"{HARMLESS}\n"
    assert HARMLESS in said.out


def test_data_is_written_out_on_a_terminal_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    output.data(HOSTILE)
    assert capsys.readouterr().out == f"{HOSTILE}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    output.data(HOSTILE)
    assert capsys.readouterr().out == f"{HARMLESS}\n"


def test_lines_tabs_and_letters_of_all_scripts_stay() -> None:
    text = "größe\t日本\n\U0001f600 e\u0301"
    assert output.visible(text) == text


def test_a_terminal_that_cannot_draw_gets_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with output.progress("Waiting") as step:
        step.update("Half done")
    assert capsys.readouterr().err == "Waiting\nHalf done\n"
