// A buyer buys: from the post to the confirmed order, without scripts, at the sandbox processor.
// `buying.mjs BUYWIRE FOLDER`
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { database, serve } from "./gateway.mjs";
import { picture } from "./picture.mjs";

const [buywire, out] = process.argv.slice(2);
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const BUYER = { email: "ada@example.com", name: "Ada Byron", line1: "12 rue de la Paix", postal_code: "75002", city: "Paris" };
const CARD = { "#cc-number": "4242 4242 4242 4242", "#cc-exp": "12/34", "#cc-csc": "123", "#cc-name": "Ada Byron" };
// Keystroke-level model: a key, a move to the next field, a press of a button.
const KEY_S = 0.28;
const MOVE_S = 1.35;
const PRESS_S = 3.2;
const SECONDS_MAX = 60;
const PAGE_BYTES_MAX = 50_000;
const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const SHIPPING = { currency: "EUR", zones: [{ countries: ["FR", "DE"], options: [
  { id: "standard", kind: "shipping", title: "Colissimo", price: 490, days_from: 3, days_to: 5 },
  { id: "express", kind: "shipping", title: "Chronopost", price: 1200, days_from: 1, days_to: 1 }] }] };
const TAXES = { tax_included: true, rates: [{ country: "FR", rate: "20", taxes_shipping: true, label: "TVA" }] };
const POLICY = { sells_here: true,
  seller: { name: "Studio Nord", address: ["Hafen 1", "20457 Hamburg"], country: "DE", email: "help@nord.example" },
  links: { terms_of_use: "https://nord.example/terms", privacy_policy: "https://nord.example/privacy" } };

/** A merchant that sells here, with two variants of which one is left three times, and a post. */
async function stage(call) {
  await call("POST", "/v1/partners", { slug: "nord", name: "Studio Nord", adapter: "standard" });
  const row = (id, color, quantity, availability = "in_stock") =>
    `${id},CUP,"Stoneware cup","Thrown by hand.",https://shop.example/p/${id},https://img.shop.example/${id}.png,24.00 EUR,${availability},${quantity},Studio Nord,new,${color},no`;
  const feed = ["id,item_group_id,title,description,link,image_link,price,availability,quantity,brand,condition,color,identifier_exists",
    row("CUP-BLUE", "Night blue", 3), row("CUP-SAND", "Sand", 9), row("CUP-MOSS", "Moss", 0, "out_of_stock"), ""].join("\n");
  const report = await call("PUT", "/v1/partners/nord/feed?wait=true", feed);
  assert.equal(report.status, "applied", JSON.stringify(report));
  await call("PUT", "/v1/partners/nord/shipping", SHIPPING);
  await call("PUT", "/v1/partners/nord/taxes", TAXES);
  await call("PUT", "/v1/partners/nord/policy", POLICY);
  const post = await call("POST", "/v1/posts", { product: { partner: "nord", item_id: "CUP-BLUE" }, publish: [] });
  return call("POST", `/v1/posts/${post.id}/publish`);
}

/** Counts what a buyer does, and looks at each page. */
class Buyer {
  constructor(page, context) {
    Object.assign(this, { page, context, keys: 0, fields: 0, presses: 0, complaints: [], strangers: [] });
    page.on("console", (message) => this.complaints.push(message.text()));
  }

  async type(selector, text) {
    await this.page.fill(selector, text);
    this.keys += text.length;
    this.fields += 1;
  }

  async press(selector) {
    await this.page.click(selector);
    this.presses += 1;
  }

  seconds() {
    return this.keys * KEY_S + this.fields * MOVE_S + this.presses * PRESS_S;
  }
}

/** Axe finds nothing, nothing scrolls sideways, and the page is small. A second page has scripts, which axe needs. */
async function sound(browser, url, name) {
  for (const [width, colorScheme] of [[320, "light"], [1280, "dark"]]) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await pictures(page);
    const reply = await page.goto(url);
    const bytes = (await reply.body()).length;
    assert(bytes <= PAGE_BYTES_MAX, `${name}: ${bytes} bytes`);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${name} scrolls sideways`);
    await page.screenshot({ path: join(out, `buying-${name}-${width}.png`), fullPage: true });
    await page.evaluate(axe);
    const { violations } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), RULES);
    assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html)}`), []);
    await context.close();
  }
}

const pictures = (page) => page.route(/^https:\/\/img\.shop\.example\//, (route) =>
  route.fulfill({ contentType: "image/png", body: picture(new URL(route.request().url()).pathname) }));

