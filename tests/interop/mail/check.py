"""A mail server of other makers takes every mail in every language, over each kind of connection, and Python's parser
reads them: `check.py MAILS`, with the example program."""

import os
import socket
import ssl
import subprocess
import sys
from datetime import datetime, timezone
from email import message_from_bytes, policy
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

GOLDEN = Path(__file__).parents[2] / "it" / "mail" / "golden"
SENT_AT = datetime(2026, 11, 30, 12, 5, tzinfo=timezone.utc)
USER, PASSWORD = b"me@shop", b"s3cret: \xc3\xa9"
LANGUAGES = {"en", "fr", "de", "es", "nl"}
HEADERS = {
    "from", "to", "reply-to", "date", "subject", "message-id", "auto-submitted", "content-language", "mime-version",
    "content-type",
}


class Box:
    """Keeps what the server took."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((session, envelope))
        return "250 taken"


def sign_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (USER, PASSWORD))


class Page(HTMLParser):
    """What HTML loads, where it leads, and whether every element is closed."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__()
        self.open, self.links, self.loads, self.language = [], [], [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "html":
            self.language = attrs["lang"]
        if tag == "a":
            self.links.append(attrs["href"])
        self.loads += [name for name in attrs if name in {"src", "srcset", "background", "data", "poster"}]
        self.loads += [tag for _ in (1,) if tag in {"img", "link", "script", "iframe", "object", "form"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


def judge(raw):
    """One message; gives its name, its subject and its Message-ID."""
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    message = message_from_bytes(raw, policy=policy.default)
    parts = [message, *message.iter_parts()]
    for part in parts:
        assert not part.defects, part.defects
        for value in part.values():
            assert not getattr(value, "defects", ()), (value, value.defects)
    assert {name.lower() for name in message.keys()} == HEADERS and len(message.keys()) == len(HEADERS)
    assert message.get_content_type() == "multipart/alternative"
    kinds = [(part.get_content_type(), part.get_content_charset()) for part in parts[1:]]
    assert kinds == [("text/plain", "utf-8"), ("text/html", "utf-8")], kinds
    sender, to, reply = (message[name].addresses[0] for name in ("from", "to", "reply-to"))
    assert (sender.display_name, sender.addr_spec) == ("Buywire Örders", "orders@buywire.example")
    assert (to.display_name, to.addr_spec) == ("Ada Byron", "ada@example.com")
    assert (reply.display_name, reply.addr_spec) == ("Studio Nord GmbH", "kontakt@studio-nord.example")
    assert message["date"].datetime == SENT_AT
    assert message["auto-submitted"] == "auto-generated"
    assert message["message-id"].endswith("@buywire.example>")

    language = message["content-language"]
    text, html = (part.get_content().replace("\r\n", "\n") for part in parts[1:])
    assert "\r" not in text + html
    written = f"Subject: {message['subject']}\n\n{text}".rstrip("\n")
    found = [
        path.stem for path in GOLDEN.glob(f"*.{language}.txt") if path.read_text().rstrip("\n") == written
    ]
    assert len(found) == 1, (found, written)

    page = Page()
    page.feed(html)
    page.close()
    assert page.open == [] and page.loads == [] and page.language == language
    assert page.links == [line for line in text.split("\n") if line.startswith("https://")]
    return found[0], message["message-id"]


def send(mails, url, ca):
    environment = {**os.environ, "SSL_CERT_FILE": ca}
    return subprocess.run([mails, "send", url], env=environment, capture_output=True, text=True, timeout=120)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(mails, scheme, ca, *, query="", credentials="", **options):
    """All mails over one kind of connection: their names with their Message-IDs."""
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", server_hostname="localhost", port=free_port(), **options)
    controller.start()
    try:
        done = send(mails, f"{scheme}://{credentials}localhost:{controller.port}{query}", ca)
    finally:
        controller.stop()
    for session, envelope in box.taken:
        assert envelope.mail_from == "orders@buywire.example" and envelope.rcpt_tos == ["ada@example.com"]
        # Of SMTPS the server notes nothing: there is no other way in.
        assert (session.ssl is not None) == ("tls_context" in options)
        assert bool(session.authenticated) == bool(credentials)
    return done, [judge(envelope.original_content) for _, envelope in box.taken]


def main(mails):
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    auth = {"authenticator": sign_in, "auth_required": True}
    credentials = "me%40shop:s3cret%3A%20%C3%A9@"
    with TemporaryDirectory() as folder:
        trusted, other = Path(folder, "trusted.pem"), Path(folder, "other.pem")
        authority.cert_pem.write_to_path(trusted)
        stranger.cert_pem.write_to_path(other)
        starttls = {"tls_context": context, "require_starttls": True, "query": "?tls=required", **auth}
        smtps = {"ssl_context": context, "auth_require_tls": False, **auth}
        connections = [
            ("smtp", {}),
            ("smtp", {"credentials": credentials, **starttls}),
            ("smtps", {"credentials": credentials, **smtps}),
        ]
        runs = []
        for scheme, options in connections:
            done, judged = run(mails, scheme, str(trusted), **options)
            assert done.returncode == 0, done.stderr
            runs.append(judged)
        # The same mail has the same id whenever it is sent, and no two mails share one.
        assert runs[0] == runs[1] == runs[2]
        names, ids = zip(*runs[0])
        assert len(set(ids)) == len(ids) and len(set(names)) == len(names)
        assert set(names) == {path.stem for path in GOLDEN.glob("*.txt")}
        assert {name.rsplit(".", 1)[1] for name in names} == LANGUAGES

        refused = [
            ("a certificate of a stranger", "smtps", other, {"credentials": credentials, **smtps}),
            ("the same after STARTTLS", "smtp", other, {"credentials": credentials, **starttls}),
            ("a wrong password", "smtps", trusted, {"credentials": "me:wrong@", **smtps}),
        ]
        for what, scheme, ca, options in refused:
            done, judged = run(mails, scheme, str(ca), **options)
            assert done.returncode != 0 and judged == [], what
    print(f"mail: {len(names)} mails over {len(runs)} kinds of connection, {len(refused)} connections refused")


if __name__ == "__main__":
    main(sys.argv[1])
