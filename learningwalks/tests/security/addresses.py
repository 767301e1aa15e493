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
    get("admin:index", keeper=200, others=302, signed_out=302),
    post("admin:index", keeper=200, others=302, signed_out=302),
    get("admin:login", keeper=302, others=403),
    post("admin:login", keeper=200, others=403),
    get("admin:logout", keeper=405, others=302, signed_out=302),
    post("admin:logout", keeper="in", others=302, signed_out=302),
    get("admin:password_change", keeper=200, others=302, signed_out=302),
    post("admin:password_change", keeper=200, others=302, signed_out=302),
    get("admin:password_change_done", keeper=200, others=302, signed_out=302),
    post("admin:password_change_done", keeper=405, others=302, signed_out=302),
    get("admin:autocomplete", keeper=403, others=302, signed_out=302),
    post("admin:autocomplete", keeper=405, others=302, signed_out=302),
    get("admin:jsi18n", keeper=200, others=302, signed_out=302),
    post("admin:jsi18n", keeper=405, others=302, signed_out=302),
    get("admin:view_on_site", keeper=404, others=302, signed_out=302),
    post("admin:view_on_site", keeper=404, others=302, signed_out=302),
    get("admin:*_changelist", keeper=200, others=302),
    post("admin:*_changelist", keeper=200, others=302),
    get("admin:*_add", keeper=200, others=302),
    post("admin:*_add", keeper=200, others=302),
    get("admin:*_history", others=302),
    post("admin:*_history", others=302),
    get("admin:*_delete", keeper=403, others=302),
    post("admin:*_delete", keeper=403, others=302),
    get("admin:*_change", others=302),
    post("admin:*_change", others=302),
    get("/admin/*/<path:object_id>/", others=302),
    post("/admin/*/<path:object_id>/", others=302),
    get("admin:app_list", keeper=200, others=302, signed_out=302),
    post("admin:app_list", keeper=200, others=302, signed_out=302),
    get("/admin/(?P<url>.*)$", keeper=404, others=302, signed_out=302),
    post("/admin/(?P<url>.*)$", keeper=404, others=302, signed_out=302),
    post("demo-sign-in", others=404, signed_out=404),
    get("norms", others=200),
    get("privacy", others=200, signed_out=200),
    get("help", others=200, signed_out=200),
    get("offline", others=200, signed_out=200),
    get("my-data", others=200),
]
