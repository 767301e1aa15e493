"""What an ill-meaning colleague types, and the fields a page never offered."""

NAUGHTY = {
    "crlf": "Amara\r\nBcc: everybody@evil.example",
    "newline": "Amara\nX-Evil: 1\n\nHello",
    "nul": "Ama\x00ra",
    "bidi": "Amara \u202egnp.exe\u202c \u2066x\u2069",
    "zero width": "A\u200bm\u200ea\ufeffra",
    "separators": "Amara\u2028Bcc: x\u2029\x85\x0b\x0c",
    "long": "A" * 2000,
    "surrogates": "Amara 👩🏽‍🏫 \U0001f469 é ﷽ " + "e\u0301" * 20,
    "only blanks": " \t\u00a0\u3000 ",
}
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠A",
    " =1",
    "\u00a0=1",
    "'=1",
]
SPICE = "<img src=x onerror=a>"
XSS = f"\"'>{SPICE}</textarea></script>{{{{7*7}}}}{{% now 'Y' %}}"
# Each of these would be worth having; none of them is a field of any form.
NEVER_ASKED = {
    "is_staff": "on", "is_superuser": "on", "is_active": "", "role": "administrator", "user_permissions": "1",
    "groups": "1", "password": "x", "state": "complete", "status": "complete", "walker": "{colleague}",
    "walker_id": "{colleague}", "author": "{colleague}", "host": "{colleague}", "host_id": "{colleague}",
    "person": "{colleague}", "by": "{colleague}", "user": "{colleague}", "decided_by": "{colleague}",
    "approved_by": "{colleague}", "school": "{elsewhere}", "school_id": "{elsewhere}", "semester": "1",
    "requested_at": "2026-01-01", "decided_at": "2026-01-01", "started_at": "2026-01-01", "finished_at": "2026-01-01",
    "completed_at": "2026-01-01", "praise_due_at": "2027-01-01", "takeaway_at": "2026-01-01", "now": "2026-01-01",
    "sent_at": "2026-01-01", "read_at": "2026-01-01", "shared_at": "2026-01-01", "thanked_at": "2026-01-01",
    "removed_at": "2026-01-01", "consent": "yes", "pk": "1", "id": "1", "uid": "1", "key": "1",
    "calendar_sequence": "9", "send_count": "9",
}  # fmt: skip
ELSEWHERE = {
    "next": "https://evil.example/", "return_to": "//evil.example/", "redirect_to": "https://evil.example",
    "success_url": "/\\evil.example", "HTTP_REFERER": "https://evil.example/",
}  # fmt: skip
