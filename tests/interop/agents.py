"""Lets spck-conformance judge the UCP checkout of a running gateway, with the sandbox processor behind it.

The suite sends no key, and its checkouts name no buyer and no street, without which nothing is shipped: a relay adds them,
as a platform does that has its buyers' addresses. Fails on a deviation, and when fewer checks were judged than before.
Every answer of the run is written to ANSWERS, one a line, for the protocol's own validator: `agents.py BUYWIRE ANSWERS`."""

import http.client
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

JUDGED_MIN = 50
OPERATOR = "bw_operator_of_the_interop_0123456789abcdef"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def call(base, method, path, body, key=OPERATOR):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(base + path, data=data, method=method, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as reply:
        return json.loads(reply.read() or b"{}")


BUYER = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Byron"}
STREET = {"street_address": "1 Main St", "address_locality": "Oakland", "address_region": "CA", "postal_code": "94607"}


def with_buyer(body):
    # The suite has a token of its own that succeeds; this is ours.
    body = body.replace(b'"success_token"', b'"spt_test_visa"')
    try:
        checkout = json.loads(body)
    except ValueError:
        return body
    if not isinstance(checkout, dict) or not isinstance(checkout.get("line_items"), list):
        return body
    checkout.setdefault("buyer", BUYER)
    fulfillment = checkout.get("fulfillment")
    if not fulfillment:
        checkout["fulfillment"] = {"methods": [{"type": "shipping", "destinations": [{"id": "d1", "address_country": "US", **STREET}]}]}
    elif isinstance(fulfillment, dict):
        for method in fulfillment.get("methods") or []:
            for destination in method.get("destinations") or []:
                if destination.get("address_country") == "US":
                    destination.update(STREET)
    return json.dumps(checkout).encode()


OPERATIONS = {("POST", ""): "create", ("PUT", "id"): "update", ("GET", "id"): "read", ("POST", "complete"): "complete", ("POST", "cancel"): "cancel"}


def operation(method, path):
    """Of a checkout or an order; None for anything else."""
    parts = path.split("?")[0].strip("/").split("/")
    if parts[:2] == ["ucp", "orders"]:
        return "read"
    if parts[:2] != ["ucp", "checkout-sessions"] or len(parts) > 4:
        return None
    step = parts[3] if len(parts) == 4 else "id" if len(parts) == 3 else ""
    return OPERATIONS.get((method, step))


def relay(port, target, key, processor, answers):
    class Relay(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            kept = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "authorization")}
            if self.path.startswith("/ucp"):
                kept["Authorization"] = f"Bearer {key}"
                if self.command in ("POST", "PUT") and "application/json" in (self.headers.get("content-type") or ""):
                    body = with_buyer(body)
                    kept = {name: value for name, value in kept.items() if name.lower() != "content-length"}
            upstream = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
            upstream.request(self.command, self.path, body=body or None, headers=kept)
            reply = upstream.getresponse()
            # Off this machine, a processor's pages have https.
            content = reply.read().replace(f"http://127.0.0.1:{processor}".encode(), b"https://processor.example")
            performed = operation(self.command, self.path)
            if performed and (reply.getheader("content-type") or "").startswith("application/json"):
                answer = {"operation": performed, "status": reply.status, "body": json.loads(content)}
                answers.write(json.dumps(answer) + "\n")
            self.send_response(reply.status)
            for name, value in reply.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = forward

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Relay)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def payment(token):
    credential = {"type": "token", "token": token}
    instrument = {"id": "i1", "handler_id": "shared_payment_token", "type": "card", "selected": True, "credential": credential}
    return {"payment": {"instruments": [instrument]}}


