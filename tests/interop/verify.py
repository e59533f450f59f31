"""The PyPI libraries verify every captured request with each secret that was valid at the time, reject it with every
other secret and with any single bit changed, and reproduce the published test vectors."""

import base64
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

import standardwebhooks
import stripe
import svix

import ucp

STRANGER = "whsec_" + base64.b64encode(bytes([7]) * 32).decode()
MUTATIONS_MIN = 1_000

captured = json.loads(Path(sys.argv[1]).read_text())
partners = json.loads(Path(__file__).with_name("partners.json").read_text())
vectors = json.loads(Path(__file__).with_name("vectors.json").read_text())


def webhook(library):
    """These libraries parse the body as JSON after they have verified it. A form is verified, but is not JSON."""

    def verify(secret, request, _partner):
        try:
            library(secret).verify(request["body"], request["headers"])
        except json.JSONDecodeError:
            pass

    return verify


def timed(secret, request, partner):
    payload = request["body"].decode("utf-8")
    stripe.WebhookSignature.verify_header(payload, request["headers"][partner["header"]], secret, 300)


# Each library: which headers its signature stands in or covers, and how it is asked.
JUDGES = {
    "standardwebhooks": (["webhook-id", "webhook-timestamp", "webhook-signature"], webhook(standardwebhooks.Webhook)),
    "svix": (["webhook-id", "webhook-timestamp", "webhook-signature"], webhook(svix.Webhook)),
    "stripe": (None, timed),
}


def accepts(verify, secret, request, partner):
    try:
        verify(secret, request, partner)
    except Exception:  # Whatever it raises, the request is not taken.
        return False
    return True


def flips(data):
    """The bytes with each single bit changed."""
    for bit in range(len(data) * 8):
        other = bytearray(data)
        other[bit >> 3] ^= 1 << (bit & 7)
        yield bytes(other)


def words(value):
    """The words of a header's value, each with how its bytes are written: two spellings of the same bytes are
    the same signature, so the bits that count are those of the bytes."""
    for match in re.finditer(r"[^,= ]+=*", value):
        before, text, after = value[: match.start()], match[0], value[match.end() :]
        if re.fullmatch(r"[0-9a-f]{64}", text):
            yield before, bytes.fromhex(text), bytes.hex, after
        elif len(text) >= 43:
            yield before, base64.b64decode(text), lambda data: base64.b64encode(data).decode(), after
        else:
            yield before, text.encode(), lambda data: data.decode("latin1"), after


def mutations(request, signed):
    """The request with each single bit of its body and of what its signature's headers say changed. Of several
    signatures one is left: a verifier is content when any fits."""
    headers = {name: value.split(" ")[0] if name in signed else value for name, value in request["headers"].items()}
    for other in flips(request["body"]):
        yield {**request, "headers": headers, "body": other}
    for name in signed:
        for before, data, write, after in words(headers[name]):
            for other in flips(data):
                yield {**request, "headers": {**headers, name: before + write(other) + after}}


def expected(stage, partner):
    """Which of the valid secrets must verify which request. Where one signature fits, the newest signs first and
    the one before it what was refused with 401; else every one of them signs every request."""
    valid = stage["valid"]
    for request in stage["requests"]:
        if not partner.get("inTurn") or len(valid) == 1:
            yield request, valid
        else:
            yield request, [valid[-1] if request["status"] == 401 else valid[0]]


def check(partner, name):
    signed, verify = JUDGES[name]
    stages = [stage[partner["slug"]] for stage in captured.values()]
    who = f"{partner['slug']}: PyPI {name}"
    verified = 0
    for stage in stages:
        for request, fitting in expected(stage, partner):
            for secret in [*stage["valid"], *stage["invalid"], STRANGER]:
                assert accepts(verify, secret, request, partner) == (secret in fitting), f"{who}: {secret in fitting}"
            verified += len(fitting)
    refused = 0
    for mutation in mutations(stages[0]["requests"][0], signed or [partner["header"]]):
        assert not accepts(verify, stages[0]["valid"][0], mutation, partner), f"{who}: takes a mutation"
        refused += 1
    assert refused >= MUTATIONS_MIN, f"{who}: {refused} mutations"
    print(f"{who}: {verified} verified, {refused} single-bit mutations refused")


for one in captured.values():
    for stage in one.values():
        for request in stage["requests"]:
            request["body"] = base64.b64decode(request["body"])
for partner in partners:
    for name in partner["judges"]:
        if name in JUDGES:
            check(partner, name)
        elif name == "http-message-signatures":
            ucp.check([stage[partner["slug"]] for stage in captured.values()], flips, MUTATIONS_MIN)
for library in (standardwebhooks.Webhook, svix.Webhook):
    at = datetime.fromtimestamp(vectors["timestamp"], timezone.utc)
    for vector in vectors["signatures"]:
        assert library(vector["secret"]).sign(vectors["id"], at, vectors["body"]) == vector["signature"]
print(f"PyPI: {len(vectors['signatures'])} vectors reproduced")
