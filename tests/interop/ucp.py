"""Does what a UCP business does: finds the platform's keys in its published profile, and verifies each request with
http-message-signatures (RFC 9421) and the key that the request names."""

import hashlib
import json
from types import SimpleNamespace

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.structures import CaseInsensitiveDict
import base64

COVERED = {'"@method"', '"@authority"', '"@path"', '"content-digest"', '"content-type"', '"ucp-agent"'}


def number(text):
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


class Published(HTTPSignatureKeyResolver):
    """The keys of a profile, by their `kid`."""

    def __init__(self, keys):
        self.keys = {key["kid"]: key for key in keys if key["kty"] == "EC" and key["crv"] == "P-256"}

    def resolve_public_key(self, key_id):
        key = self.keys[key_id]
        return ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP256R1()).public_key()


def verify(keys, request):
    """Raises unless the request is signed by one of the keys and its digest is its body's."""
    message = SimpleNamespace(
        method=request["method"], url=request["url"], headers=CaseInsensitiveDict(request["headers"])
    )
    verifier = HTTPMessageVerifier(
        signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=Published(keys)
    )
    (result,) = verifier.verify(message)
    assert COVERED <= set(result.covered_components), "the signature does not cover all required components"
    digest = base64.b64encode(hashlib.sha256(request["body"]).digest()).decode()
    assert request["headers"]["content-digest"] == f"sha-256=:{digest}:"
    return result.parameters["keyid"]


def refuses(keys, request):
    try:
        verify(keys, request)
    except Exception:  # Whatever it raises, the request is not taken.
        return True
    return False


def mutations(request, flips):
    headers = request["headers"]
    for body in flips(request["body"]):
        yield {**request, "body": body}
    for name in ("content-digest", "signature"):
        before, encoded, after = headers[name].split(":")
        for other in flips(base64.b64decode(encoded)):
            value = ":".join([before, base64.b64encode(other).decode(), after])
            yield {**request, "headers": {**headers, name: value}}
    for name in ("webhook-id", "webhook-timestamp", "ucp-agent", "content-type"):
        for other in flips(headers[name].encode()):
            yield {**request, "headers": {**headers, name: other.decode("latin1")}}
    for other in flips(request["url"].partition("//")[2].encode()):
        yield {**request, "url": "http://" + other.decode("latin1")}


def check(stages, flips, mutations_min):
    verified = 0
    named = [set() for _ in stages]
    for stage, kids in zip(stages, named):
        for request in stage["requests"]:
            kids.add(verify(stage["signing_keys"], request))
            others = [key for key in stage["signing_keys"] if key["kid"] not in kids]
            assert refuses(others, request), "ucp: verified by a key that the request does not name"
            verified += 1
    refused = 0
    for mutation in mutations(stages[0]["requests"][0], flips):
        assert refuses(stages[0]["signing_keys"], mutation), "ucp: takes a mutation"
        refused += 1
    assert refused >= mutations_min
    print(f"ucp: PyPI http-message-signatures: {verified} verified by {len(set().union(*named))} published keys, {refused} single-bit mutations refused")
