"""Choose delimiter, quote and escape: the combination under which the records agree best."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

from glue_jobs.errors import FileRejected
from glue_jobs.escapes import Escapes
from glue_jobs.grammar import BLANK, Grammar, Record
from glue_jobs.kinds import Kind, observe_value
from glue_jobs.options import CsvOptions, can_structure

# Where two explain a file equally well: the one that is rarer inside of texts, unless it is hardly ever a delimiter.
DELIMITERS = ("\x01", "\x1f", "\t", "|", ";", ",", "^", "~")
# The delimiter of a file of one column whose texts hold all the others.
NOWHERE = "\x1f"
_HALF = _NEUTRAL = 0.5
_ROWS = 500
_LOOKED_AT = 30
_DIGITS = re.compile(r"[+-]?[0-9](?:[0-9.,:/-]*[0-9])?")
_OTHER_COMMA = re.compile(rb"(?<![0-9]),|,(?![0-9])")


@dataclass(frozen=True, slots=True)
class Form:
    """Delimiter, quote and escape; no quote and no escape are empty."""

    delimiter: str
    quote: str
    escape: str

    @property
    def grammar(self) -> Grammar:
        return Grammar(self.delimiter.encode(), self.quote.encode())


@dataclass(frozen=True, slots=True)
class Reading:
    """A sample under one form: `text` with its escapes hidden, the first records in it that are not blank, how many
    fields each has, and how well that fits: the share of records that agree with the first one, flaws, and whether a
    quote opens any field, or all."""

    form: Form
    escapes: Escapes
    text: bytes
    records: list[Record]
    widths: list[int]
    agreement: float
    common: float
    flawless: bool
    opens: bool
    wrapped: bool

    @property
    def width(self) -> int:
        return self.widths[0] if self.widths else 1

    def raw(self, record: Record) -> bytes:
        return self.text[record.start : record.end]

    @property
    def rank(self) -> tuple[float, float, int]:
        return (0.0 if self.width == 1 else self.agreement, self.common, self.width)


def choose_form(sample: bytes, complete: bool, directive: str | None, options: CsvOptions) -> Reading:
    """`sample`, which starts with a record, under its form; what `options` or the `sep=` line say is not questioned."""
    declared = options.delimiter or directive
    for name, character in (("delimiter", declared), ("quote", options.quote), ("escape", options.escape)):
        if character and not can_structure(character):
            raise FileRejected(
                f"unsupported_{name}",
                f"{character!r} is not a single ASCII character; correct `{name}` in the contract.",
            )
    delimiters = [declared] if declared else [d for d in DELIMITERS if d == "," or d.encode() in sample]
    quote, escape = '"' if options.quote is None else options.quote, options.escape or ""

    def best(quote: str, escape: str) -> Reading:
        return _best(sample, complete, [Form(d, quote, escape) for d in delimiters], declared=bool(declared))

    plain = best(quote, escape)
    if options.quote is None and b"'" in sample:
        single = best("'", escape)
        fits = single.flawless and single.opens and single.agreement == 1 and single.width > 1
        resolves = fits and plain.agreement < 1
        if single.wrapped or resolves:
            return single
    if options.escape is None and quote and f"\\{quote}".encode() in sample:
        escaped = best(quote, "\\")
        if escaped.flawless and (not plain.flawless or escaped.agreement > plain.agreement):
            return escaped
    return plain


def _best(sample: bytes, complete: bool, forms: list[Form], *, declared: bool) -> Reading:
    fits = [_read(sample, complete, form) for form in forms]
    best = max(fits, key=lambda fit: fit.rank)
    rivals = [fit for fit in fits if fit.width > 1 and fit.agreement >= _HALF * best.agreement]
    if len(rivals) > 1:
        best = max(rivals, key=lambda fit: (fit.agreement * _sense(fit, rivals), fit.rank))
    if best.width == 1 and best.common <= _HALF and not declared:
        nowhere = _read(sample, complete, replace(best.form, delimiter=NOWHERE))
        return max([*reversed(fits), nowhere], key=lambda fit: fit.agreement)
    others = [fit for fit in fits if fit is not best and fit.width > 1 and fit.agreement >= best.agreement]
    if best.form.delimiter == "," and others and not _OTHER_COMMA.search(sample):
        # Every comma stands between digits: decimal commas, and another delimiter explains the records as well.
        return max(others, key=lambda fit: fit.rank)
    return best


def _read(sample: bytes, complete: bool, form: Form) -> Reading:
    escapes = Escapes.of(form.escape, form.quote, sample)
    text, grammar = escapes.hide(sample), form.grammar
    records: list[Record] = []
    widths, flawless, opens, wrapped = [], True, False, bool(form.quote)
    for record in islice(grammar.records(text), _ROWS):
        raw = text[record.start : record.end]
        if not raw.strip(BLANK) or (record.next >= len(text) and not complete):
            continue
        flawless = flawless and not (record.malformed or record.open)
        opens = opens or raw.startswith(form.quote.encode()) or (form.delimiter + form.quote).encode() in raw
        wrapped = wrapped and _is_wrapped(raw, form)
        records.append(record)
        widths.append(grammar.width(raw))
    agreement, common = _share(widths[1:], widths[0] if widths else 1), _most_common_share(widths[1:])
    return Reading(form, escapes, text, records, widths, agreement, common, flawless, opens, wrapped and bool(widths))


def _sense(fit: Reading, rivals: list[Reading]) -> float:
    """How much the cells look like values of their own, from 0 to 1: numbers, dates and so on do, words are neutral,
    and what holds a rival's delimiter or starts with a blank, like the rest of a sentence, does not."""
    others = {rival.form.delimiter for rival in rivals} - {fit.form.delimiter}
    records = [fit.form.grammar.bare(fit.raw(record)).decode(errors="replace") for record in fit.records[:_LOOKED_AT]]
    names, *rows = [record.split(fit.form.delimiter)[:_LOOKED_AT] for record in records]
    found = [min(_NEUTRAL, _sense_of(cell, others)) for cell in names]
    found += [_sense_of(cell, others) for row in rows for cell in row]
    return sum(found) / len(found)


def _sense_of(cell: str, others: set[str]) -> float:
    if not cell.startswith(" ") and (observe_value(cell, CsvOptions()).kinds != Kind.TEXT or _DIGITS.fullmatch(cell)):
        return 1.0
    return 0.0 if cell.startswith(" ") or any(other in cell for other in others) else _NEUTRAL


def _share(widths: list[int], width: int) -> float:
    return widths.count(width) / len(widths) if widths else 1.0


def _most_common_share(widths: list[int]) -> float:
    several = Counter(width for width in widths if width > 1)
    return max(several.values(), default=0) / max(1, len(widths))


def _is_wrapped(raw: bytes, form: Form) -> bool:
    """Whether every field stands in quotes."""
    quote = form.quote.encode()
    fields = re.split(re.escape(form.delimiter.encode()) + b"(?=" + re.escape(quote) + b"|$)", raw)
    return all(len(f) > 1 and f.startswith(quote) and f.endswith(quote) for f in fields)
