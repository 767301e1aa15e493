"""All rows of the "Who sees what" table on the privacy page. A test proves every cell."""

from __future__ import annotations

from observations import who_sees_what as words
from walks import who_sees_what as walks
from walks.who_sees_what import PrivacyRow

ROWS: list[PrivacyRow] = [*walks.ROWS_OF_A_WALK, *words.ROWS, *walks.ROWS_OF_THE_REPORT]