async function guest(browser) {
  const context = await browser.newContext({ javaScriptEnabled: false, locale: "en-GB", viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  await pictures(page);
  return new Buyer(page, context);
}

async function buys(browser, gateway, post, sql) {
  const buyer = await guest(browser);
  const { page } = buyer;
  await page.goto(`${gateway.url}/b/${post.slug}`);
  await buyer.press("a.button");
  assert.equal(new URL(page.url()).pathname, `/b/${post.slug}/buy`);
  await sound(browser, page.url(), "form");

  // With nothing filled in, every error at once; the summary leads to the fields.
  await page.selectOption("#country", "FR");
  await page.press("#email", "Enter");
  assert.equal(await page.locator("[aria-invalid]").count(), 5);
  assert.equal(await page.locator(".alert a").count(), 5);
  buyer.complaints.length = 0; // Chromium notes that the answer is 422.
  await page.screenshot({ path: join(out, "buying-errors.png"), fullPage: true });
  await page.selectOption("#country", "DE");
  await page.click("text=Change country");
  await page.selectOption("#country", "FR");
  await page.click("text=Change country");
  for (const [field, text] of Object.entries(BUYER)) await buyer.type(`#${field}`, text);
  await buyer.press(".go .button");

  const review = page.url();
  assert.match(review, /\/buy\?checkout=/);
  await sound(browser, review, "review");
  assert.equal(await page.innerText(".totals .sum dd"), "€28.90");
  await page.check("[value=express]");
  await page.click("text=Update total");
  assert.equal(await page.innerText(".totals .sum dd"), "€36.00");
  assert.equal(await page.innerText("button.button"), "Order and pay €36.00");
  // Another choice with the button is shown first.
  await page.check("[value=standard]");
  await page.click("button.button");
  assert.match(await page.innerText(".alert"), /The total has changed[^]*€36\.00[^]*€28\.90/);
  buyer.complaints.length = 0;
  await buyer.press("button.button");

  assert.match(page.url(), /\/c\/pay\/|\/c\//);
  for (const [field, text] of Object.entries(CARD)) await buyer.type(field, text);
  await buyer.press("form > .button");
  await page.waitForURL(`${gateway.url}/o/**`);
  for (let tries = 0; tries < 20 && !(await page.innerText("h1")).includes("Order confirmed"); tries += 1) {
    await page.waitForTimeout(500);
    await page.goto(page.url());
  }
  assert.match(await page.innerText("h1"), /Order confirmed/);
  assert.match(await page.innerText("main"), /Visa ending in 4242/);
  await sound(browser, page.url(), "confirmed");
  assert.deepEqual(buyer.complaints, []);
  assert.deepEqual(await page.context().cookies(), [], "no cookie is needed");

  const seconds = buyer.seconds();
  console.log(`buying: ${buyer.keys} keys, ${buyer.fields} fields, ${buyer.presses} presses: ${seconds.toFixed(1)} s`);
  assert(seconds <= SECONDS_MAX, `${seconds} s`);
  const orders = await sql("SELECT body::json->>'total' AS total FROM orders");
  assert.deepEqual(orders, [{ total: "2890" }]);

  // In another browser, and in another language; what cannot be undone is asked first.
  const other = await guest(browser);
  await other.page.goto(page.url().split("?")[0] + "?lang=de");
  assert.match(await other.page.innerText("h1"), /Bestellung bestätigt/);
  await other.page.click("text=Bestellung stornieren");
  await sound(browser, other.page.url(), "cancel");
  await other.page.click("button.second");
  await other.page.waitForURL(`${gateway.url}/o/**`);
  assert.doesNotMatch(await other.page.innerText("h1"), /Bestellung bestätigt/);
  await sound(browser, other.page.url(), "cancelled");
}

/** The bank refuses, the buyer tries another card; then he changes his mind. */
async function declines(browser, gateway, post) {
  const buyer = await guest(browser);
  const { page } = buyer;
  await page.goto(`${gateway.url}/b/${post.slug}/buy?lang=en`);
  await page.selectOption("#country", "FR");
  await page.click("text=Change country");
  for (const [field, text] of Object.entries(BUYER)) await page.fill(`#${field}`, text);
  await page.click(".go .button");
  const token = new URL(page.url()).searchParams.get("checkout");
  await page.click("button.button");
  await page.goto(`${gateway.url}/o/${token}?lang=en`);
  assert.match(await page.innerText("h1"), /Pay to complete your order/);
  assert.match(await page.innerText("main"), /Reserved for you until/);
  await sound(browser, page.url(), "pay-now");
  await page.click("text=Change or cancel");
  for (let tries = 0; tries < 20 && !/Ready/.test(await page.innerText("h1")); tries += 1) {
    await page.waitForTimeout(300);
    await page.goto(`${gateway.url}/o/${token}?lang=en`);
  }
  assert.match(await page.innerText("h1"), /Ready to order/);
  await sound(browser, page.url(), "ready");
  await page.goto(`${gateway.url}/o/${"x".repeat(32)}`);
  assert.match(await page.innerText("h1"), /Nothing here/);
}

const child = spawn(buywire, ["sandbox-processor", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
const [line] = await once(child.stdout, "data");
const sandbox = JSON.parse(String(line));
Object.assign(process.env, {
  BUYWIRE_PAYMENTS: "sandbox", BUYWIRE_STRIPE_URL: sandbox.url, BUYWIRE_STRIPE_KEY: sandbox.key,
  BUYWIRE_STRIPE_WEBHOOK_SECRET: "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
});
const folder = await mkdtemp(join(tmpdir(), "buywire-buying-"));
await chmod(folder, 0o755);
await mkdir(out, { recursive: true });
const gateway = await serve(buywire, folder);
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const post = await stage(gateway.call);
  const sql = await database(gateway.data);
  await buys(browser, gateway, post, sql);
  await declines(browser, gateway, post);
} finally {
  await browser.close();
  gateway.child.kill("SIGTERM");
  await gateway.ended;
  child.kill();
  await rm(folder, { recursive: true, force: true });
}
