// The npm libraries verify every captured request with each secret that was valid at the time, reject it with every
// other secret and with any single bit changed, and reproduce the published test vectors.
import assert from "node:assert/strict";
import { createPublicKey, verify as verifyEd25519 } from "node:crypto";
import { readFile } from "node:fs/promises";
import "@shopify/shopify-api/adapters/node";
import { verify as verifyOctokit } from "@octokit/webhooks-methods";
import { shopifyApi } from "@shopify/shopify-api";
import { Webhook as StandardWebhook } from "standardwebhooks";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";

const STRANGER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const MUTATIONS_MIN = 1_000;

const captured = JSON.parse(await readFile(process.argv[2], "utf8"));
const partners = JSON.parse(await readFile(new URL("partners.json", import.meta.url), "utf8"));
const vectors = JSON.parse(await readFile(new URL("vectors.json", import.meta.url), "utf8"));

/** These libraries also read the body as JSON, after they have verified it: a form is verified and no JSON. */
const webhook = (Webhook) => ({
  signed: ["webhook-id", "webhook-timestamp", "webhook-signature"],
  verify: (secret, { headers, body }) => {
    try {
      new Webhook(secret).verify(body, headers);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    return true;
  },
});

const shopify = (secret) =>
  shopifyApi({
    apiKey: "key", apiSecretKey: secret, apiVersion: "2026-07", hostName: "example.com", isEmbeddedApp: false,
    isTesting: true, logger: { log: () => {} },
  });
const shops = new Map();
const shopOf = (secret) => shops.get(secret) ?? shops.set(secret, shopify(secret)).get(secret);

/** Each library: which headers its signature stands in or covers, and how it is asked. */
const JUDGES = {
  standardwebhooks: webhook(StandardWebhook),
  svix: webhook(SvixWebhook),
  stripe: {
    verify: (secret, { headers, body }, { header }) =>
      Stripe.webhooks.signature.verifyHeader(body, headers[header], secret, 300),
  },
  shopify: {
    signed: ["x-shopify-hmac-sha256"],
    verify: async (secret, { headers, body }) => {
      const rawRequest = { method: "POST", url: "/hook", headers };
      const rawBody = body.toString("utf8");
      const { valid } = await shopOf(secret).webhooks.validate({ rawBody, rawRequest, rawResponse: {} });
      return valid;
    },
  },
  octokit: {
    signed: ["x-hub-signature-256"],
    verify: (secret, { headers, body }) => verifyOctokit(secret, body.toString("utf8"), headers["x-hub-signature-256"]),
  },
};

async function accepts(judge, secret, request, partner) {
  try {
    return (await judge.verify(secret, request, partner)) === true;
  } catch {
    return false;
  }
}

const flipped = (bytes, bit) => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};

/** The words of a header's value, each with how its bytes are written: two spellings of the same bytes are
 * the same signature, so the bits that count are those of the bytes. */
function* words(value) {
  for (const { 0: text, index } of value.matchAll(/[^,= ]+=*/g)) {
    const encoding = /^([0-9a-f]{64})$/.test(text) ? "hex" : text.length >= 43 ? "base64" : "latin1";
    yield { before: value.slice(0, index), bytes: Buffer.from(text, encoding), encoding, after: value.slice(index + text.length) };
  }
}

/** The request with each single bit of its body and of what its signature's headers say changed. Of several
 * signatures one is left: a verifier is content when any fits. */
function* mutations({ headers: given, body }, signed) {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, signed.includes(name) ? value.split(" ")[0] : value]));
  for (let bit = 0; bit < body.length * 8; bit += 1) yield { headers, body: flipped(body, bit) };
  for (const name of signed) {
    for (const { before, bytes, encoding, after } of words(headers[name])) {
      for (let bit = 0; bit < bytes.length * 8; bit += 1) {
        const value = before + flipped(bytes, bit).toString(encoding) + after;
        yield { headers: { ...headers, [name]: value }, body };
      }
    }
  }
}

/** Which of the valid secrets must verify which request. Where one signature fits, the newest signs first and
 * the one before it what was refused with 401; else every one of them signs every request. */
