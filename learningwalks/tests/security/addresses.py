"""Access rows for URLs that belong to no app: health, Django's admin, pages about the product."""

from django.contrib.contenttypes.models import ContentType

from school.tests.access import get, post


def ids(world):
    """Return the values of the parameters in these URLs."""
    return {
        "object_id": "999999",
        "content_type_id": str(ContentType.objects.get_by_natural_key("school", "team").pk),
        "app_label": "school",
        "url": "nowhere/",
    }


ROWS = [
    get("healthz", others=200, signed_out=200),
    get("readyz", others=200, signed_out=200),
    get("metrics", others=404, signed_out=404),
    get("admin:index", superuser=200, others=302, signed_out=302),
    post("admin:index", superuser=200, others=302, signed_out=302),
    get("admin:login", superuser=302, others=403),
    post("admin:login", superuser=200, others=403),
    get("admin:logout", superuser=405, others=302, signed_out=302),
    post("admin:logout", superuser="in", others=302, signed_out=302),
    get("admin:password_change", superuser=200, others=302, signed_out=302),
    post("admin:password_change", superuser=200, others=302, signed_out=302),
    get("admin:password_change_done", superuser=200, others=302, signed_out=302),
    post("admin:password_change_done", superuser=405, others=302, signed_out=302),
    get("admin:autocomplete", superuser=403, others=302, signed_out=302),
    post("admin:autocomplete", superuser=405, others=302, signed_out=302),
    get("admin:jsi18n", superuser=200, others=302, signed_out=302),
    post("admin:jsi18n", superuser=405, others=302, signed_out=302),
    get("admin:view_on_site", superuser=404, others=302, signed_out=302),
    post("admin:view_on_site", superuser=404, others=302, signed_out=302),
    get("admin:*_changelist", superuser=200, others=302),
    post("admin:*_changelist", superuser=200, others=302),
    get("admin:*_add", superuser=200, others=302),
    post("admin:*_add", superuser=200, others=302),
    get("admin:*_history", others=302),
    post("admin:*_history", others=302),
    get("admin:*_delete", superuser=403, others=302),
    post("admin:*_delete", superuser=403, others=302),
    get("admin:*_change", others=302),
    post("admin:*_change", others=302),
    get("/admin/*/<path:object_id>/", others=302),
    post("/admin/*/<path:object_id>/", others=302),
    get("admin:app_list", superuser=200, others=302, signed_out=302),
    post("admin:app_list", superuser=200, others=302, signed_out=302),
    get("/admin/(?P<url>.*)$", superuser=404, others=302, signed_out=302),
    post("/admin/(?P<url>.*)$", superuser=404, others=302, signed_out=302),
    post("demo-sign-in", others=404, signed_out=404),
    get("norms", others=200),
    get("privacy", others=200, signed_out=200),
    get("help", others=200, signed_out=200),
    get("offline", others=200, signed_out=200),
    get("my-data", others=200),
]
