"""Pages that join the apps, and the pages of errors."""
