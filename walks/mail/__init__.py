"""Mails, calendar invitations and reminders of walks: what they say and when they are due."""
