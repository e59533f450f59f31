// A buyer pays on the sandbox processor's hosted page: with mistakes, a challenge, a bank, without scripts.
// `processor.mjs BUYWIRE FOLDER`
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [buywire, out] = process.argv.slice(2);
const SHOP = "http://127.0.0.1:9";
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const CARD = { "#email": "ada@example.com", "#cc-number": "4000 0027 6000 3184", "#cc-exp": "12/34", "#cc-csc": "123", "#cc-name": "Ada Byron" };
const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

const child = spawn(buywire, ["sandbox-processor", "--json"], { stdio: ["ignore", "pipe", "inherit"] });
const [line] = await once(child.stdout, "data");
const { url, key } = JSON.parse(String(line));

/** A session with two lines, and with as many ways of delivery as prices. */
async function session(...delivery) {
  const form = new URLSearchParams({ mode: "payment", success_url: `${SHOP}/o`, cancel_url: `${SHOP}/b` });
  [["Tour T-shirt “North”", 2900, 1], ["Enamel pin", 1250, 2]].forEach(([name, amount, quantity], n) => {
    form.set(`line_items[${n}][quantity]`, quantity);
    form.set(`line_items[${n}][price_data][currency]`, "eur");
    form.set(`line_items[${n}][price_data][unit_amount]`, amount);
    form.set(`line_items[${n}][price_data][product_data][name]`, name);
  });
  delivery.forEach((amount, n) => {
    const rate = `shipping_options[${n}][shipping_rate_data]`;
    form.set(`${rate}[display_name]`, ["Standard, 3–5 December", "Express, 1 December"][n]);
    form.set(`${rate}[fixed_amount][amount]`, amount);
    form.set(`${rate}[fixed_amount][currency]`, "eur");
  });
  const reply = await fetch(`${url}/v1/checkout/sessions`, { method: "POST", body: form, headers: { authorization: `Bearer ${key}` } });
  assert.equal(reply.status, 200);
  return (await reply.json()).url;
}

/** Axe finds nothing and nothing scrolls sideways. The page's policy allows no script, axe included: it is set aside. */
async function sound(page, name) {
  const { width } = page.viewportSize();
  await page.screenshot({ path: join(out, `processor-${name}-${width}.png`), fullPage: true });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${name} scrolls sideways`);
  await page.evaluate(axe);
  const { violations } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map(({ html }) => html)}`), []);
}

async function looked(browser, width, colorScheme) {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, bypassCSP: true });
  const page = await context.newPage();
  await page.goto(await session(490, 1200));
  assert.equal(await page.innerText("h1"), "Pay €58.90");
  await page.check('[name="shipping"][value="1"]');
  assert.equal(await page.innerText("form > .button"), "Pay €66.00", "the sum follows the choice");
  await sound(page, `form-${colorScheme}`);
  await page.click("form > .button");
  await sound(page, `mistakes-${colorScheme}`);
  assert.equal(await page.locator("[aria-invalid]").count(), 5);
  await page.click(".alert a >> nth=1");
  assert.equal(await page.evaluate(() => document.activeElement.id), "cc-number", "the summary leads to the field");
  await page.fill("#email", "ada@example.com");
  await page.click("text=iDEAL");
  await sound(page, `bank-${colorScheme}`);
  await context.close();
}

/** The page as it is served: its policy holds, its buttons lead to the shop. */
async function paid(browser) {
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  await page.route(`${SHOP}/**`, (route) => route.fulfill({ body: "the shop" }));
  const hosted = await session(490);
  await page.goto(hosted);
  for (const [field, text] of Object.entries(CARD)) await page.fill(field, text);
  await page.keyboard.press("Enter");
  await page.click("text=Confirm the payment");
  await page.waitForURL(`${SHOP}/o`);
  await page.goto(hosted);
  assert.equal(await page.innerText("h1"), "This payment is complete");
  assert.deepEqual(complaints, []);
}

await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  for (const width of [320, 1280]) for (const scheme of ["light", "dark"]) await looked(browser, width, scheme);
  await paid(browser);
} finally {
  await browser.close();
  child.kill();
}
console.log("processor: the hosted page is sound at 320 and 1280 px, light and dark, and is paid without scripts");
