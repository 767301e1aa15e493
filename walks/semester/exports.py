"""The semester report as CSV and Excel file, with the same rows and words as the page."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from .report import ReportRow, SemesterReport
from .report_statuses import STATUSES

# A spreadsheet runs a cell that begins with one of these as a formula. Full-width signs count as the same signs.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

# Control characters and others that an Excel file cannot contain.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def safe_cell(text: str) -> str:
    """Return the text so that no spreadsheet rejects it or runs it as a formula (OWASP: CSV injection)."""
    text = UNPRINTABLE.sub("", text)
    is_formula = text.startswith(FORMULA_STARTS) or text.lstrip(" \u00a0").startswith(FORMULA_STARTS)
    return f"'{text}" if is_formula else text


PART_SIZE = 65_536  # characters of a CSV file that are sent at once

Cell = str | int | dt.date


@dataclass(frozen=True)
class Column:
    heading: str
    width: int  # in characters, for Excel
    cell: Callable[[ReportRow], Cell]


def columns_of(report: SemesterReport) -> list[Column]:
    """Return the columns of the files.

    The reason of an excusal is a column only if the reader may read reasons, the staff number only if the reader may
    see it and the school has any.
    """
    labels = {status: safe_cell(str(look.label)) for status, look in STATUSES.items()}
    columns = [
        Column(_("Family name"), 22, lambda row: safe_cell(row.family_name)),
        Column(_("Given name"), 18, lambda row: safe_cell(row.given_name)),
        Column(_("E-mail"), 34, lambda row: safe_cell(row.email)),
    ]
    if any(row.staff_number for row in report.everybody):
        columns.append(Column(_("Staff number"), 16, lambda row: safe_cell(row.staff_number)))
    columns += [
        Column(_("Grade"), 14, lambda row: safe_cell(row.grade)),
        Column(report.walk_heading, 18, lambda row: labels[row.status]),
        Column(_("Date"), 12, lambda row: row.date or ""),
    ]
    if report.with_reasons:
        columns.append(Column(_("Reason for excusal"), 28, lambda row: safe_cell(row.reason)))
    return [*columns, Column(_("Extra walks"), 12, lambda row: row.extra)]


def csv_lines(report: SemesterReport) -> Iterator[str]:
    """Yield the report as CSV (RFC 4180) in parts of about `PART_SIZE` characters.

    It begins with a byte order mark, without which Excel misreads accents.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    columns = columns_of(report)
    writer.writerow([column.heading for column in columns])
    for row in report.rows:
        writer.writerow([column.cell(row) for column in columns])
        if buffer.tell() > PART_SIZE:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def workbook(report: SemesterReport, *, today: dt.date) -> bytes:
    """Return the report as an Excel file: the rows, with filters in a fixed heading, and a sheet with the totals."""
    # Imported here because the import takes a quarter of a second, which would delay the start of every process.
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Teachers"))
    sheet.freeze_panes = "A2"
    columns = columns_of(report)
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(report.rows) + 1}"
    sheet.append([_bold(sheet, column.heading) for column in columns])
    for row in report.rows:
        sheet.append([column.cell(row) for column in columns])
    _add_summary(book.create_sheet(_("Summary")), report, today)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _add_summary(sheet: Any, report: SemesterReport, today: dt.date) -> None:
    """Fill a sheet with the totals over everybody in scope, whatever the filters."""
    sheet.column_dimensions["A"].width = 26
    semester = report.semester
    tally = report.tally
    for name, value in (
        (_("School"), safe_cell(semester.school.name)),
        (_("Semester"), safe_cell(semester.name)),
        (_("First day"), semester.starts_on),
        (_("Last day"), semester.ends_on),
        (_("As of"), today),
        (_("Complete, in percent"), tally.percent),
    ):
        sheet.append([_bold(sheet, name), value])
    sheet.append([])
    headings = [_("Grade"), *(str(STATUSES[status].label) for status in report.statuses)]
    sheet.append([_bold(sheet, heading) for heading in headings])
    for grade, grade_tally in [*report.by_grade, (_("All"), tally)]:
        sheet.append([safe_cell(grade), *(grade_tally.counts[status] for status in report.statuses)])


def _bold(sheet: object, text: str) -> object:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, value=text)  # type: ignore[arg-type]
    cell.font = Font(bold=True)
    return cell
