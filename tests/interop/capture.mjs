// A real gateway delivers to one partner of each dialect before, during and after a rotation of the secret. The
// receiver keeps every request byte for byte; `verify.mjs` and `verify.py` read them: `node capture.mjs BUYWIRE OUT.json`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const ORDERS_A_STAGE = 6;
const CURRENCIES = ["JPY", "USD", "KWD"];
const [buywire, out] = process.argv.slice(2);
const partners = JSON.parse(await readFile(new URL("partners.json", import.meta.url), "utf8"));

/** A receiver that remembers. It answers 204, or 401 to the first request of every delivery while `stubborn`:
 * where one signature fits, the same request then comes signed with the other key. */
async function receive() {
  const receiver = { captured: [], stubborn: new Set(), seen: new Set() };
  receiver.server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const slug = request.url.slice("/hook/".length);
    const { headers, method, url } = request;
    const first = !receiver.seen.has(`${slug} ${body}`);
    receiver.seen.add(`${slug} ${body}`);
    const status = first && receiver.stubborn.has(slug) ? 401 : 204;
    receiver.captured.push({ slug, status, method, url: `http://${headers.host}${url}`, headers, body: body.toString("base64") });
    response.writeHead(status).end();
  });
  receiver.server.listen(0, "127.0.0.1");
  await once(receiver.server, "listening");
  receiver.url = (slug) => `http://127.0.0.1:${receiver.server.address().port}/hook/${slug}`;
  return receiver;
}

/** A gateway on its private database, in a folder of its own. */
async function serve(folder) {
  const data = join(folder, "data");
  const options = ["--listen", "127.0.0.1:0", "--data-dir", data, "--allow-private", "127.0.0.0/8"];
  const gateway = spawn(buywire, ["serve", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(gateway, "exit");
  for await (const line of createInterface({ input: gateway.stdout })) {
    const url = /listens on (http:\S+)/.exec(line)?.[1];
    if (url) return { url, ended, gateway, key: await readFile(join(data, "operator-key"), "utf8") };
  }
  throw new Error("the gateway did not start");
}

/** Names that need escaping everywhere, and amounts with 0, 2 and 3 digits behind the point. */
function order(partner, number) {
  return {
    order_id: `F-${partner}-${number}`,
    confirmed_at: "2026-11-20T10:00:00Z",
    currency: CURRENCIES[number % CURRENCIES.length],
    buyer: { name: "Zoë Ångström 東京 🛍", email: "zoe@example.com", share_email: number % 2 === 0 },
    ship_to: { name: "Zoë", line1: "千代田区 1-1", city: "東京", region: "13", postal_code: "100-0001", country: "JP" },
    lines: [{ partner, item_id: "CUP", title: "Tea cup “茶”\\ & <b>", quantity: number, unit_price: 1200, tax: 10 }],
    shipping: 500, discount: 0, tax: 10, total: 1200 * number + 510,
    payment: { processor: "stripe", reference: `pi_${number}` },
  };
}

async function main(folder) {
  const receiver = await receive();
  const { gateway, ended, key, url: api } = await serve(folder);
  const call = async (path, body) => {
    const headers = { authorization: `Bearer ${key.trim()}`, "content-type": "application/json" };
    const reply = await fetch(api + path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text}`);
    return JSON.parse(text);
  };
  const endpoints = {};
  const rotate = async (overlap_hours) => {
    const secrets = {};
    for (const { slug } of partners) {
      const path = `/v1/partners/${slug}/endpoints/${endpoints[slug].id}/rotate-secret`;
      secrets[slug] = (await call(path, { overlap_hours })).secret;
    }
    // UCP's key is the gateway's own, published in its profile: it signs at once here, not when caches are over.
    await call("/v1/keys/signing/rotate", { signs_after_minutes: 0, overlap_hours });
    await sleep(1_000);
    return secrets;
  };
  let sent = 0;
  /** Orders for everybody; `valid` and `invalid` give each partner's secrets, the newest last. */
  const stage = async (valid, invalid) => {
    const first = receiver.captured.length;
    for (let n = 0; n < ORDERS_A_STAGE; n += 1, sent += 1) {
      for (const { slug } of partners) await call("/v1/orders", order(slug, sent + 1));
    }
    const accepted = () => receiver.captured.slice(first).filter(({ status }) => status === 204);
    for (const end = Date.now() + 60_000; accepted().length < ORDERS_A_STAGE * partners.length; await sleep(20)) {
      if (Date.now() > end) throw new Error(`the orders did not arrive: ${accepted().map(({ slug }) => slug)}`);
    }
    const requests = receiver.captured.slice(first);
    const { signing_keys } = await call("/.well-known/ucp");
    const of = async ({ slug }) => {
      const { public_keys } = await call(`/v1/partners/${slug}/endpoints/${endpoints[slug].id}`);
      const own = requests.filter((one) => one.slug === slug);
      return [slug, { valid: valid(slug), invalid: invalid(slug), signing_keys, public_keys, requests: own }];
    };
    return Object.fromEntries(await Promise.all(partners.map(of)));
  };

  try {
    for (const { slug, adapter, settings = {} } of partners) {
      await call("/v1/partners", { slug, name: slug, adapter, settings });
      endpoints[slug] = await call(`/v1/partners/${slug}/endpoints`, { url: receiver.url(slug), event_types: ["order.*"] });
    }
    const before = await stage((slug) => [endpoints[slug].secret], () => []);
    const next = await rotate(24);
    receiver.stubborn = new Set(partners.filter(({ inTurn }) => inTurn).map(({ slug }) => slug));
    const during = await stage((slug) => [endpoints[slug].secret, next[slug]], () => []);
    receiver.stubborn.clear();
    const last = await rotate(0);
    const after = await stage((slug) => [last[slug]], (slug) => [next[slug]]);
    await writeFile(out, JSON.stringify({ before, during, after }));
    console.log(`captured ${receiver.captured.length} requests before, during and after a rotation`);
  } finally {
    gateway.kill("SIGTERM");
    await ended;
    receiver.server.close();
    receiver.server.closeAllConnections();
  }
}

const folder = await mkdtemp(join(tmpdir(), "buywire-interop-"));
// As root, PostgreSQL runs as another user, which must be able to enter the folder to remove its files.
await chmod(folder, 0o755);
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
