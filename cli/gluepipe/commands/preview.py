"""preview: what the job would make of local files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gluepipe.commands import output as show
from gluepipe.commands.options import dataset_option, json_option

if TYPE_CHECKING:
    from gluepipe.preview import Preview

_SHOWN_REJECTS = 10
_SHOWN_TEXT = 80


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE..."
)
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), help="Write the Parquet files here.")
@dataset_option("Apply the contract of this dataset.")
@json_option
def preview(files: tuple[Path, ...], output: Path | None, dataset: str | None, as_json: bool) -> None:
    """Show what the job would make of local CSV files: form, types, rows, and the rows it would set aside.

    It is the job's own code, without AWS. A file that the job would reject is shown with the reason.
    """
    from gluepipe import preview as library

    if dataset and not library.has_contract(dataset):
        show.words(f"{dataset} has no contract: its files are taken as they are.")
    previews = library.preview(files, output, dataset)
    if as_json:
        show.json_document([one.as_document() for one in previews])
        return
    for one in previews:
        _show(one)


def _show(one: Preview) -> None:
    if one.outcome != "ok":
        place = f", line {one.line}" if one.line else ""
        show.data(f"{one.path}: {one.outcome}, {one.reason}{place}\n  {one.message}\n")
        _show_rejects(one)
        return
    show.data(f"{one.path}: {one.rows_written} rows, {_form(one)}, {one.seconds['total']:.2f} s")
    rows = [(c.name, c.type, c.header if c.header != c.name else "") for c in one.columns]
    show.table(("column", "type", "header"), rows)
    if one.header_is_doubtful:
        show.data("All is text, so nothing shows that the first record is a header; if it is data, declare `header`.")
    if one.rows_rescued:
        show.data(f"{one.rows_rescued} rows have values in _rescued_data.")
    _show_rejects(one)
    for path in one.outputs:
        show.data(f"wrote {path}")
    show.data("")


def _show_rejects(one: Preview) -> None:
    if one.rows_quarantined:
        show.data(f"{one.rows_quarantined} rows quarantined:")
        rejects = [(r.line, r.reason, r.detail, _shortened(r.raw)) for r in one.rejects[:_SHOWN_REJECTS]]
        show.table(("line", "reason", "detail", "text"), rejects)


def _form(one: Preview) -> str:
    dialect = one.dialect
    if dialect is None:
        return ""
    packed = f"{dialect.compression}, " if dialect.compression else ""
    header = "" if dialect.header is not None else ", no header"
    return f"{packed}{dialect.encoding}, delimiter {dialect.delimiter!r}{header}"


def _shortened(raw: bytes) -> str:
    text = raw[: _SHOWN_TEXT + 1].decode(errors="backslashreplace")
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT] + "…"
