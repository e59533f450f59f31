"""Checks the served API description with published tools: `check.py BUYWIRE [EXAMPLES]`.

Two validators read it and two generators make clients from it. The Python client sends, reads and replays an order.
schemathesis calls every operation with each role, EXAMPLES times: every answer must match the description, and none
may be a 5xx.
"""

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

HERE = Path(__file__).resolve().parent
NODE = HERE.parent / "node_modules/.bin"
VENV = Path(sys.executable).parent
CLIENT = "buywire_client"
# What the generator does not know is sent as bytes.
CONFIG = {
    "project_name_override": CLIENT,
    "package_name_override": CLIENT,
    "post_hooks": [],
    "content_type_overrides": {
        kind: "application/octet-stream"
        for kind in [
            "application/gzip",
            "application/openmetrics-text",
            "application/x-ndjson",
            "application/xml",
            "application/zip",
            "text/csv",
            "text/tab-separated-values",
        ]
    },
}
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
ORDER = {
    "order_id": "O-1",
    "confirmed_at": "2026-11-20T10:00:00Z",
    "currency": "USD",
    "buyer": {"name": "Ada Byron"},
    "ship_to": None,
    "lines": [{"partner": "acme", "item_id": "CUP", "title": "Tea cup", "quantity": 1, "unit_price": 1200, "tax": 0}],
    "shipping": 0,
    "discount": 0,
    "tax": 0,
    "total": 1200,
    "payment": {"processor": "stripe", "reference": "pi_1"},
}


class Receiver(BaseHTTPRequestHandler):
    """Accepts everything."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Gateway:
    """A gateway on its private database, in a folder of its own."""

    def __init__(self, buywire, folder):
        data = Path(folder) / "data"
        options = ["--listen", "127.0.0.1:0", "--data-dir", data, "--allow-private", "127.0.0.0/8"]
        self.log = (Path(folder) / "gateway.log").open("w")
        self.process = subprocess.Popen([buywire, "serve", *options], stdout=subprocess.PIPE, stderr=self.log, text=True)
        for line in self.process.stdout:
            found = re.search(r"listens on (http:\S+)", line)
            if found:
                self.url = found[1]
                break
        else:
            sys.exit(f"the gateway did not start: {Path(self.log.name).read_text()}")
        self.keys = {role: (data / f"{role}-key").read_text().strip() for role in ("operator", "platform")}

    def call(self, method, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"authorization": f"Bearer {self.keys['operator']}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\n{Path(str(command[0])).name}: exit {done.returncode}")
    return done.stdout


def lint(document, folder):
    run(VENV / "openapi-spec-validator", document)
    said = run(NODE / "redocly", "lint", "--config", HERE / "redocly.yaml", document)
    assert "valid" in said, said
    types = folder / "types.ts"
    run(NODE / "openapi-typescript", document, "--output", types)
    run(NODE / "tsc", "--noEmit", "--strict", types)


def generate(document, folder):
    config = folder / "config.json"
    config.write_text(json.dumps(CONFIG))
    client = folder / "client"
    command = ["generate", "--path", document, "--output-path", client, "--config", config, "--fail-on-warning"]
    run(VENV / "openapi-python-client", *command)
    sys.path.insert(0, str(client))


def eventually(ask):
    for _ in range(200):
        answer = ask()
        if answer:
            return answer
        time.sleep(0.1)
    sys.exit(f"waited in vain: {ask}")


def order_by_generated_client(gateway):
    """Sends, reads and replays an order as somebody who has only the generated package."""
    package = importlib.import_module(CLIENT)
    models = importlib.import_module(f"{CLIENT}.models")

    def operation(tag, name):
        return importlib.import_module(f"{CLIENT}.api.{tag}.{name}")

    with package.AuthenticatedClient(base_url=gateway.url, token=gateway.keys["operator"]) as client:
        taken = operation("orders", "create_order").sync_detailed(client=client, body=models.Order.from_dict(ORDER))
        assert taken.status_code == 201, taken
        receipt = taken.parsed
        delivery = receipt.events[0].deliveries[0]
        read = operation("orders", "get_order").sync(ORDER["order_id"], client=client)
        assert read.id == receipt.id, read

        def delivered(attempts):
            shown = operation("deliveries", "get_delivery").sync(delivery, client=client)
            return len(shown.attempts) >= attempts and shown.status == "delivered"

        eventually(lambda: delivered(1))
        reason = models.ReplayDeliveryBody.from_dict({"reason": "the receiver lost it"})
        again = operation("deliveries", "replay_delivery").sync_detailed(delivery, client=client, body=reason)
        assert again.status_code == 202, again
        eventually(lambda: delivered(2))


def call_everything(gateway, document, examples):
    gateway.keys["partner"] = gateway.call("POST", "/v1/partners/acme/keys", {"label": "tests"})["key"]
    for role, key in gateway.keys.items():
        run(
            VENV / "schemathesis", "run", document, "--url", gateway.url, "--header", f"Authorization: Bearer {key}",
            "--checks", CHECKS, "--phases", "examples,fuzzing", "--max-examples", examples, "--seed", "1",
            "--suppress-health-check", "all", "--generation-database", "none", "--no-color",
            env={**os.environ, "SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": str(HERE)},
        )  # fmt: skip
        print(f"schemathesis as {role}: no server error, every answer as described")


def main(buywire, examples="10"):
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)
        gateway = Gateway(buywire, folder)
        try:
            document = folder / "openapi.json"
            with urllib.request.urlopen(gateway.url + "/openapi.json") as answer:
                document.write_bytes(answer.read())
            lint(document, folder)
            print("the description: valid, typed in TypeScript")
            generate(document, folder)
            gateway.call("POST", "/v1/partners", {"slug": "acme", "name": "Acme", "adapter": "standard", "settings": {}})
            hook = f"http://127.0.0.1:{receiver.server_port}/"
            gateway.call("POST", "/v1/partners/acme/endpoints", {"url": hook})
            order_by_generated_client(gateway)
            print("the generated Python client: sent, read and replayed an order")
            call_everything(gateway, document, examples)
        finally:
            gateway.stop()


main(*sys.argv[1:])
