"""Mails, calendar entries and reminders of walks: what they say and when they are due."""