def start(binary, folder, gateway, public, processor):
    environment = {
        "PATH": os.environ["PATH"],
        "BUYWIRE_LISTEN": f"127.0.0.1:{gateway}",
        "BUYWIRE_DATA_DIR": f"{folder}/data",
        "BUYWIRE_PUBLIC_URL": f"http://127.0.0.1:{public}",
        "BUYWIRE_OPERATOR_KEY": OPERATOR,
        "BUYWIRE_PLATFORM_KEY": "bw_platform_of_the_interop_0123456789abcdef",
        "BUYWIRE_ALLOW_PRIVATE": "127.0.0.0/8",
        "BUYWIRE_CHECK_IMAGES": "off",
        "BUYWIRE_PAYMENTS": "sandbox",
        "BUYWIRE_STRIPE_KEY": "sk_test_sandbox",
        "BUYWIRE_STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef",
        "BUYWIRE_STRIPE_URL": f"http://127.0.0.1:{processor}",
    }
    log = open(f"{folder}/log", "w")
    sandbox = [binary, "sandbox-processor", "--listen", f"127.0.0.1:{processor}", "--key", "sk_test_sandbox"]
    processes = [
        subprocess.Popen(sandbox, stdout=log, stderr=log),
        subprocess.Popen([binary, "serve"], env=environment, stdout=log, stderr=log),
    ]
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{gateway}/readyz", timeout=2)
            return processes
        except OSError:
            time.sleep(0.1)
    raise SystemExit(pathlib.Path(f"{folder}/log").read_text())


def sell(base):
    call(base, "POST", "/v1/partners", {"slug": "acme", "name": "Acme", "adapter": "standard"})
    rows = ["id,title,link,image_link,price,availability,brand,mpn"]
    for number, stock in enumerate(("in_stock", "in_stock", "out_of_stock")):
        rows.append(f"cup-{number},Cup {number},https://shop.example/{number},https://img.example/{number}.jpg,10.00 USD,{stock},Acme,M{number}")
    report = call(base, "PUT", "/v1/partners/acme/feed?wait=true", ("\n".join(rows) + "\n").encode())
    assert report["items"]["valid"] == 3, report
    options = [{"id": name, "kind": "shipping", "title": name, "price": price} for name, price in (("std", 490), ("fast", 990))]
    call(base, "PUT", "/v1/partners/acme/shipping", {"currency": "USD", "zones": [{"countries": ["US"], "options": options}]})
    rate = {"country": "US", "rate": "0", "taxes_shipping": False, "label": "No tax"}
    call(base, "PUT", "/v1/partners/acme/taxes", {"tax_included": False, "rates": [rate]})
    seller = {"name": "Acme Inc", "address": ["1 Main St"], "country": "US", "email": "shop@acme.example"}
    links = {name: f"https://acme.example/{name}" for name in ("terms_of_use", "privacy_policy")}
    call(base, "PUT", "/v1/partners/acme/policy", {"sells_here": True, "seller": seller, "links": links})
    return call(base, "POST", "/v1/keys", {"role": "agent", "label": "conformance"})["key"]


def main(binary, answers):
    with open(answers, "w") as answers, tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        gateway, public, processor = free_port(), free_port(), free_port()
        processes = start(binary, folder, gateway, public, processor)
        try:
            base = f"http://127.0.0.1:{gateway}"
            relay(public, gateway, sell(base), processor, answers)
            config = {
                "currency": "USD",
                "product_id": "acme:cup-0",
                "out_of_stock_id": "acme:cup-2",
                "fulfillment_option_id": "std",
                "complete_payment": payment("spt_test_visa"),
                "payment": {"escalation_payment": payment("spt_test_authentication_required")},
                "unavailable": {"business_outcome": True},
                "eligibility": {"unrecognized": "com.example.unheard_of"},
                "negotiation": {"validates_profile_url": True},
            }
            path = pathlib.Path(folder) / "config.json"
            path.write_text(json.dumps(config))
            suite = [sys.executable, "-m", "spck_conformance.cli", "--server", f"http://127.0.0.1:{public}", "--config", str(path), "--json"]
            ran = subprocess.run(suite, capture_output=True, text=True, timeout=600)
            return report(ran)
        finally:
            for process in processes:
                process.terminate()
                process.wait(timeout=20)


def report(ran):
    try:
        result = json.loads(ran.stdout)
    except ValueError:
        raise SystemExit(ran.stdout + ran.stderr)
    if os.environ.get("VERBOSE"):
        print(json.dumps(result, indent=1))
    deviations = result["verdict"]["deviations"]
    judged = result["checks_summary"]["run"]
    print(f"agents: {judged} checks judged, {deviations} deviations")
    failed = bool(deviations) or judged < JUDGED_MIN or ran.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
