"""The official `stripe` library drives the sandbox processor as it would drive Stripe, and everything that went over
the wire is compared with Stripe's own description: `check.py BUYWIRE FOLDER`."""

import json
import sys
import time
from collections import Counter
from pathlib import Path

import stripe

from description import Description
from sandbox import KEY, SECRET, Receiver, Sandbox, open_page, pay

REQUESTS_MIN = 60
EVENTS_MIN = 40
# Stripe's description has no previews.
PREVIEW = "2026-04-22.preview"


def line(amount, quantity=1):
    product = {"name": "Tour T-shirt “North”", "description": "Size M"}
    data = {"currency": "eur", "unit_amount": amount, "product_data": product, "tax_behavior": "inclusive"}
    return {"price_data": data, "quantity": quantity}


def session_params(shop, capture_method="manual", **more):
    shipping = {"display_name": "Standard", "fixed_amount": {"amount": 490, "currency": "eur"}, "type": "fixed_amount"}
    return {
        "mode": "payment",
        "line_items": [line(2900), line(1000, 2)],
        "shipping_options": [{"shipping_rate_data": shipping}],
        "success_url": f"{shop}/o/token?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{shop}/b/slug/buy",
        "client_reference_id": "ord_1",
        "metadata": {"order": "ord_1"},
        "expires_at": int(time.time()) + 1800,
        "locale": "fr",
        "submit_type": "pay",
        "payment_intent_data": {
            "capture_method": capture_method,
            "transfer_group": "ord_1",
            "description": "Order 1",
            "statement_descriptor_suffix": "ORD1",
            "metadata": {"order": "ord_1"},
        },
        **more,
    }


def refused(kind, code, call, *arguments, **named):
    try:
        call(*arguments, **named)
    except kind as error:
        assert error.code == code, f"{error.code} instead of {code}"
        return error
    raise AssertionError(f"not refused with {code}")


def held_and_captured(client, shop):
    """Hold, capture a part, refund a part; the second capture, the cancellation and too large a refund are refused."""
    v1 = client.v1
    session = v1.checkout.sessions.create(session_params(shop))
    assert session.status == "open" and session.amount_total == 5390 and session.payment_intent is None
    status, page, _ = open_page(session.url)
    assert status == 200 and "€53.90" in page and "no money moves" in page
    status, _, leads_to = pay(session.url)
    assert (status, leads_to) == (303, f"{shop}/o/token?session={session.id}")
    session = v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent = session.payment_intent
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 5390)
    card = intent.latest_charge.payment_method_details.card
    assert card.last4 == "4242" and card.capture_before > time.time() + 6 * 86_400
    invalid = stripe.InvalidRequestError
    refused(invalid, "amount_too_large", v1.payment_intents.capture, intent.id, {"amount_to_capture": 5391})
    captured = v1.payment_intents.capture(intent.id, {"amount_to_capture": 5000})
    assert (captured.status, captured.amount_received) == ("succeeded", 5000)
    refused(invalid, "payment_intent_unexpected_state", v1.payment_intents.capture, intent.id)
    refused(invalid, "payment_intent_unexpected_state", v1.payment_intents.cancel, intent.id)
    refund = v1.refunds.create({"payment_intent": intent.id, "amount": 2000, "reason": "requested_by_customer"})
    assert refund.status == "succeeded"
    refused(invalid, "amount_too_large", v1.refunds.create, {"payment_intent": intent.id, "amount": 3001})
    v1.refunds.create({"payment_intent": intent.id})
    refused(invalid, "charge_already_refunded", v1.refunds.create, {"payment_intent": intent.id})
    assert v1.charges.retrieve(captured.latest_charge).refunded
    assert v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    refused(invalid, None, v1.checkout.sessions.expire, session.id)
    return session, intent


def held_and_voided(client, shop):
    session = client.v1.checkout.sessions.create(session_params(shop))
    pay(session.url)
    intent = client.v1.checkout.sessions.retrieve(session.id).payment_intent
    canceled = client.v1.payment_intents.cancel(intent, {"cancellation_reason": "abandoned"})
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "abandoned")
    refused(stripe.InvalidRequestError, "payment_intent_unexpected_state", client.v1.payment_intents.capture, intent)


