"""Validates rendered orders against published schemas: generated orders from standard input, one JSON document a
line, and the golden ones. ACP uses its own JSON Schema, if that file exists; UCP uses the models of PyPI `ucp-sdk`:
`validate.py ACP_SCHEMA < lines`."""

import copy
import json
import sys
from collections import Counter
from pathlib import Path

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import BaseModel, ValidationError
from ucp_sdk.models.schemas.shopping.order import Order

ORDERS_MIN = 500
LIFECYCLES = ["confirmed", "partly_refunded", "cancelled", "redacted"]
DIALECTS = Path(__file__).parents[2] / "adapters/dialects"
# Members that a dialect's schema leaves open; its NOTES.md explains them.
OURS = {"options"}


def acp(schema):
    """Why an ACP event is wrong."""
    bundle = {**json.loads(schema.read_text()), "$ref": "#/$defs/Order"}
    formats = FormatChecker()
    assert {"uri", "date-time"} <= set(formats.checkers), "formats are not checked"
    order = Draft202012Validator(bundle, format_checker=formats)
    # What the OpenAPI file of the webhook adds to the Order.
    demanded = {"type", "checkout_session_id", "permalink_url", "status"}

    def faults(event):
        if set(event) != {"type", "data"} or event["type"] not in ("order_create", "order_update"):
            return ["not an event"]
        missing = demanded - set(event["data"])
        return [*missing, *(error.message for error in order.iter_errors(event["data"]))]

    return faults


def strangers(value):
    """Members that no model defines, such as a misspelt name."""
    if isinstance(value, BaseModel):
        yield from (value.model_extra or {}).keys() - OURS
        value = [getattr(value, name) for name in type(value).model_fields]
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from strangers(inner)


def ucp(order):
    """Why a UCP snapshot is wrong."""
    try:
        return list(strangers(Order.model_validate_json(json.dumps(order))))
    except ValidationError as error:
        return [str(error)]


def without_each(value, required, at=()):
    """The document without each of the members required at this place."""
    for member in required:
        other = copy.deepcopy(value)
        place = other
        for step in at:
            place = place[step]
        del place[member]
        yield member, other


def check(name, faults, required, at, lines):
    counts = Counter()
    for line in lines:
        assert not (found := faults(line["body"])), f"{name}: {line['lifecycle']}: {found}: {line['body']}"
        counts[line["lifecycle"]] += 1
    for lifecycle in LIFECYCLES:
        assert counts[lifecycle] >= ORDERS_MIN, f"{name}: {counts[lifecycle]} orders are {lifecycle}"
    for member, damaged in without_each(lines[0]["body"], required, at):
        assert faults(damaged), f"{name}: validates without {member}"
    golden = sorted((DIALECTS / name / "golden/orders").glob("*.request"))
    for path in golden:
        body = json.loads(path.read_text().split("\n\n", 1)[1])
        assert not (found := faults(body)), f"{path}: {found}"
    assert golden, f"{name}: no golden orders"
    print(f"{name}: {sum(counts.values())} bodies in {len(LIFECYCLES)} lifecycles and {len(golden)} golden ones are valid")


lines = [json.loads(line) for line in sys.stdin]
of = {name: [line for line in lines if line["adapter"] == name] for name in ("acp", "ucp")}
check("ucp", ucp, ["ucp", "id", "checkout_id", "permalink_url", "line_items", "fulfillment", "currency", "totals"], (), of["ucp"])
schema = Path(sys.argv[1])
if schema.exists():
    check("acp", acp(schema), ["type", "id", "checkout_session_id", "permalink_url", "status"], ("data",), of["acp"])
else:
    print(f"acp: NOT RUN, because {schema} is absent")
