"""Our client of Stripe's API against another emulator: PyPI localstripe, on the calls that it knows.

It knows payment intents and refunds, and neither hosted sessions nor idempotency keys nor the card of a charge, and takes no
reason for a cancellation.
`second_opinion.py PROGRAM`: PROGRAM is the example `second_opinion`, which makes one call and prints what it read."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

from aiohttp import web
from localstripe import resources
from localstripe.server import app

KEY = "sk_test_localstripe"
# It keeps what it has in a file for all users of the machine; ours is forgotten.
resources.store.dump_to_disk = lambda: None
# Stripe's description requires it, and localstripe leaves it out.
resources.Charge.disputed = False


def serve():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]

    def run():
        asyncio.set_event_loop(asyncio.new_event_loop())
        web.run_app(app, host="127.0.0.1", port=port, print=None, handle_signals=False, access_log=None)

    threading.Thread(target=run, daemon=True).start()
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return f"http://127.0.0.1:{port}"
        except OSError:
            time.sleep(0.05)
    raise SystemExit("localstripe did not start")


class Emulator:
    def __init__(self, url, program):
        self.url, self.program, self.calls = url, program, 0

    def post(self, path, **params):
        """What a buyer's page would do at Stripe."""
        body = urllib.parse.urlencode(params).encode()
        request = urllib.request.Request(self.url + path, body, headers={"authorization": f"Bearer {KEY}"})
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def held(self, capture, number="4242424242424242"):
        card = {"card[number]": number, "card[exp_month]": 12, "card[exp_year]": 34, "card[cvc]": "123"}
        method = self.post("/v1/payment_methods", type="card", **card)
        made = self.post("/v1/payment_intents", amount=1490, currency="eur", payment_method=method["id"], capture_method=capture,
                         **{"metadata[buywire_checkout]": "chk_0192f0c0a0a07000800000000000abcd"})
        try:
            self.post(f"/v1/payment_intents/{made['id']}/confirm")
        except urllib.error.HTTPError as declined:
            assert declined.code == 402, declined
        return made["id"]

    def client(self, *arguments):
        """One call of our client."""
        self.calls += 1
        environment = {"PATH": os.environ["PATH"], "BUYWIRE_PAYMENTS": "sandbox", "BUYWIRE_STRIPE_KEY": KEY,
                       "BUYWIRE_STRIPE_WEBHOOK_SECRET": "whsec_0123456789abcdef", "BUYWIRE_STRIPE_URL": self.url}
        command = [self.program, *map(str, arguments)]
        return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def main(program):
    stripe = Emulator(serve(), program)
    held = stripe.held("manual")
    read = stripe.client("read", held)
    assert (read["status"], read["amount"], read["amount_refunded"]) == ("Authorised", 1490, 0), read
    assert read["checkout"] == "chk_0192f0c0a0a07000800000000000abcd", read
    assert stripe.client("capture", held, 1490)["status"] == "Captured"
    assert stripe.client("read", held)["status"] == "Captured"
    assert "error" in stripe.client("capture", held, 1490, "other"), "captured twice"
    part = stripe.client("refund", held, 490, "refund-1")
    assert (part["status"], part["amount"], part["payment"]) == ("Succeeded", 490, held), part
    assert stripe.client("refund-status", part["id"]) == part
    rest = stripe.client("refund", held, 1000, "refund-2")
    assert rest["amount"] == 1000 and stripe.client("read", held)["amount_refunded"] == 1490
    at_once = stripe.held("automatic")
    assert stripe.client("read", at_once)["status"] == "Captured"
    assert "error" in stripe.client("void", at_once), "voided after the capture"
    declined = stripe.client("read", stripe.held("automatic", "4000000000000341"))
    assert (declined["status"], declined["decline_code"]) == ("NeedsMethod", "card_declined"), declined
    cancelled = stripe.held("manual")
    stripe.post(f"/v1/payment_intents/{cancelled}/cancel")
    assert stripe.client("read", cancelled)["status"] == "Cancelled"
    assert "error" in stripe.client("read", "pi_unknown")
    print(f"second opinion: {stripe.calls} calls of our client are understood by PyPI localstripe, and its answers by our client")


main(*sys.argv[1:])
