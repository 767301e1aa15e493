"""Reading whole requests before a web thread takes them (ADR 12)."""
