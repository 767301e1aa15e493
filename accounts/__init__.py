"""Signing in, the first school, and the people of a school."""
