"""Access rows for the URLs of e-mail preferences and the demo mailbox."""

from notifications import preferences
from school.tests.access import get, post


def ids(world):
    """Return the values of the parameters in these URLs."""
    walker = world.people["walker"]
    link = preferences.unsubscribe_url(walker.pk, preferences.kinds_for(walker)[0].name)
    return {"token": link.rstrip("/").rpartition("/")[2], "name": "20261111.eml"}


ROWS = [
    get("notifications:preferences", others=200),
    post("notifications:preferences", others=302),
    get("notifications:unsubscribe", others=200, signed_out=200),
    post("notifications:unsubscribe", others=200, signed_out=200),
    get("notifications:mailbox", others=404, signed_out=404),
    get("notifications:mail", others=404, signed_out=404),
    get("notifications:mail_html", others=404, signed_out=404),
]
