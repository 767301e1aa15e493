"""Who gets what: every address, for every persona, in every state. Read by test_access_matrix.py, and by people.

One number is the answer whatever the state. Several are the answers for one's own and others' objects in the order

    walks      draft requested asked approved live walked complete heads     (Amara's; the last is Lucía's, a Head)
    notes      live walked complete removed        photos   live walked complete kept
    praise     draft walked complete in_person     (Amara's to Jonas; the one of "walked" was sent ten seconds ago)

    teachers   walker host second_host colleague stranger      heads   head other_head
    admins     administrator admin_walker keeper

`in` is the way to the sign-in page, which everybody who is signed out gets unless the row says otherwise.
A method that is not listed is not allowed (405).
"""

ROWS = """
healthz                              GET   others                  200
                                           signed out              200
readyz                               GET   others                  200
                                           signed out              200
metrics                              GET   others                  404
                                           signed out              404
admin:index                          GET   keeper                  200
                                           others                  302
                                           signed out              302
                                     POST  keeper                  200
                                           others                  302
                                           signed out              302
admin:login                          GET   keeper                  302
                                           others                  403
                                     POST  keeper                  200
                                           others                  403
admin:logout                         GET   keeper                  405
                                           others                  302
                                           signed out              302
                                     POST  keeper                  in
                                           others                  302
                                           signed out              302
admin:password_change                GET   keeper                  200
                                           others                  302
                                           signed out              302
                                     POST  keeper                  200
                                           others                  302
                                           signed out              302
admin:password_change_done           GET   keeper                  200
                                           others                  302
                                           signed out              302
                                     POST  keeper                  405
                                           others                  302
                                           signed out              302
admin:autocomplete                   GET   keeper                  403
                                           others                  302
                                           signed out              302
                                     POST  keeper                  405
                                           others                  302
                                           signed out              302
admin:jsi18n                         GET   keeper                  200
                                           others                  302
                                           signed out              302
                                     POST  keeper                  405
                                           others                  302
                                           signed out              302
admin:view_on_site                   GET   keeper                  404
                                           others                  302
                                           signed out              302
                                     POST  keeper                  404
                                           others                  302
                                           signed out              302
admin:*_changelist                   GET   keeper                  200
                                           others                  302
                                     POST  keeper                  200
                                           others                  302
admin:*_add                          GET   keeper                  200
                                           others                  302
                                     POST  keeper                  200
                                           others                  302
admin:*_history                      GET   others                  302
                                     POST  others                  302
admin:*_delete                       GET   keeper                  403
                                           others                  302
                                     POST  keeper                  403
                                           others                  302
admin:*_change                       GET   others                  302
                                     POST  others                  302
/admin/*/<path:object_id>/           GET   others                  302
                                     POST  others                  302
admin:app_list                       GET   keeper                  200
                                           others                  302
                                           signed out              302
                                     POST  keeper                  200
                                           others                  302
                                           signed out              302
/admin/(?P<url>.*)$                  GET   keeper                  404
                                           others                  302
                                           signed out              302
                                     POST  keeper                  404
                                           others                  302
                                           signed out              302
/account/login/                      GET   others                  in
                                     POST  others                  in
/account/logout/                     GET   others                  302
                                           signed out              302
                                     POST  others                  302
                                           signed out              302
/account/email/                      GET   others                  302
                                     POST  others                  302
account_login                        GET   others                  302
                                           signed out              200
                                     POST  others                  302
                                           signed out              200
account_logout                       GET   others                  200
                                     POST  others                  in
account_inactive                     GET   others                  200
                                           signed out              200
account_signup                       GET   others                  302
                                           signed out              200
                                     POST  others                  302
                                           signed out              200
account_reauthenticate               GET   keeper                  403
                                           others                  200
                                     POST  keeper                  403
                                           others                  200
account_request_reauthentication_code GET   others                  403
                                     POST  others                  403
account_confirm_reauthentication_code GET   others                  403
                                     POST  others                  403
account_email                        GET   others                  302
                                     POST  others                  302
account_email_verification_sent      GET   others                  200
                                           signed out              200
account_change_password              GET   keeper                  302
                                           others                  200
                                     POST  keeper                  302
                                           others                  200
account_set_password                 GET   keeper                  200
                                           others                  302
                                     POST  keeper                  200
                                           others                  302
account_reset_password               GET   others                  200
                                           signed out              200
                                     POST  others                  200
                                           signed out              200
account_confirm_login_code           GET   others                  302
                                           signed out              302
                                     POST  others                  302
                                           signed out              302
account_confirm_email                GET   others                  200
                                           signed out              200
                                     POST  others                  404
                                           signed out              404
account_reset_password_from_key_done GET   others                  200
                                           signed out              200
account_reset_password_from_key      GET   others                  200
                                           signed out              200
                                     POST  others                  200
                                           signed out              200
account_reset_password_done          GET   others                  200
                                           signed out              200
account_request_login_code           GET   others                  302
                                           signed out              200
                                     POST  others                  302
                                           signed out              200
mfa_index                            GET   others                  200
mfa_authenticate                     GET   others                  302
                                     POST  others                  302
mfa_reauthenticate                   GET   keeper                  403
                                           others                  302
                                     POST  keeper                  403
                                           others                  302
mfa_activate_totp                    GET   keeper                  200
                                           others                  302
                                     POST  keeper                  200
                                           others                  302
mfa_deactivate_totp                  GET   others                  404
                                     POST  others                  404
mfa_view_recovery_codes              GET   others                  404
mfa_generate_recovery_codes          GET   keeper                  200
                                           others                  302
                                     POST  keeper                  200
                                           others                  302
mfa_download_recovery_codes          GET   others                  404
                                     POST  others                  404
usersessions_list                    GET   others                  200
                                     POST  others                  302
sign-in                              GET   others                  302
                                           signed out              200
                                     POST  others                  302
                                           signed out              200
sign-out                             GET   others                  200
                                     POST  others                  in
demo-sign-in                         POST  others                  404
                                           signed out              404
notifications:preferences            GET   others                  200
                                     POST  others                  302
notifications:off                    GET   others                  200
                                           signed out              200
                                     POST  others                  200
                                           signed out              200
notifications:mailbox                GET   others                  404
                                           signed out              404
notifications:mail                   GET   others                  404
                                           signed out              404
notifications:mail_html              GET   others                  404
                                           signed out              404
walks:list                           GET   others                  200
walks:new                            GET   others                  200
                                     POST  stranger, strange_admin  422
                                           others                  302
walks:detail                         GET   walker                  200 200 200 200 200 200 200 404
                                           head                    404 200 200 200 200 200 200 200
                                           admins                  404 404 404 404 404 404 404 200
                                           others                  404
walks:edit                           GET   walker                  200 200 200 200 302 302 302 404
                                           head                    404 403 403 403 403 403 403 200
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
                                     POST  walker                  302 200 200 200 302 302 302 404
                                           head                    404 403 403 403 403 403 403 200
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
walks:cancel                         GET   walker                  200 200 200 200 302 302 302 404
                                           head                    404 403 403 403 403 403 403 200
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 403 403 403 403 403 403 302
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
walks:take_back                      POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 403 403 403 403 403 403 302
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
walks:reply                          POST  walker                  422 422 302 422 422 422 422 404
                                           head                    404 403 403 403 403 403 403 422
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
walks:accept                         POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 403 403 403 403 403 403 302
                                           admins                  404 404 404 404 404 404 404 403
                                           others                  404
walks:report                         GET   teachers                404
                                           others                  200
walks:report_csv                     GET   teachers                404
                                           others                  200
walks:report_xlsx                    GET   teachers                404
                                           others                  200
walks:report_reminder                GET   teachers                404
                                           others                  200
                                     POST  teachers                404
                                           others                  302
walks:excuse                         GET   heads                   403
                                           admins                  200
                                           others                  404
                                     POST  heads                   403
                                           admins                  302
                                           others                  404
walks:unexcuse                       POST  heads                   403
                                           admins                  302
                                           others                  404
walks:ics                            GET   walker                  404 404 404 200 200 200 200 404
                                           others                  404
walks:approvals                      GET   teachers                404
                                           others                  200
walks:approve_all                    POST  teachers                404
                                           others                  302
walks:adjust                         GET   head                    404 200 302 302 302 302 302 403
                                           admins                  404 404 404 404 404 404 404 200
                                           others                  404
                                     POST  head                    404 302 302 302 302 302 302 403
                                           admins                  404 404 404 404 404 404 404 302
                                           others                  404
walks:approve                        POST  head                    404 302 302 302 302 302 302 403
                                           admins                  404 404 404 404 404 404 404 302
                                           others                  404
walks:change_cover                   GET   head                    404 302 302 200 302 302 302 403
                                           admins                  404 404 404 404 404 404 404 302
                                           others                  404
                                     POST  head                    404 302 302 422 302 302 302 403
                                           admins                  404 404 404 404 404 404 404 302
                                           others                  404
walks:ask_change                     POST  head                    404 302 422 422 422 422 422 403
                                           admins                  404 404 404 404 404 404 404 302
                                           others                  404
observations:go                      GET   walker                  200 200 200 200 302 302 302 404
                                           head                    404 404 404 404 404 404 404 200
                                           others                  404
observations:go_done                 GET   walker                  302 302 302 200 200 200 200 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:finish                  GET   others                  302
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:add_room                GET   walker                  302 302 302 302 200 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:room                    GET   walker                  302 302 302 302 200 200 200 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:arrive                  GET   others                  302
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:leave                   GET   others                  302
                                     POST  walker                  403 403 403 403 302 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:skip                    GET   others                  302
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:unskip                  GET   others                  302
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:save_note               GET   others                  302
                                     POST  walker                  403 403 403 403 302 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:add_photo               GET   others                  302
                                     POST  walker                  403 403 403 403 302 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:log                     GET   walker                  302 302 302 200 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:times                   GET   walker                  302 302 302 302 302 200 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
                                     POST  walker                  302 302 302 302 302 422 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:delete_note             POST  walker                  302 302 302 404
                                           others                  404
observations:restore_note            POST  walker                  302
                                           others                  404
observations:photo                   GET   walker                  200
                                           host                    404 404 200 404
                                           others                  404
observations:describe_photo          POST  walker                  302
                                           others                  404
observations:delete_photo            POST  walker                  302
                                           others                  404
observations:ideas                   GET   others                  200
observations:outcome                 POST  walker                  302
                                           others                  404
observations:takeaway                GET   walker                  302 302 302 302 302 200 200 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
                                     POST  walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:praise_next             GET   walker                  302 302 302 302 302 302 302 404
                                           head                    404 404 404 404 404 404 404 302
                                           others                  404
observations:praise                  GET   walker                  403 403 403 403 403 200 200 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
                                     POST  walker                  403 403 403 403 403 422 422 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:autosave_praise         POST  walker                  403 403 403 403 403 409 409 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:praise_hint             POST  walker                  403 403 403 403 403 200 200 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:unsend                  POST  walker                  403 403 403 403 403 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:said_in_person          POST  walker                  403 403 403 403 403 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:unsaid_in_person        POST  walker                  403 403 403 403 403 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:draft_text              GET   walker                  403 403 403 403 403 404 404 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:delete_draft            POST  walker                  403 403 403 403 403 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
observations:delivery                POST  walker                  403 403 403 403 403 302 302 404
                                           head                    404 404 404 404 404 404 404 403
                                           others                  404
home                                 GET   administrator, keeper   302
                                           others                  200
praise:list                          GET   others                  200
praise:sent                          GET   others                  200
praise:write                         GET   others                  302
praise:letter                        GET   walker                  404 200 200 404
                                           host                    404 404 200 404
                                           others                  404
praise:thank                         POST  walker                  404 403 403 404
                                           host                    404 404 302 404
                                           others                  404
praise:remove_photo                  POST  walker                  404 403 403 404
                                           host                    404 404 302 404
                                           others                  404
praise:delete                        GET   host                    404 404 200 404
                                           others                  404
                                     POST  host                    404 404 302 404
                                           others                  404
praise:keepsake                      GET   host                    404 404 200 404
                                           others                  404
praise:keepsake_text                 GET   host                    404 404 200 404
                                           others                  404
norms                                GET   others                  200
privacy                              GET   others                  200
                                           signed out              200
help                                 GET   others                  200
                                           signed out              200
offline                              GET   others                  200
                                           signed out              200
me                                   GET   others                  200
                                     POST  others                  302
my-data                              GET   others                  200
school:people                        GET   admins, strange_admin   200
                                           others                  404
school:new_person                    GET   admins, strange_admin   200
                                           others                  404
                                     POST  admins, strange_admin   422
                                           others                  404
school:many_people                   POST  admins, strange_admin   422
                                           others                  404
school:person                        GET   admins                  200
                                           others                  404
                                     POST  admins                  422
                                           others                  404
school:invite_again                  POST  admins                  302
                                           others                  404
school:let_go                        POST  admins                  302
                                           others                  404
school:come_back                     POST  admins                  302
                                           others                  404
school:erase                         POST  admins                  422
                                           others                  404
school:settings                      GET   admins, strange_admin   200
                                           others                  404
                                     POST  admins, strange_admin   422
                                           others                  404
school:timetable                     GET   admins, strange_admin   200
                                           others                  404
                                     POST  admins, strange_admin   422
                                           others                  404
school:copy_timetable                POST  admins, strange_admin   302
                                           others                  404
school:rows                          GET   admins, strange_admin   200
                                           others                  404
school:new_row                       GET   admins, strange_admin   200
                                           others                  404
                                     POST  admins, strange_admin   422
                                           others                  404
school:edit_row                      GET   admins                  200
                                           others                  404
                                     POST  admins                  422
                                           others                  404
school:remove_row                    POST  admins                  302
                                           others                  404
setup                                GET   others                  404
                                           signed out              404
                                     POST  others                  404
                                           signed out              404
walks:focus                          GET   admins, strange_admin   200
                                           others                  404
walks:focus_new                      GET   admins, strange_admin   200
                                           others                  404
                                     POST  admins, strange_admin   422
                                           others                  404
walks:focus_edit                     GET   admins                  200
                                           others                  404
                                     POST  admins                  422
                                           others                  404
walks:focus_hide                     POST  admins                  302
                                           others                  404
"""
