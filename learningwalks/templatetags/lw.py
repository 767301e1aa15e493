"""Template tags of the product: icons, avatars, pills, times."""

from django import template

register = template.Library()
