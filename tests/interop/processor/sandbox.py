"""The sandbox processor as its own process, its hosted page as a buyer without a browser, and a receiver of events."""

import json
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue

KEY = "sk_test_interop"
SECRET = "whsec_interop"


class Receiver:
    """Keeps every event with its signature. The shop's pages are here too."""

    def __init__(self):
        received = self.received = Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                received.put((body, self.headers["stripe-signature"]))
                self.send_response(200)
                self.end_headers()

            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"the shop")

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take_until(self, kind):
        """Every delivery up to the first of this type."""
        taken = []
        while True:
            try:
                body, signature = self.received.get(timeout=10)
            except Empty:
                raise AssertionError(f"no {kind} arrived after {[json.loads(one)['type'] for one, _ in taken]}")
            taken.append((body, signature))
            if json.loads(body)["type"] == kind:
                return taken


class Sandbox:
    def __init__(self, buywire, webhook_url):
        command = [buywire, "sandbox-processor", "--key", KEY, "--webhook-url", webhook_url, "--webhook-secret", SECRET, "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def control(self, method, path, document=None):
        body = None if document is None else json.dumps(document).encode()
        request = urllib.request.Request(f"{self.url}/_control/{path}", body, method=method)
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are looked at, not followed."""

    def redirect_request(self, *_):
        return None


def open_page(url, form=None):
    """Status, text, and where it leads."""
    body = None if form is None else urllib.parse.urlencode(form).encode()
    try:
        with urllib.request.build_opener(Stay).open(url, body) as reply:
            return reply.status, reply.read().decode(), None
    except urllib.error.HTTPError as reply:
        leads_to = reply.headers.get("location")
        return reply.code, reply.read().decode(), leads_to and urllib.parse.urljoin(url, leads_to)


def pay(url, number="4242424242424242", **fields):
    form = {"cc-number": number, "cc-exp": "12 / 34", "cc-csc": "123", "cc-name": "Ada Byron", "email": "ada@example.com"}
    return open_page(url, {**form, **fields})
