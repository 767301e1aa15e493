"""Privacy across apps: who sees what, how long data is kept, and the download of a person's own data."""
