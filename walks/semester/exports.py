"""The semester report as CSV and Excel: the same rows and words as on the screen."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from .report import STATUSES, ReportRow, SemesterReport

# A cell that begins like this would be run as a formula; the full-width forms are read as the same signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


# Characters that nobody types and no Excel file can hold.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def safe_cell(text: str) -> str:
    """Text that every spreadsheet can hold and none takes for a formula (OWASP: CSV injection)."""
    text = UNPRINTABLE.sub("", text)
    return f"'{text}" if text.lstrip(" \u00a0").startswith(FORMULA_STARTS) or text.startswith(FORMULA_STARTS) else text


DATE = 4  # the column of the date, from 0


def headings(report: SemesterReport) -> list[str]:
    """The columns, and no others. Why somebody is excused is a column only for those who may read it."""
    because = [_("Reason for excusal")] if report.with_reasons else []
    facts = [_("Family name"), _("Given name"), _("Grade"), _("Required walk"), _("Date")]
    return [*facts, *because, _("Extra walks")]


def _cells(row: ReportRow, words: dict[str, str], *, with_reasons: bool) -> list[str | int | dt.date]:
    """The cells of one line; `words` are the statuses in words, translated once for all lines."""
    date = row.date.isoformat() if row.date else ""
    because = [safe_cell(row.reason)] if with_reasons else []
    typed = [safe_cell(row.family_name), safe_cell(row.given_name), safe_cell(row.grade)]
    return [*typed, words[row.status], date, *because, row.extra]


def _words() -> dict[str, str]:
    return {status: safe_cell(str(look[0])) for status, look in STATUSES.items()}


def csv_lines(report: SemesterReport) -> Iterator[str]:
    """The report line by line (RFC 4180), with a byte order mark so that Excel reads the names right."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(headings(report))
    words = _words()
    for row in report.rows:
        writer.writerow(_cells(row, words, with_reasons=report.with_reasons))
        if buffer.tell() > 65536:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def workbook(report: SemesterReport) -> bytes:
    """The report as an Excel file with a fixed heading and real dates."""
    from openpyxl import Workbook  # here: it takes a quarter of a second, which every process would wait at its start

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Semester report"))
    sheet.freeze_panes = "A2"
    widths = (22, 18, 14, 18, 12, *([24] if report.with_reasons else []), 12)
    for letter, width in zip("ABCDEFG", widths, strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.append([_bold(sheet, text) for text in headings(report)])
    words = _words()
    for row in report.rows:
        cells = _cells(row, words, with_reasons=report.with_reasons)
        cells[DATE] = row.date or ""
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
