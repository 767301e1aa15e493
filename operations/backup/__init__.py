"""Backup and restore: the database and the photos as one archive, and back again."""
