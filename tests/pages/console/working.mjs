// What operators and partners come for, done in a browser.
import assert from "node:assert/strict";
import { Hand, assertQuiet, signedIn } from "./hand.mjs";

const ACTIONS_MAX = 12;
const END_MS = 15_000;

/** Waits until the page says so: by itself where it is live, else by reading it again. */
async function becomes(page, selector, pattern, isLive) {
  const end = Date.now() + END_MS;
  for (;;) {
    const text = await page.locator(selector).first().innerText();
    if (pattern.test(text)) return;
    assert(Date.now() < end, `${selector} is still: ${text}`);
    await page.waitForTimeout(200);
    if (!isLive) await page.reload();
  }
}

/** Finds a dead delivery by its order, reads why, corrects the URL, replays all of its kind, and watches. */
export async function mendsEndpoint(browser, url, key, shop, { partner, hand: kind = "mouse", scripts = true }) {
  const page = await signedIn(browser, url, key, { scripts });
  const hand = new Hand(page, kind === "keyboard");
  await hand.search(shop.orders[partner][1]);
  await hand.press('main a[href*="/deliveries/dlv_"]');
  assert.match(await page.innerText(".state"), /Dead/);
  assert.match(await page.innerText("main"), /404/);
  assert.match(await page.innerText("main pre"), /no such route <b>here<\/b>/);
  await hand.press('main a:has-text("Settings")');
  await hand.press('main a.btn:has-text("Edit")');
  await hand.type("#f-url", `${shop.url}/${partner}/hooks`);
  await hand.press('form[action$="/preview"] button');
  await hand.press('main button:has-text("Save")');
  await hand.press('.figures a:has-text("Dead")');
  await hand.press('main a:has-text("Replay all that match")');
  assert.match(await page.innerText("main .state"), new RegExp(`^${shop.orders[partner].length} match`));
  await hand.type("#reason", "the address was old");
  await hand.press('main button:has-text("Replay 3 deliveries")');
  await becomes(page, "main .state", /Done/, scripts);
  await becomes(page, '.figures li:has-text("Accepted")', /3/, scripts);
  assert(kind === "keyboard" || hand.actions <= ACTIONS_MAX, `${hand.actions} actions`);
  console.log(`   ${hand.actions} actions`);
  assertQuiet(page);
  await page.context().close();
}

/** From the failure to its replay, with a partner's own key. */
export async function replaysOwn(browser, url, key, shop, { partner }) {
  const page = await signedIn(browser, url, key);
  const hand = new Hand(page, false);
  await hand.press('.menu a:has-text("Failures")');
  assert.equal(await page.locator("main tr[data-row]").count(), 1, "only its own group");
  await hand.press("main tr[data-row] a");
  assert.match(await page.innerText("main"), /What to do/);
  shop.closed.delete(partner);
  await hand.press('main a:has-text("Replay all dead of this group (3)")');
  await hand.type("#reason", "the route is back");
  await hand.press('main button:has-text("Replay 3 deliveries")');
  await becomes(page, "main .state", /Done/, true);
  assert(hand.actions <= ACTIONS_MAX, `${hand.actions} actions`);
  assertQuiet(page);
  await page.context().close();
}

/** Where another partner's things would be, there is nothing. */
export async function meetsNothing(browser, url, shop) {
  const page = await signedIn(browser, url, shop.keys.dodo);
  const ids = await page.request.get(`${url}/v1/deliveries?limit=1`, { headers: { authorization: `Bearer ${shop.keys.acme}` } });
  const [{ id }] = (await ids.json()).data;
  for (const path of [`/deliveries/${id}`, "/partners/acme", `/partners/acme/endpoints/${shop.endpoints.acme}`, `/catalog/runs/${shop.held.id}`]) {
    const reply = await page.goto(`${url}/console${path}`);
    assert.equal(reply.status(), 404, path);
    assert.doesNotMatch(await page.innerText("main"), /ACME|acme|CUP/, path);
  }
  await page.goto(`${url}/console/deliveries?partner=acme`);
  assert.doesNotMatch(await page.innerText("main"), /ACME/);
  await page.context().close();
}

export async function approvesFeed(browser, url, key, call) {
  const page = await signedIn(browser, url, key);
  const hand = new Hand(page, false);
  await hand.press('.needs a:has-text("Review run")');
  await hand.press('main a:has-text("Approve…")');
  const reason = page.locator("#reason");
  if (await reason.count()) await hand.type("#reason", "the merchant has closed that line");
  await hand.press("main form button");
  assert.match(await page.innerText("main .state"), /Applied/);
  const { data } = await call("GET", "/v1/partners/acme/feed/runs?limit=1");
  assert.equal(data[0].status, "applied");
  assertQuiet(page);
  await page.context().close();
}

export async function stopsSale(browser, url, key, post) {
  const page = await signedIn(browser, url, key);
  const hand = new Hand(page, false);
  await hand.press('.menu a:has-text("Posts")');
  await hand.press(`main a[href*="switches/confirm"][href*="${post.id}"]`);
  await hand.type("#reason", "the price is wrong");
  await hand.press("main form button");
  await page.goto(`${url}/console/stock/switches`);
  assert.match(await page.innerText("main"), new RegExp(post.id));
  assertQuiet(page);
  await page.context().close();
}
