"""The life of a walk: what each person and the clock may do with it, and what follows."""
