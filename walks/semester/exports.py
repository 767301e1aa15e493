"""The semester report as CSV and Excel file, with the same rows and words as the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from .report import STATUSES, ReportRow, SemesterReport

# A spreadsheet runs a cell that begins with one of these as a formula. It reads the full-width forms as the same signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Control characters and others that an Excel file cannot contain.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet rejects it or runs it as a formula (OWASP: CSV injection)."""
    text = UNPRINTABLE.sub("", text)
    is_formula = text.startswith(FORMULA_STARTS) or text.lstrip(" \u00a0").startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text


DATE_COLUMN = 4  # counted from 0


def headings(report: SemesterReport) -> list[str]:
    """Return the headings of the columns. The reason of an excusal is a column only if the reader may read reasons."""
    reason = [_("Reason for excusal")] if report.with_reasons else []
    facts = [_("Family name"), _("Given name"), _("Grade"), _("Required walk"), _("Date")]
    return [*facts, *reason, _("Extra walks")]


def _cells(row: ReportRow, words: dict[str, str], *, with_reasons: bool) -> list[str | int | dt.date]:
    """Return the cells of one row; `words` are the statuses in words, translated once for all rows."""
    date = row.date.isoformat() if row.date else ""
    reason = [safe_cell(row.reason)] if with_reasons else []
    person = [safe_cell(row.family_name), safe_cell(row.given_name), safe_cell(row.grade)]
    return [*person, words[row.status], date, *reason, row.extra]


def _status_words() -> dict[str, str]:
    return {status: safe_cell(str(words)) for status, (words, *_css) in STATUSES.items()}


def csv_lines(report: SemesterReport) -> Iterator[str]:
    """Yield the report as CSV (RFC 4180) in parts of about 64 kB.

    It begins with a byte order mark, without which Excel misreads accents.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(headings(report))
    words = _status_words()
    for row in report.rows:
        writer.writerow(_cells(row, words, with_reasons=report.with_reasons))
        if buffer.tell() > 65536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def workbook(report: SemesterReport) -> bytes:
    """Return the report as an Excel file with a fixed heading and real dates."""
    # Imported here because it takes a quarter of a second, by which every process would start later.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Semester report"))
    sheet.freeze_panes = "A2"
    widths = (22, 18, 14, 18, 12, *([24] if report.with_reasons else []), 12)
    for letter, width in zip("ABCDEFG", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.append([_bold(sheet, text) for text in headings(report)])
    words = _status_words()
    for row in report.rows:
        cells = _cells(row, words, with_reasons=report.with_reasons)
        cells[DATE_COLUMN] = row.date or ""
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _bold(sheet: object, text: str) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=text)  # type: ignore[arg-type]
    cell.font = Font(bold=True)
    return cell
