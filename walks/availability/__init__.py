"""Which classes run, which rooms take a visitor, and who is free."""
