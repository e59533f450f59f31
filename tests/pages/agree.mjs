// Price, currency and availability in the words of the page, Open Graph, Twitter Card, JSON-LD, the API and
// the database: read by a parser that knows nothing of us, and compared.
import assert from "node:assert/strict";
import { load } from "cheerio";

const DIGITS = { JPY: 0, KWD: 3 };
const IRIS = {
  in_stock: ["InStock"], limited_stock: ["LimitedAvailability"], preorder: ["PreOrder"], backorder: ["BackOrder"],
  out_of_stock: ["OutOfStock", "SoldOut"], discontinued: ["Discontinued"],
};
const NETWORK = {
  in_stock: "in stock", limited_stock: "in stock", preorder: "preorder", backorder: "available for order",
  out_of_stock: "out of stock", discontinued: "discontinued",
};
const WORDS = {
  in_stock: /^(In stock|Only [1-5] left)$/, limited_stock: /^(Limited stock|Only [1-5] left)$/, preorder: /^Preorder/,
  backorder: /^On backorder/, out_of_stock: /^(Sold out|Not available right now|Offer ended)$/, discontinued: /^No longer/,
};

const decimal = (minor, currency) => {
  const digits = DIGITS[currency] ?? 2;
  const text = String(minor).padStart(digits + 1, "0");
  return digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
};

/** Fails on the first word that differs. */
export async function agree({ url, call }, sql, { id, slug }) {
  const post = await call("GET", `/v1/posts/${id}`);
  const product = await call("GET", `/v1/products/${post.product.id}`);
  const [row] = await sql(`SELECT p.price, p.currency, p.availability, t.state, t.version, t.card
                           FROM posts t JOIN products p ON p.id = t.product WHERE t.slug = '${slug}'`);
  const { price, availability } = post.card;
  assert.deepEqual(product.price, price);
  assert.equal(product.availability, availability);
  const ofFeed = [Number(row.price), row.currency, row.availability];
  assert.deepEqual(ofFeed.slice(1), [price.currency, availability]);
  assert.deepEqual(JSON.parse(row.card).price, price);
  if (post.card.was === null) assert.equal(ofFeed[0], price.amount);
  else assert.equal(ofFeed[0], post.card.was);

  const page = load(await (await fetch(`${url}/b/${slug}`)).text());
  const meta = (key) => page(`meta[property="${key}"], meta[name="${key}"]`).attr("content");
  const amount = decimal(price.amount, price.currency);
  const digits = DIGITS[price.currency] ?? 2;
  const { format } = new Intl.NumberFormat("en", {
    style: "currency", currency: price.currency, minimumFractionDigits: digits, maximumFractionDigits: digits,
  });
  const said = format(amount);
  assert.equal(page(".facts .price strong").text(), said);
  assert.equal(page(".facts .price s").text(), post.card.was === null ? "" : format(decimal(post.card.was, price.currency)));
  assert.deepEqual([meta("product:price:amount"), meta("product:price:currency")], [amount, price.currency]);
  assert.equal(meta("product:availability"), NETWORK[availability]);
  assert.deepEqual([meta("twitter:label1"), meta("twitter:data1")], ["Price", said]);
  const stock = page(".facts > .stock").text().replace(/\s+/g, " ").trim();
  assert.deepEqual([meta("twitter:label2"), meta("twitter:data2")], ["Availability", stock]);
  const ofWindow = { scheduled: /^Starts \d/, ended: /^Ended \d/ }[post.state];
  assert.match(stock, ofWindow ?? WORDS[availability]);

  const island = JSON.parse(page('script[type="application/ld+json"]').text());
  assert.deepEqual([island["@context"], island["@type"], island.offers["@type"]], ["https://schema.org", "Product", "Offer"]);
  assert.deepEqual([island.offers.price, island.offers.priceCurrency], [amount, price.currency]);
  assert(IRIS[availability].map((one) => `https://schema.org/${one}`).includes(island.offers.availability), island.offers.availability);
  assert.deepEqual([island.name, meta("og:title"), page("h1").text()], Array(3).fill(post.card.title));

  assert.equal(meta("og:url"), `${post.url}?v=${row.version}`);
  assert.equal(page('link[rel="canonical"]').attr("href"), post.url);
  assert.deepEqual([meta("og:type"), meta("twitter:card")], ["product", "summary_large_image"]);
  assert.equal(meta("og:image"), post.card.image?.url);
  page("meta[content]").each((_, one) => assert.notEqual(one.attribs.content.trim(), "", page.html(one)));
  const oembed = await (await fetch(page('link[type="application/json+oembed"]').attr("href"))).json();
  assert.deepEqual([oembed.version, oembed.type, oembed.title], ["1.0", "rich", post.card.title]);

  const mayBuy = post.state === "live" && post.rollout.percent === 100;
  assert.equal(page("a.button").length, mayBuy ? 1 : 0);
  assert.equal(page("a.see").length, mayBuy ? 0 : 1);
}