def declined_then_confirmed(client, sandbox, shop):
    """A declined card, then a challenge that is failed, then one that is passed."""
    v1 = client.v1
    session = v1.checkout.sessions.create(session_params(shop, "automatic"))
    status, page, _ = pay(session.url, "4000000000009995")
    assert status == 422 and "insufficient funds" in page and "Ada Byron" in page and "9995" not in page.split("Test cards")[0]
    for outcome, leads_to in [("fail", session.url), ("confirm", f"{shop}/o/token?session={session.id}")]:
        status, _, challenge = pay(session.url, "4000002760003184")
        assert status == 303 and challenge.startswith(f"{sandbox.url}/c/3ds/")
        intent = v1.payment_intents.retrieve(v1.checkout.sessions.retrieve(session.id).payment_intent)
        assert intent.status == "requires_action" and intent.next_action.redirect_to_url.url == challenge
        assert open_page(challenge, {"outcome": outcome})[2] == leads_to
    session = v1.checkout.sessions.retrieve(session.id)
    assert (session.status, session.payment_status) == ("complete", "paid")
    charges = v1.charges.list({"payment_intent": session.payment_intent})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed", "failed"]


def redirected_to_a_bank(client, sandbox, shop):
    """A payment that the bank decides later, and one that it refuses then."""
    for is_paid in (True, False):
        session = client.v1.checkout.sessions.create(session_params(shop, "automatic"))
        assert session.payment_method_types == ["card", "ideal"]
        bank = open_page(session.url, {"method": "ideal", "email": "ada@example.com"})[2]
        open_page(bank, {"outcome": "later"})
        session = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
        assert (session.status, session.payment_status) == ("complete", "unpaid")
        assert session.payment_intent.status == "processing"
        sandbox.control("POST", "settle", {"payment_intent": session.payment_intent.id, "paid": is_paid})
        session = client.v1.checkout.sessions.retrieve(session.id)
        assert session.payment_status == ("paid" if is_paid else "unpaid")


def without_a_page(client):
    """Intents that a server confirms, off session too."""
    intents = client.v1.payment_intents
    method = {"amount": 700, "currency": "usd", "payment_method_types": ["card"]}
    created = intents.create(method)
    assert created.status == "requires_payment_method"
    error = refused(stripe.CardError, "card_declined", intents.confirm, created.id, {"payment_method": "pm_card_chargeDeclined"})
    assert error.http_status == 402 and error.error.decline_code == "generic_decline"
    assert error.error.payment_intent.status == "requires_payment_method"
    assert intents.confirm(created.id, {"payment_method": "pm_card_mastercard"}).status == "succeeded"
    secure = {**method, "confirm": True, "payment_method": "pm_card_authenticationRequired"}
    assert intents.create({**secure, "return_url": "http://127.0.0.1/back"}).status == "requires_action"
    refused(stripe.CardError, "authentication_required", intents.create, {**secure, "off_session": True})
    paid = intents.create({**method, "confirm": True, "payment_method": "pm_card_visa", "transfer_group": "g"})
    assert client.v1.payment_methods.retrieve(paid.payment_method).card.brand == "visa"
    return paid


def repeated(client):
    """The first result comes again; other parameters are refused."""
    params, options = {"amount": 900, "currency": "usd"}, {"idempotency_key": "interop-1"}
    first = client.v1.payment_intents.create(params, options)
    again = client.v1.payment_intents.create(params, options)
    assert first.id == again.id and again.last_response.headers["idempotent-replayed"] == "true"
    refused(stripe.IdempotencyError, None, client.v1.payment_intents.create, {**params, "amount": 901}, options)
    refused(stripe.InvalidRequestError, "parameter_invalid_empty", client.v1.payment_intents.create, {"amount": 1, "currency": ""}, {"idempotency_key": "interop-2"})
    client.v1.payment_intents.create({"amount": 1, "currency": "usd"}, {"idempotency_key": "interop-2"})


def transferred(client, paid):
    charge = paid.latest_charge
    params = {"amount": 500, "currency": "usd", "destination": "acct_1", "source_transaction": charge, "transfer_group": "g"}
    transfer = client.v1.transfers.create(params)
    refused(stripe.InvalidRequestError, "balance_insufficient", client.v1.transfers.create, params)
    client.v1.transfers.reversals.create(transfer.id, {"amount": 200})
    refused(stripe.InvalidRequestError, "balance_insufficient", client.v1.transfers.reversals.create, transfer.id, {"amount": 301})
    assert client.v1.transfers.retrieve(transfer.id).amount_reversed == 200
    assert len(client.v1.transfers.list({"transfer_group": "g"}).data) == 1


