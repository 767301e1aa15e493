"""Access rows for the URLs of sign-in, accounts and people."""

from school.tests.access import get, post


def ids(world):
    """Return the values of the parameters in these URLs."""
    return {"person_id": world.people["host"].pk, "key": "abc", "uidb36": "1"}


def forms(world, which):
    """Return what a person would send with each form. It is valid, so that it reaches the rule behind the form."""
    return {"me": {"theme": "dark"}}


ROWS = [
    get("/account/login/", others="in"),
    post("/account/login/", others="in"),
    get("/account/logout/", others=302, signed_out=302),
    post("/account/logout/", others=302, signed_out=302),
    get("/account/email/", others=302),
    post("/account/email/", others=302),
    get("account_login", others=302, signed_out=200),
    post("account_login", others=302, signed_out=200),
    get("account_logout", others=200),
    post("account_logout", others="in"),
    get("account_inactive", others=200, signed_out=200),
    get("account_signup", others=302, signed_out=200),
    post("account_signup", others=302, signed_out=200),
    get("account_reauthenticate", superuser=403, others=200),
    post("account_reauthenticate", superuser=403, others=200),
    get("account_request_reauthentication_code", others=403),
    post("account_request_reauthentication_code", others=403),
    get("account_confirm_reauthentication_code", others=403),
    post("account_confirm_reauthentication_code", others=403),
    get("account_email", others=302),
    post("account_email", others=302),
    get("account_email_verification_sent", others=200, signed_out=200),
    get("account_change_password", superuser=302, others=200),
    post("account_change_password", superuser=302, others=200),
    get("account_set_password", superuser=200, others=302),
    post("account_set_password", superuser=200, others=302),
    get("account_reset_password", others=200, signed_out=200),
    post("account_reset_password", others=200, signed_out=200),
    get("account_confirm_login_code", others=302, signed_out=302),
    post("account_confirm_login_code", others=302, signed_out=302),
    get("account_confirm_email", others=200, signed_out=200),
    post("account_confirm_email", others=404, signed_out=404),
    get("account_reset_password_from_key_done", others=200, signed_out=200),
    get("account_reset_password_from_key", others=200, signed_out=200),
    post("account_reset_password_from_key", others=200, signed_out=200),
    get("account_reset_password_done", others=200, signed_out=200),
    get("account_request_login_code", others=302, signed_out=200),
    post("account_request_login_code", others=302, signed_out=200),
    get("mfa_index", others=200),
    get("mfa_authenticate", others=302),
    post("mfa_authenticate", others=302),
    get("mfa_reauthenticate", superuser=403, others=302),
    post("mfa_reauthenticate", superuser=403, others=302),
    get("mfa_activate_totp", superuser=200, others=302),
    post("mfa_activate_totp", superuser=200, others=302),
    get("mfa_deactivate_totp", others=404),
    post("mfa_deactivate_totp", others=404),
    get("mfa_view_recovery_codes", others=404),
    get("mfa_generate_recovery_codes", superuser=200, others=302),
    post("mfa_generate_recovery_codes", superuser=200, others=302),
    get("mfa_download_recovery_codes", others=404),
    post("mfa_download_recovery_codes", others=404),
    get("usersessions_list", others=200),
    post("usersessions_list", others=302),
    get("sign-in", others=302, signed_out=200),
    post("sign-in", others=302, signed_out=200),
    get("sign-out", others=200),
    post("sign-out", others="in"),
    get("me", others=200),
    post("me", others=302),
    get("accounts:people", admins=200, strange_admin=200, others=404),
    get("accounts:new_person", admins=200, strange_admin=200, others=404),
    post("accounts:new_person", admins=422, strange_admin=422, others=404),
    post("accounts:many_people", admins=422, strange_admin=422, others=404),
    get("accounts:person", admins=200, others=404),
    post("accounts:person", admins=422, others=404),
    post("accounts:invite_again", admins=302, others=404),
    post("accounts:mark_as_left", admins=302, others=404),
    post("accounts:come_back", admins=302, others=404),
    post("accounts:erase", admins=422, others=404),
    get("setup", others=404, signed_out=404),
    post("setup", others=404, signed_out=404),
]
