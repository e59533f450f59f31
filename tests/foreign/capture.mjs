// Lets a real gateway deliver to a receiver that keeps every request as it came, before, during and
// after rotations of the secret. Writes what the verifiers read: `node capture.mjs BUYWIRE OUT.json`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const ORDERS_A_STAGE = 5;
const [buywire, out] = process.argv.slice(2);

/** A receiver that answers 204 and remembers. */
async function receive() {
  const captured = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    captured.push({ headers: request.headers, body: body.toString("base64") });
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { captured, server, url: `http://127.0.0.1:${server.address().port}/hook` };
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

function order(number) {
  return {
    order_id: `F-${number}`,
    confirmed_at: "2026-11-20T10:00:00Z",
    currency: "JPY",
    buyer: { name: "Zoë Ångström 東京 🛍", email: "zoe@example.com", share_email: number % 2 === 0 },
    ship_to: { name: "Zoë", line1: "千代田区 1-1", city: "東京", postal_code: "100-0001", country: "JP" },
    lines: [{ partner: "acme", item_id: "CUP", title: "Tea cup “茶”\\ & <b>", quantity: number, unit_price: 1200, tax: 10 }],
    shipping: 500, discount: 0, tax: 10, total: 1200 * number + 510,
    payment: { processor: "stripe", reference: `pi_${number}` },
  };
}

async function main(folder) {
  const { captured, server, url } = await receive();
  const { gateway, ended, key, url: api } = await serve(folder);
  const call = async (path, body) => {
    const headers = { authorization: `Bearer ${key.trim()}`, "content-type": "application/json" };
    const reply = await fetch(api + path, { method: "POST", headers, body: JSON.stringify(body) });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text}`);
    return JSON.parse(text);
  };
  let sent = 0;
  const stage = async (secrets) => {
    const first = captured.length;
    for (let n = 0; n < ORDERS_A_STAGE; n += 1) await call("/v1/orders", order((sent += 1)));
    for (const end = Date.now() + 30_000; captured.length < first + ORDERS_A_STAGE; await sleep(20)) {
      if (Date.now() > end) throw new Error("the orders did not arrive");
    }
    return { ...secrets, requests: captured.slice(first) };
  };

  try {
    await call("/v1/partners", { slug: "acme", name: "Acme", adapter: "standard", settings: {} });
    const endpoint = await call("/v1/partners/acme/endpoints", { url, event_types: ["order.*"] });
    const rotate = (hours) =>
      call(`/v1/partners/acme/endpoints/${endpoint.id}/rotate-secret`, { overlap_hours: hours });
    const before = await stage({ valid: [endpoint.secret], invalid: [] });
    const next = await rotate(24);
    await sleep(1_000);
    const during = await stage({ valid: [endpoint.secret, next.secret], invalid: [] });
    const last = await rotate(0);
    await sleep(1_000);
    const after = await stage({ valid: [last.secret], invalid: [next.secret] });
    await writeFile(out, JSON.stringify({ before, during, after }));
    console.log(`captured ${captured.length} requests before, during and after a rotation`);
  } finally {
    gateway.kill("SIGTERM");
    await ended;
    server.close();
    server.closeAllConnections();
  }
}

const folder = await mkdtemp(join(tmpdir(), "buywire-foreign-"));
// As root, PostgreSQL runs as another user: let it pass, so that its files are removed with the folder.
await chmod(folder, 0o755);
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
