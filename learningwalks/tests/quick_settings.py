"""The product's settings with a quick password hash, so that hundreds of sign-ins take seconds, not minutes."""

from learningwalks.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
