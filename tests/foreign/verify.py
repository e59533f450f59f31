"""The PyPI libraries verify what was captured, with every secret that was valid then, refuse it with every
other and with any single bit changed, and sign the published vectors as printed."""

import base64
import json
import sys
from datetime import datetime, timezone
from pathlib import Path

import standardwebhooks
import svix

SIGNED = ["webhook-id", "webhook-timestamp", "webhook-signature"]
STRANGER = "whsec_" + base64.b64encode(bytes([7]) * 32).decode()
MUTATIONS_MIN = 10_000

captured = json.loads(Path(sys.argv[1]).read_text())
vectors = json.loads(Path(__file__).with_name("vectors.json").read_text())


def accepts(webhook, secret, headers, body):
    try:
        webhook(secret).verify(body, headers)
    except Exception:  # Whatever it raises, the request is not taken.
        return False
    return True


def flips(data):
    """The bytes with each single bit changed."""
    for bit in range(len(data) * 8):
        other = bytearray(data)
        other[bit >> 3] ^= 1 << (bit & 7)
        yield bytes(other)


def mutations(headers, body):
    """The request with each single bit of its body, id, timestamp and signature changed."""
    for other in flips(body):
        yield headers, other
    for name in SIGNED:
        version, _, encoded = headers[name].partition(",")
        # A signature's bits are those of its bytes: two spellings of the same bytes are the same signature.
        for other in flips(base64.b64decode(encoded) if encoded else version.encode()):
            value = f"{version},{base64.b64encode(other).decode()}" if encoded else other.decode("latin1")
            yield {**headers, name: value}, body


def check(name, webhook):
    verified = 0
    for stage in captured.values():
        for request in stage["requests"]:
            headers, body = request["headers"], base64.b64decode(request["body"])
            for secret in stage["valid"]:
                assert accepts(webhook, secret, headers, body), f"{name}: refuses {headers['webhook-id']}"
            for secret in [*stage["invalid"], STRANGER]:
                assert not accepts(webhook, secret, headers, body), f"{name}: takes a wrong secret"
            verified += len(stage["valid"])
    refused = 0
    before = captured["before"]
    for request in before["requests"]:
        for headers, body in mutations(request["headers"], base64.b64decode(request["body"])):
            assert not accepts(webhook, before["valid"][0], headers, body), f"{name}: takes a mutation"
            refused += 1
    assert refused >= MUTATIONS_MIN, f"{refused} mutations"
    at = datetime.fromtimestamp(vectors["timestamp"], timezone.utc)
    for vector in vectors["signatures"]:
        assert webhook(vector["secret"]).sign(vectors["id"], at, vectors["body"]) == vector["signature"]
    print(f"{name}: {verified} verified, {refused} single-bit mutations refused, {len(vectors['signatures'])} vectors reproduced")


check("PyPI standardwebhooks", standardwebhooks.Webhook)
check("PyPI svix", svix.Webhook)