function expected(stage, partner) {
  const { valid, requests } = stage;
  if (!partner.inTurn || valid.length === 1) return requests.map((request) => [request, valid]);
  const refused = new Set(requests.filter(({ status }) => status === 401).map(({ body }) => body));
  assert(refused.size > 0, `${partner.slug}: no request was rejected during the rotation`);
  return requests.map((request) => [request, [request.status === 401 ? valid.at(-1) : valid[0]]]);
}

async function check(partner, name) {
  const judge = JUDGES[name];
  const stages = Object.values(captured).map((stage) => stage[partner.slug]);
  let verified = 0;
  for (const stage of stages) {
    for (const [{ headers, body }, fitting] of expected(stage, partner)) {
      const request = { headers, body: Buffer.from(body, "base64") };
      const refusing = [...stage.valid, ...stage.invalid, STRANGER].filter((secret) => !fitting.includes(secret));
      for (const secret of fitting) assert(await accepts(judge, secret, request, partner), `${name} refuses ${partner.slug}`);
      for (const secret of refusing) assert(!(await accepts(judge, secret, request, partner)), `${name} takes a wrong secret of ${partner.slug}`);
      verified += fitting.length;
    }
  }
  let refused = 0;
  const { valid: [secret], requests: [{ headers, body }] } = stages[0];
  for (const mutation of mutations({ headers, body: Buffer.from(body, "base64") }, judge.signed ?? [partner.header])) {
    assert(!(await accepts(judge, secret, mutation, partner)), `${name} takes a mutation of ${partner.slug}`);
    refused += 1;
  }
  assert(refused >= MUTATIONS_MIN, `${partner.slug}: ${refused} mutations`);
  console.log(`${partner.slug}: npm ${name}: ${verified} verified, ${refused} single-bit mutations refused`);
}

/** Whether a public key (`whpk_…`) fits one of the `v1a` signatures, as Node's own cryptography sees it. */
function fitsV1a(key, { headers, body }) {
  const x = Buffer.from(key.slice("whpk_".length), "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const content = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const signatures = headers["webhook-signature"].split(" ").filter((one) => one.startsWith("v1a,"));
  return signatures.some((one) => verifyEd25519(null, content, publicKey, Buffer.from(one.slice(4), "base64")));
}

/** Every published key of a stage fits every request of it, no key of another stage that ended does. */
function checkV1a({ slug }) {
  const stages = Object.values(captured).map((stage) => stage[slug]);
  let verified = 0;
  for (const { public_keys, requests } of stages) {
    assert(public_keys.length > 0, `${slug}: no public key is shown`);
    const ended = stages.flatMap((stage) => stage.public_keys.map(({ key }) => key)).filter((key) => !public_keys.some((own) => own.key === key));
    for (const { headers, body } of requests) {
      const request = { headers, body: Buffer.from(body, "base64") };
      for (const { key } of public_keys) assert(fitsV1a(key, request), `${slug}: no v1a signature fits`);
      for (const key of ended) assert(!fitsV1a(key, request), `${slug}: an ended key signs`);
      verified += public_keys.length;
    }
  }
  const { public_keys: [{ key }], requests: [{ headers, body }] } = stages[0];
  const bytes = Buffer.from(body, "base64");
  let refused = 0;
  for (; refused < bytes.length * 8; refused += 1) assert(!fitsV1a(key, { headers, body: flipped(bytes, refused) }), `${slug}: v1a takes a mutation`);
  assert(refused >= MUTATIONS_MIN);
  console.log(`${slug}: node:crypto Ed25519: ${verified} verified, ${refused} single-bit mutations refused`);
}

for (const partner of partners) {
  for (const name of partner.judges.filter((name) => name in JUDGES)) await check(partner, name);
  if (partner.judges.includes("ed25519")) checkV1a(partner);
}
for (const Webhook of [StandardWebhook, SvixWebhook]) {
  for (const { secret, signature } of vectors.signatures) {
    const at = new Date(vectors.timestamp * 1000);
    assert.equal(new Webhook(secret).sign(vectors.id, at, vectors.body), signature);
  }
}
console.log(`npm: ${vectors.signatures.length} vectors reproduced`);
