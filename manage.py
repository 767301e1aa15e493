#!/usr/bin/env python
"""Django's command line for Learning Walks."""

import os
import sys

OUR_OWN = ("learningwalks", "operations", "accounts", "observations", "walks", "notifications", "school")


def main() -> None:
    """Run a management command. Report a wrong setting or a broken installation in one sentence, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
        from django.db import InterfaceError, OperationalError

        try:
            execute_from_command_line(sys.argv)
        except ImproperlyConfigured as error:
            sys.exit(f"Learning Walks cannot start: {error}")
        except (OperationalError, InterfaceError) as error:
            if "--traceback" in sys.argv:
                raise
            sys.exit(f"The database cannot be used: {first_line(error)} (--traceback says where.)")
    except ModuleNotFoundError as error:
        if str(error.name).split(".")[0] in OUR_OWN:
            raise
        sys.exit(f"The installation is not complete ({error}). Remove .venv and run `make run` again.")


def first_line(error: Exception) -> str:
    """Return the database's reason as one sentence."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"{lines[0].rstrip('.')}."


if __name__ == "__main__":
    main()
