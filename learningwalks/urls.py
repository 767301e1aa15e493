"""All URLs of the product: one include per app, and the pages that join apps."""

from allauth.account.decorators import secure_admin_login
from allauth.account.views import logout
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts.views import second_step
from accounts.views.first_school import first_run
from accounts.views.sign_in import SignInView
from observations.views.home import home
from operations import health
from operations.metrics import metrics

from .admin_site import keep_only_directory
from .demo.views import demo_people, demo_sign_in
from .views import pages

admin.autodiscover()
keep_only_directory()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "learningwalks.views.error_pages.bad_request"
handler500 = "learningwalks.views.error_pages.server_error"

sign_in = SignInView.as_view(demo_people=demo_people)

# These URLs replace those of allauth. Administrators manage the addresses, there is one sign-in page, and our
# second step is stricter.
_replaced = [
    path("account/login/", login_not_required(RedirectView.as_view(pattern_name="sign-in", query_string=True))),
    path("account/logout/", login_not_required(RedirectView.as_view(pattern_name="sign-out"))),
    path("account/email/", RedirectView.as_view(url="/me/")),
    path("account/2fa/totp/activate/", second_step.set_up, name="mfa_activate_totp"),
    path("account/2fa/totp/deactivate/", second_step.turn_off, name="mfa_deactivate_totp"),
    path("account/2fa/recovery-codes/", second_step.show_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "account/2fa/recovery-codes/download/", second_step.download_recovery_codes, name="mfa_download_recovery_codes"
    ),
    path("account/2fa/recovery-codes/generate/", second_step.new_recovery_codes, name="mfa_generate_recovery_codes"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", admin.site.urls),
    *_replaced,
    path("account/", include("allauth.urls")),
    path("sign-in/", sign_in, name="account_login"),  # allauth reverses these two by its own names
    path("sign-out/", logout, name="account_logout"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", logout, name="sign-out"),
    path("sign-in/demo/", demo_sign_in, name="demo-sign-in"),
    path("", include("notifications.urls")),
    path("", include("walks.urls")),
    path("", include("observations.urls")),
    path("", home, name="home"),
    path("praise/", include("observations.praise_urls")),
    path("norms/", pages.norms, name="norms"),
    path("privacy/", pages.who_sees_what, name="privacy"),
    path("help/", pages.help_page, name="help"),
    path("offline/", pages.offline, name="offline"),
    path("me/", pages.me, name="me"),
    path("me/data/", pages.my_data, name="my-data"),
    path("setup/", first_run, name="setup"),
    path("", include("accounts.urls")),
    path("", include("school.urls")),  # after walks, which owns /settings/focus/
]
