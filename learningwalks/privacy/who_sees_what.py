"""All rows of the "Who sees what" table on the privacy page. A test proves every cell."""

from __future__ import annotations

from observations import who_sees_what as observation_rows
from walks import who_sees_what as walk_rows
from walks.who_sees_what import PrivacyRow

ROWS: list[PrivacyRow] = [
    *walk_rows.ROWS_OF_A_WALK,
    *observation_rows.ROWS,
    *walk_rows.ROWS_OF_THE_REPORT,
    walk_rows.ROW_OF_THE_TIMETABLE,
]
