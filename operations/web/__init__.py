"""The web server: waitress reads whole requests before a web thread handles them (ADR 12)."""