def disputed_and_failed_refund(client, sandbox):
    create = {"amount": 800, "currency": "usd", "confirm": True}
    disputed = client.v1.payment_intents.create({**create, "payment_method": "pm_card_createDispute"})
    assert client.v1.disputes.list({"payment_intent": disputed.id}).data[0].status == "needs_response"
    refused(stripe.InvalidRequestError, "charge_disputed", client.v1.refunds.create, {"payment_intent": disputed.id})
    sandbox.control("POST", "disputes", {"payment_intent": disputed.id, "close": "won"})
    paid = client.v1.payment_intents.create({**create, "payment_method": "pm_card_refundFail"})
    refund = client.v1.refunds.create({"payment_intent": paid.id})
    sandbox.control("POST", "advance", {"seconds": 5})
    assert client.v1.refunds.retrieve(refund.id).status == "failed"


def expired(client, sandbox, shop):
    by_call = client.v1.checkout.sessions.create(session_params(shop))
    assert client.v1.checkout.sessions.expire(by_call.id).status == "expired"
    assert open_page(by_call.url)[0] == 410
    by_time = client.v1.checkout.sessions.create(session_params(shop))
    sandbox.control("POST", "advance", {"seconds": 1900})
    assert client.v1.checkout.sessions.retrieve(by_time.id).status == "expired"
    soon = {"expires_at": int(time.time()) + 60}
    error = refused(stripe.InvalidRequestError, None, client.v1.checkout.sessions.create, session_params(shop, **soon))
    assert error.param == "expires_at"
    unknown = {"metadta": {"a": "b"}}
    refused(stripe.InvalidRequestError, "parameter_unknown", client.v1.checkout.sessions.create, session_params(shop, **unknown))


def shared_token(client):
    """A preview: the library sends it raw."""
    options = {"stripe_version": PREVIEW}

    def raw(method, path, **params):
        return client.raw_request(method, path, **params, **options).data

    limits = {"currency": "usd", "max_amount": 1000, "expires_at": int(time.time()) + 86_400}
    helper = "/v1/test_helpers/shared_payment/granted_tokens"
    token = raw("post", helper, payment_method="pm_card_visa", usage_limits=limits)
    paying = {"amount": 600, "currency": "usd", "confirm": True, "payment_method_data": {"shared_payment_granted_token": token["id"]}}
    assert raw("post", "/v1/payment_intents", **paying)["status"] == "succeeded"
    refused(stripe.InvalidRequestError, "payment_method_not_available", raw, "post", "/v1/payment_intents", **paying)
    for name, status in (("visa", "succeeded"), ("authentication_required", "requires_action")):
        tested = {**paying, "payment_method_data": {"shared_payment_granted_token": f"spt_test_{name}"}}
        assert raw("post", "/v1/payment_intents", **tested, return_url="https://shop.example/back")["status"] == status
    declined = {**paying, "payment_method_data": {"shared_payment_granted_token": "spt_test_declined"}}
    refused(stripe.CardError, "card_declined", raw, "post", "/v1/payment_intents", **declined)
    assert raw("post", f"{helper}/{token['id']}/revoke")["deactivated_at"]
    assert raw("get", f"/v1/shared_payment/granted_tokens/{token['id']}")["usage_details"]["amount_captured"]["value"] == 600


def lists(client):
    v1 = client.v1
    first = v1.payment_intents.list({"limit": 2})
    assert first.has_more and len(first.data) == 2
    second = v1.payment_intents.list({"limit": 2, "starting_after": first.data[-1].id})
    assert not {one.id for one in first.data} & {one.id for one in second.data}
    everything = list(v1.events.list({"limit": 20}).auto_paging_iter())
    assert len({event.id for event in everything}) == len(everything)
    of_type = v1.events.list({"type": "payment_intent.succeeded"})
    assert of_type.data and all(event.type == "payment_intent.succeeded" for event in of_type.data)
    v1.events.retrieve(everything[0].id)
    for listed in (v1.checkout.sessions, v1.refunds, v1.webhook_endpoints):
        listed.list({"limit": 3})
    return everything


