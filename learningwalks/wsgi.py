"""The WSGI entry point that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "learningwalks.settings")
application = get_wsgi_application()


def _hold_the_data() -> object:
    """Until this process ends: a restore waits for it, and it does not start during one."""
    from django.conf import settings

    from .installation import serve

    return serve(settings.DATA_DIR)


_held = _hold_the_data()
