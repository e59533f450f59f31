// What the console shows: five partners whose deliveries have died, a held feed, a post on sale.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const ORDERS = 3;
const fixture = new URL("../../fixtures/orders/record.json", import.meta.url);

/** A receiver that knows one path, and none of some partners until it is told. */
async function receiver() {
  const closed = new Set();
  const server = createServer((request, reply) => {
    request.resume();
    const [, partner, path] = request.url.split("/");
    const status = path === "hooks" && !closed.has(partner) ? 200 : 404;
    reply.writeHead(status, { "content-type": "text/plain" }).end(status === 200 ? "thank you" : "no such route <b>here</b>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { closed, server, url: `http://127.0.0.1:${server.address().port}` };
}

const row = (n, price = `${10 + n}.00 USD`) =>
  `CUP-${n},"Cup ${n}","Thrown by hand.",https://shop.example/p/${n},https://img.shop.example/${n}.png,${price},in_stock,9,Nord,new,no`;
const feed = (rows) => ["id,title,description,link,image_link,price,availability,quantity,brand,condition,identifier_exists", ...rows, ""].join("\n");

/** Brings it onto the stage, and gives what the scenes need. */
export async function stage(gateway) {
  const { call } = gateway;
  const { closed, server, url } = await receiver();
  const keys = {}, orders = {}, endpoints = {};
  const text = await readFile(fixture, "utf8");
  for (const partner of ["acme", "bobo", "coco", "dodo", "eels"]) {
    await call("POST", "/v1/partners", { slug: partner, name: `The shop of ${partner}`, adapter: "standard" });
    // Who comes as a partner may not save a private address, so that its receiver is what is mended.
    const path = partner === "dodo" ? "hooks" : "old-hooks";
    if (partner === "dodo") closed.add(partner);
    const endpoint = await call("POST", `/v1/partners/${partner}/endpoints`, { url: `${url}/${partner}/${path}`, event_types: ["order.*"], retry: [] });
    endpoints[partner] = endpoint.id;
    keys[partner] = (await call("POST", `/v1/partners/${partner}/keys`, { label: "browser" })).key;
    orders[partner] = [];
    for (let n = 1; n <= ORDERS; n += 1) {
      const order = JSON.parse(text);
      order.order_id = `${partner.toUpperCase()}-${n}`;
      for (const line of order.lines) line.partner = partner;
      await call("POST", "/v1/orders", order);
      orders[partner].push(order.order_id);
    }
  }
  const items = Array.from({ length: 30 }, (_, n) => row(n));
  await call("PUT", "/v1/partners/acme/feed?wait=true", feed(items));
  const draft = await call("POST", "/v1/posts", { product: { partner: "acme", item_id: "CUP-1" } });
  const post = await call("POST", `/v1/posts/${draft.id}/publish`);
  const held = await call("PUT", "/v1/partners/acme/feed?wait=true", feed(items.slice(0, 12)));
  if (held.status !== "held") throw new Error(JSON.stringify(held));
  const isDead = async () => (await call("GET", "/v1/deliveries?status=dead&limit=100")).data.length === 5 * ORDERS;
  while (!await isDead()) await new Promise((done) => setTimeout(done, 100));
  return { closed, keys, orders, endpoints, post, held, url, close: () => server.close() };
}
