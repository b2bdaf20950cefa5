"""The person at the browser: opens a page, fills the form that is there, follows where it leads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

PAGES_AT_MOST = 10
USER_NAME_FIELDS = {"username", "loginfmt", "login"}
PASSWORD_FIELDS = {"password", "passwd"}
CODE_FIELDS = {"user_code", "usercode", "otc"}
REFUSING_WORDS = ("cancel", "deny", "decline", "reject", "back")
GOES_ON_BY_ITSELF = re.compile(r"0;\s*url=(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    user_name: str
    password: str


@dataclass
class Ending:
    """Where a visit ended: on a page without a form, or at the application's redirect address."""

    url: str
    status: int
    text: str

    @property
    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.url).query).items()}


@dataclass
class _Form:
    action: str = ""
    method: str = "get"
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = attributes.get("method", "get").lower()
            self.found.append(_Form(attributes.get("action", ""), method))
            self._open = True
        elif self._open and tag in ("input", "button"):
            self._field(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        form = self.found[-1]
        name, value = attributes.get("name", ""), attributes.get("value", "")
        kind = attributes.get("type", "submit" if tag == "button" else "text").lower()
        if kind == "submit":
            form.buttons.append((name, value))
        elif name and (kind not in ("checkbox", "radio") or "checked" in attributes):
            form.values[name] = value


class Browser:
    """One browser session with its cookies; `person` answers the sign-in form."""

    def __init__(self, origin: str, person: Person) -> None:
        self._origin = origin
        self._person = person
        self._http = httpx.Client(follow_redirects=False, timeout=30)

    def visit(self, url: str, user_code: str = "") -> Ending:
        """Opens `url` and answers form after form until no page asks for anything more."""
        response = self._http.get(url)
        for _ in range(PAGES_AT_MOST):
            if response.has_redirect_location:
                target = urljoin(str(response.url), response.headers["location"])
                if not target.startswith(self._origin + "/"):
                    return Ending(target, response.status_code, "")
                response = self._http.get(target)
                continue
            if onward := GOES_ON_BY_ITSELF.fullmatch(response.headers.get("refresh", "")):
                response = self._http.get(urljoin(str(response.url), onward[1]))
                continue
            parser = _Forms()
            parser.feed(response.text)
            if response.status_code >= 400 or not parser.found:
                return Ending(str(response.url), response.status_code, response.text)
            response = self._submit(response, parser.found[0], user_code)
        raise AssertionError(f"the pages do not end; the last one says:\n{response.text}")

    def _submit(self, page: httpx.Response, form: _Form, user_code: str) -> httpx.Response:
        values = dict(form.values)
        for name in values:
            if name.lower() in USER_NAME_FIELDS:
                values[name] = self._person.user_name
            elif name.lower() in PASSWORD_FIELDS:
                values[name] = self._person.password
            elif name.lower() in CODE_FIELDS and user_code:
                values[name] = user_code
        agreeing = [
            (name, value)
            for name, value in form.buttons
            if not any(word in f"{name} {value}".lower() for word in REFUSING_WORDS)
        ]
        if agreeing and agreeing[0][0]:
            values[agreeing[0][0]] = agreeing[0][1]
        address = urljoin(str(page.url), form.action)
        if form.method == "post":
            return self._http.post(address, data=values)
        return self._http.get(address, params=values)