def endpoint(client, receiver):
    made = client.v1.webhook_endpoints.create({"url": f"{receiver.url}/second", "enabled_events": ["payment_intent.created"]})
    intent = client.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    signed_with = set()
    for body, signature in receiver.take_until("payment_intent.created") + receiver.take_until("payment_intent.created"):
        for secret in (SECRET, made.secret):
            try:
                event = stripe.Webhook.construct_event(body, signature, secret)
            except stripe.SignatureVerificationError:
                continue
            if event.data.object.id == intent.id:
                signed_with.add(secret)
    assert signed_with == {SECRET, made.secret}
    client.v1.webhook_endpoints.delete(made.id)


def delivered(receiver, expected):
    """Verifies what has arrived, until everything has."""
    bodies = []
    while len({json.loads(body)["id"] for body in bodies}) < len(expected):
        body, signature = receiver.received.get(timeout=10)
        stripe.Webhook.construct_event(body, signature, SECRET)
        bodies.append(body)
    try:
        stripe.Webhook.construct_event(bodies[0] + b" ", signature, SECRET)
    except stripe.SignatureVerificationError:
        return bodies
    raise AssertionError("a changed body is verified")


def compared(description, requests, bodies):
    """Everything on the wire against Stripe's description. Previews are not in it."""
    found, counts = [], Counter()
    for one in requests:
        route, status = one["route"], one["status"]
        if route is None or description.operation(one["method"], route) is None or "granted_token" in json.dumps(one["params"]):
            counts["not described"] += 1
            continue
        where = f"{one['method']} {route} {status}"
        found += [f"{where}: request: {fault}" for fault in description.request_faults(one["method"], route, one["params"])]
        found += [f"{where}: reply: {fault}" for fault in description.reply_faults(one["method"], route, status, one["reply"])]
        counts["requests"] += 1
        counts["errors"] += status >= 400
    for body in bodies:
        event = json.loads(body)
        found += [f"{event['type']}: {fault}" for fault in description.object_faults("event", event)]
        shown = event["data"]["object"]
        if "granted_token" not in shown["object"]:
            found += [f"{event['type']}: {fault}" for fault in description.object_faults(shown["object"], shown)]
        counts["events"] += 1
    return found, counts


def bites(description, requests):
    """A validator that accepts everything proves nothing."""
    made = next(one for one in requests if one["route"] == "/v1/checkout/sessions" and one["status"] == 200)
    thin = {name: value for name, value in made["reply"].items() if name not in ("expires_at", "custom_text")}
    assert len(description.reply_faults("POST", made["route"], 200, thin)) == 2
    assert description.request_faults("POST", made["route"], {**made["params"], "metadta": {}})


def main(buywire, folder):
    description = Description(Path(folder))
    receiver = Receiver()
    with Sandbox(buywire, f"{receiver.url}/events") as sandbox:
        client = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url}, max_network_retries=0)
        endpoint(client, receiver)
        held_and_captured(client, receiver.url)
        held_and_voided(client, receiver.url)
        declined_then_confirmed(client, sandbox, receiver.url)
        redirected_to_a_bank(client, sandbox, receiver.url)
        paid = without_a_page(client)
        repeated(client)
        transferred(client, paid)
        disputed_and_failed_refund(client, sandbox)
        shared_token(client)
        expired(client, sandbox, receiver.url)
        events = lists(client)
        # The first one was verified with both secrets above.
        bodies = delivered(receiver, events[:-1])
        requests = sandbox.control("GET", "requests")["data"]
    recorded = json.dumps(requests) + "".join(body.decode() for body in bodies)
    assert "4242424242424242" not in recorded and "4000002760003184" not in recorded
    found, counts = compared(description, requests, bodies)
    bites(description, requests)
    for fault, times in Counter(found).most_common():
        print(f"{times} × {fault}")
    assert counts["requests"] >= REQUESTS_MIN and counts["events"] >= EVENTS_MIN, counts
    assert not found, f"{len(found)} faults"
    print(f"processor: PyPI stripe: {counts['requests']} requests, {counts['errors']} of them refused, and {counts['events']} "
          f"signed events fit Stripe's description; {counts['not described']} requests are not in it")


main(*sys.argv[1:])
