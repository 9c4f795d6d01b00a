"""The table files of the collection."""

from __future__ import annotations

from tests.hostile.table_archives import ARCHIVES
from tests.hostile.table_columns import COLUMNS
from tests.hostile.table_foreign import CODE, FOREIGN
from tests.hostile.table_sheets import SHEETS
from tests.hostile.table_texts import TEXTS

TABLES = (*TEXTS, *CODE, *FOREIGN, *ARCHIVES, *SHEETS, *COLUMNS)
#: Small, good, and read after each refusal.
GOOD_TABLE = b"y,g,a\n" + b"1,f,10\n0,m,20\n1,m,30\n0,f,40\n" * 3
