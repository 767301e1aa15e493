"""A browser without JavaScript: opens pages, fills in the forms on them, presses the buttons on them."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.test import Client

VOID = {"input", "img", "br", "hr", "meta", "link", "path", "rect", "use"}


class Page(HTMLParser):
    """The parts of a page: text, links, and forms with their fields and buttons."""

    def __init__(self, html):
        super().__init__()
        self.words, self.links, self.buttons, self.forms, self.fields = [], [], [], [], []
        self._stack, self._form, self._choice, self._area = [], None, None, None
        self.feed(html)
        by_id = {form.get("id"): form for form in self.forms}
        for control in [*self.fields, *self.buttons]:
            control["owner"] = by_id[control["form"]] if control.get("form") else control["owner"]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "form":
            self._form = given
            self.forms.append(given)
        getattr(self, f"on_{tag}", lambda given: None)(given)
        if tag not in VOID:
            self._stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        while self._stack and self._stack.pop() != tag:
            pass
        if tag == "form":
            self._form = None

    def handle_data(self, data):
        if not {"script", "style", "title"} & set(self._stack):
            self.words.append(data)
        if self._stack and self._stack[-1] == "textarea":
            self._area["value"] += data.removeprefix("\n")
        for tag, found in (("a", self.links), ("button", self.buttons)):
            if tag in self._stack and found:
                found[-1]["text"] += data

    def on_a(self, given):
        self.links.append({"text": "", **given})

    def on_button(self, given):
        self.buttons.append({"text": "", "owner": self._form, **given})

    def on_input(self, given):
        ticked = given.get("type") not in ("checkbox", "radio") or "checked" in given
        if "disabled" not in given and given.get("type") != "file":
            self._field(given, value=given.get("value", ""), sent=ticked)

    def on_textarea(self, given):
        self._area = self._field(given, value="", sent=True)

    def on_select(self, given):
        self._choice = self._field(given, value=None, sent=False)

    def on_option(self, given):
        if "disabled" not in given and ("selected" in given or self._choice["value"] is None):
            self._choice.update(value=given.get("value", ""), sent=True)

    def _field(self, given, *, value, sent):
        field = {"owner": self._form, "form": given.get("form"), "name": given.get("name"), "value": value}
        self.fields.append(field | {"sent": sent and "name" in given})
        return self.fields[-1]


class Visitor:
    """One person's browser. Every form carries its own token, as on the real site."""

    def __init__(self, person=None):
        self.client, self.person, self.url = Client(enforce_csrf_checks=True), person, "/"
        if person:
            self.client.force_login(person)

    def open(self, url):
        """Open a URL; sign in again on the way if the session has expired."""
        self._arrive(self.client.get(url, follow=True), url)
        if self.path == "/sign-in/" and self.person:
            self.client.force_login(self.person)
            self._arrive(self.client.get(url, follow=True), url)
        return self

    def click(self, words):
        """Follow the first link with these words."""
        found = [link["href"] for link in self.page.links if words in " ".join(link["text"].split())]
        assert found, f"no link {words!r} on {self.url}"
        return self.open(urljoin(self.url, found[0].partition("#")[0]))

    def press(self, words, /, **typed):
        """Press the first button with these words, with this data in its form; a list ticks several boxes."""
        found = [b for b in self.page.buttons if words in " ".join(b["text"].split()) and b.get("type") != "button"]
        assert found, f"no button {words!r} on {self.url}"
        button, form = found[0], found[0]["owner"]
        fields = [field for field in self.page.fields if field["owner"] is form]
        unknown = set(typed) - {field["name"] for field in fields}
        assert not unknown, f"no field {unknown} beside {words!r} on {self.url}"
        data = {}
        for field in fields:
            if field["sent"] and field["name"] not in typed:
                data.setdefault(field["name"], []).append(field["value"])
        data |= typed | ({button["name"]: button.get("value", "")} if "name" in button else {})
        return self._send(urljoin(self.url, button.get("formaction") or form.get("action") or self.url), form, data)

    def _send(self, url, form, data):
        url, method = url.partition("#")[0], form.get("method", "get")
        return self._arrive(getattr(self.client, method)(url, data, follow=True), url)

    def _arrive(self, response, url):
        self.status, self.html = response.status_code, response.content.decode()
        self.url = response.redirect_chain[-1][0] if response.redirect_chain else url
        self.path, self.page = urlsplit(self.url).path, Page(self.html)
        assert self.status in (200, 422), f"{self.status} at {self.url}"
        return self

    def sees(self, *words):
        """Assert that the page contains all these words."""
        assert [word for word in words if word not in self.page.text] == [], self.page.text
        return self

    def fields(self, name):
        """Return the values offered under a name."""
        return [field["value"] for field in self.page.fields if field["name"] == name]
