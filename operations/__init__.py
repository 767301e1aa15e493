"""Run and monitor an installation."""
