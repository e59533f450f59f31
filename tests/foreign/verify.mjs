// The npm libraries verify what was captured, with every secret that was valid then, refuse it with every
// other and with any single bit changed, and sign the published vectors as printed.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Webhook as StandardWebhook } from "standardwebhooks";
import { Webhook as SvixWebhook } from "svix";

const SIGNED = ["webhook-id", "webhook-timestamp", "webhook-signature"];
const STRANGER = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const MUTATIONS_MIN = 10_000;

const captured = JSON.parse(await readFile(process.argv[2], "utf8"));
const vectors = JSON.parse(await readFile(new URL("vectors.json", import.meta.url), "utf8"));

function accepts(Webhook, secret, { headers, body }) {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

const flipped = (bytes, bit) => {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] ^= 1 << (bit & 7);
  return copy;
};

/** The request with each single bit of its body, id, timestamp and signature changed. */
function* mutations({ headers, body }) {
  for (let bit = 0; bit < body.length * 8; bit += 1) yield { headers, body: flipped(body, bit) };
  for (const name of SIGNED) {
    const [version, encoded] = headers[name].split(",");
    // A signature's bits are those of its bytes: two spellings of the same bytes are the same signature.
    const bytes = encoded ? Buffer.from(encoded, "base64") : Buffer.from(version, "latin1");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const other = flipped(bytes, bit);
      const value = encoded ? `${version},${other.toString("base64")}` : other.toString("latin1");
      yield { headers: { ...headers, [name]: value }, body };
    }
  }
}

function check(name, Webhook) {
  let verified = 0;
  for (const { valid, invalid, requests } of Object.values(captured)) {
    for (const { headers, body } of requests) {
      const request = { headers, body: Buffer.from(body, "base64") };
      for (const secret of valid) assert(accepts(Webhook, secret, request), `${name}: refuses ${headers["webhook-id"]}`);
      for (const secret of [...invalid, STRANGER]) assert(!accepts(Webhook, secret, request), `${name}: takes a wrong secret`);
      verified += valid.length;
    }
  }
  let refused = 0;
  const { valid: [secret], requests } = captured.before;
  for (const { headers, body } of requests) {
    for (const mutation of mutations({ headers, body: Buffer.from(body, "base64") })) {
      assert(!accepts(Webhook, secret, mutation), `${name}: takes a mutation of ${headers["webhook-id"]}`);
      refused += 1;
    }
  }
  assert(refused >= MUTATIONS_MIN, `${refused} mutations`);
  for (const { secret, signature } of vectors.signatures) {
    const at = new Date(vectors.timestamp * 1000);
    assert.equal(new Webhook(secret).sign(vectors.id, at, vectors.body), signature);
  }
  console.log(`${name}: ${verified} verified, ${refused} single-bit mutations refused, ${vectors.signatures.length} vectors reproduced`);
}

check("npm standardwebhooks", StandardWebhook);
check("npm svix", SvixWebhook);
