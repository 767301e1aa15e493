"""Which lessons take place, which rooms take visitors, and who is free."""
