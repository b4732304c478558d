"""Records and the proof about quotes, against a state machine of ten lines."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glue_jobs.grammar import Grammar, Quotes, count_lines, prove_quotes

GRAMMAR = Grammar(b",", b'"')
Span = tuple[int, int, bool, bool]


def reference(text: str) -> list[Span]:
    """Records as (start, end, malformed, open), one character at a time."""
    records: list[Span] = []
    start, malformed, state, index = 0, False, "field start", 0
    while index < len(text):
        character = text[index]
        if state == "quoted" and character == '"' and text[index + 1 : index + 2] == '"':
            index += 1
        elif state == "quoted":
            state = "closed" if character == '"' else "quoted"
        elif character == "\n":
            records.append((start, index, malformed, False))
            start, malformed, state = index + 1, False, "field start"
        elif character == ",":
            state = "field start"
        else:
            malformed = malformed or state == "closed"
            state = {"field start": "quoted" if character == '"' else "plain"}.get(state, state)
        index += 1
    return records if start == len(text) else [*records, (start, len(text), malformed, state == "quoted")]


TEXTS = st.text(st.sampled_from('a",\n'), max_size=14)


@settings(max_examples=500)
@given(TEXTS)
def test_records_are_those_of_the_state_machine(text: str) -> None:
    assert [(r.start, r.end, r.malformed, r.open) for r in GRAMMAR.records(text.encode())] == reference(text)


@settings(max_examples=500)
@given(TEXTS)
def test_what_is_proven_about_quotes_is_true(text: str) -> None:
    records = reference(text)

    proof = prove_quotes(text.encode(), GRAMMAR)

    if proof is not Quotes.UNPROVEN:
        assert not any(malformed for _, _, malformed, _ in records)
        assert any(still_open for *_, still_open in records) == (proof is Quotes.OPEN)


def test_well_placed_quotes_are_proven() -> None:
    text = b'"a",b,"c ""d"""\r\n"","e\nf",\n"g"'

    assert prove_quotes(text, GRAMMAR) is Quotes.PAIRED
    assert prove_quotes(text[:-1], GRAMMAR) is Quotes.OPEN
    assert prove_quotes(b"a,b\n", GRAMMAR) is Quotes.NONE
    assert prove_quotes(b'5" pipe,b\n', GRAMMAR) is Quotes.UNPROVEN


@given(st.lists(st.sampled_from(["a", ",", '"b"', '"c,""d"'])).map("".join))
def test_width_is_the_number_of_fields(record: str) -> None:
    assert GRAMMAR.width(record.encode()) == len(GRAMMAR.fields(record.encode()))


def test_fields_lose_their_quotes_only() -> None:
    assert GRAMMAR.fields(b'a, "b" ,"c,""d""",') == [b"a", b' "b" ', b'c,"d"', b""]


def test_a_line_end_is_cr_lf_or_both() -> None:
    assert count_lines(b"a\rb\r\nc\n\nd") == 4
