// A browser that meets no network but the gateway: whatever else it asks for is answered and written down.
import assert from "node:assert/strict";
import { join } from "node:path";
import { violations } from "./axe.mjs";
import { picture } from "./picture.mjs";

export const WINDOWS = [
  { width: 320, height: 640, scheme: "light" },
  { width: 360, height: 640, scheme: "light" },
  { width: 360, height: 640, scheme: "dark" },
  { width: 1280, height: 860, scheme: "light" },
  { width: 1280, height: 860, scheme: "dark" },
].map((window) => ({ ...window, known: new Set() }));
/** The frames of other sites: banner, rectangle, and what oEmbed proposes. */
export const FRAMES = [[320, 100], [300, 250], [600, 300], [400, 540]].flatMap(([width, height]) =>
  ["light", "dark"].map((scheme) => ({ width, height, scheme, known: new Set() })));
const PAGE_BYTES_MAX = 50_000;
const CARD_BYTES_MAX = 30_000;
const STYLE_BYTES_MAX = 10_000;
const TARGET_PX_MIN = 44;
const STOPS_MAX = 8;
/** What the merchant's server does not have. */
export const MISSING = "/MISSING-";

/** A page of a browser of its own. */
export async function open(browser, { width, height = 860, scheme = "light", scripts = true }) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.asked = [];
  page.said = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.said.push(message.text()));
  page.on("pageerror", (error) => page.said.push(String(error)));
  page.on("request", (request) => page.asked.push({ url: request.url(), kind: request.resourceType(), headers: request.headers() }));
  await page.route(/^https:\/\/img\.shop\.example\//, (route) =>
    (route.request().url().includes(MISSING) ? route.fulfill({ status: 404 })
      : route.fulfill({ contentType: "image/png", body: picture(new URL(route.request().url()).pathname) })));
  await page.route(/^https:\/\/shop\.example\//, (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html><title>The merchant</title>" }));
  return page;
}

/** Everything that must hold of one page in one window. */
export async function proven(browser, url, { name, post }, { scheme, width, height, known, out }) {
  const page = await open(browser, { width, height, scheme });
  const reply = await page.goto(url);
  const expected = { draft: 404, unknown: 404, withdrawn: 410 }[name] ?? 200;
  assert.equal(reply.status(), expected);
  await loaded(page);
  if (width !== 320) await page.screenshot({ path: join(out, `${name}-${width}-${scheme}.png`), fullPage: true });
  if (width === 360 && post) {
    await page.screenshot({ path: join(out, `${name}-first-${scheme}.png`) });
    if (expected === 200) assert(await isPriceInView(page), "the price is not in the first view");
  }

  const bytes = (await reply.body()).length + Object.entries(await reply.allHeaders()).join("").length;
  assert(bytes <= (name.startsWith("embed") ? CARD_BYTES_MAX : PAGE_BYTES_MAX), `${bytes} bytes`);
  const style = await page.evaluate(() => [...document.querySelectorAll("style")].map((one) => one.textContent).join("").length);
  assert(style > 0 && style <= STYLE_BYTES_MAX, `${style} bytes of styles`);
  const strangers = page.asked.filter((one) => !one.url.startsWith(new URL(url).origin));
  assert.deepEqual(strangers.filter(({ kind }) => kind !== "image"), []);
  assert.deepEqual(strangers.filter(({ headers }) => headers.referer || headers.cookie), []);
  assert.equal(page.asked.length - strangers.length, 1, "a page is one request");
  // A browser notes every page that is not 200.
  assert.deepEqual(page.said.filter((line) =>
    !line.includes(`status of ${["missing-picture", "shop"].includes(name) ? 404 : expected}`)), []);

  const room = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert(room[0] <= room[1], `scrolls sideways: ${room}`);
  const small = await page.evaluate((least) => {
    const targets = [...document.querySelectorAll("a.button, a.see, .variants a, .tile a")];
    // A tile or a row is a target as a whole, by what lies over it.
    const box = (one) => (one.closest(".tile, .variants li") ?? one).getBoundingClientRect();
    return targets.filter((one) => box(one).height < least || box(one).width < least).map((one) => one.outerHTML);
  }, TARGET_PX_MIN);
  assert.deepEqual(small, []);
  const broken = await page.evaluate(() => [...document.images].filter((one) => one.complete && !one.naturalWidth).map((one) => one.src));
  assert.deepEqual(broken.filter((src) => !src.includes(MISSING)), []);
  assert.deepEqual(await brokenWords(page), [], "a label breaks inside a word");
  assert.deepEqual(await touching(page), [], "lines touch");
  assert.deepEqual(await violations(page, known), []);
  await page.context().close();
  await zoomed(browser, url, width, scheme);
}

/** A card in another site's frame: its price and its button are seen, without scrolling. */
export async function fits(browser, url, name, { width, height, scheme, known, out }) {
  const page = await open(browser, { width, height, scheme });
  await page.goto(url);
  await loaded(page);
  await page.screenshot({ path: join(out, `${name}-${width}x${height}-${scheme}.png`) });
  const outside = await page.evaluate(() => {
    const isInside = ({ top, left, right, bottom, width: wide }) =>
      wide > 0 && top >= 0 && left >= 0 && right <= innerWidth && bottom <= innerHeight;
    const shown = [...document.querySelectorAll(".price strong, a")];
    return shown.filter((one) => !isInside(one.getBoundingClientRect())).map((one) => one.outerHTML);
  });
  assert.deepEqual(outside, [], "price and button are within the frame");
  const room = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return [scrollWidth <= innerWidth, scrollHeight <= innerHeight];
  });
  assert.deepEqual(room, [true, true], "nothing scrolls");
  const target = await page.evaluate(() => document.querySelector("a")?.getBoundingClientRect().height ?? 99);
  assert(target >= TARGET_PX_MIN, `the button is ${target} px high`);
  assert.deepEqual(await violations(page, known), []);
  await page.context().close();
}

/** Whether a buyer sees the price before scrolling. */
const isPriceInView = (page) => page.evaluate(() => [...document.querySelectorAll(".due, .facts .price strong")].some((one) => {
  const { height, bottom } = one.getBoundingClientRect();
  return height > 0 && bottom <= innerHeight;
}));

/** Labels, prices and buttons that are divided inside a word that would fit a line. */
const brokenWords = (page) => page.evaluate(() => {
  const range = document.createRange();
  const lines = (node, from, to) => {
    range.setStart(node, from);
    range.setEnd(node, to);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const texts = [...document.querySelectorAll("dt, .price, .cost, .stock, .button, .see, h2, .fine")].flatMap((one) => {
    const walker = document.createTreeWalker(one, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    return found;
  });
  return texts.flatMap((node) => [...node.data.matchAll(/\S+/g)]
    .filter(({ 0: word, index }) => word.length < 20 && lines(node, index, index + word.length) > 1)
    .map(({ 0: word }) => word));
});

/** Lines of text that lie over one another. */
const touching = (page) => page.evaluate(() => {
  const box = (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    // Of a name that is cut off, the lines that are seen.
    const end = Math.min(bottom, one.getBoundingClientRect().bottom);
    return { left, right, top, bottom: end, height: end - top };
  };
  return [...document.querySelectorAll(".variants li, .tile, .facts")].flatMap((one) => {
    const parts = [...one.children].filter((part) => part.textContent.trim() && !part.matches(".action, .hidden"));
    const boxes = parts.map(box).filter(({ height }) => height > 0);
    const overlap = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
    return boxes.some((a, n) => boxes.slice(n + 1).some((b) => overlap(a, b))) ? [one.textContent] : [];
  });
});

/** Waits for every picture, also for those far below. One that cannot be loaded is found broken later. */
async function loaded(page) {
  await page.evaluate(() => Promise.all([...document.images].map((one) => {
    one.loading = "eager";
    return one.decode().catch(() => {});
  })));
}

/** Letters twice as large, as readers set them. */
async function zoomed(browser, url, width, scheme) {
  if (width !== 1280 || scheme !== "light") return;
  const page = await open(browser, { width: 640 });
  await page.goto(url);
  await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
  const room = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert(room[0] <= room[1], `scrolls sideways at twice the size: ${room}`);
  const cut = await page.evaluate(() => [...document.querySelectorAll("h1, .price, .stock, a.button, a.see")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === "visible").map((one) => one.outerHTML));
  assert.deepEqual(cut, []);
  await page.context().close();
}

/** Without JavaScript it is the same page. */
export async function pictured(browser, url) {
  const seen = [];
  for (const scripts of [true, false]) {
    const page = await open(browser, { width: 360, height: 640, scripts });
    // A picture is painted a while after it is loaded.
    await page.goto(url, { waitUntil: "networkidle" });
    // What is on the screen: without scripts a browser also loads what lies far below.
    seen.push([(await page.screenshot()).toString("base64"), await page.innerText("body")]);
    await page.context().close();
  }
  assert.equal(seen[0][1], seen[1][1]);
  assert(seen[0][0] === seen[1][0], "the page looks otherwise without JavaScript");
}

/** From the top of the page to the merchant's, and through the carousel, by keys alone. */
export async function keyboard(browser, gateway, posts) {
  for (const [width, name] of [[360, "live"], [1280, "live"], [360, "sale"], [1280, "limited"]]) {
    const page = await open(browser, { width });
    await page.goto(`${gateway}/b/${posts[name].slug}`);
    const isButton = () => page.evaluate(() => document.activeElement.matches("a.button"));
    let stops = 0;
    do {
      await page.keyboard.press("Tab");
      stops += 1;
    } while (!(await isButton()) && stops <= STOPS_MAX);
    assert(stops <= STOPS_MAX, `${stops} stops to the button of ${name}`);
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
    assert.notEqual(ring, "0px", "the focus is not to be seen");
    await Promise.all([page.waitForURL("https://shop.example/**"), page.keyboard.press("Enter")]);
    const there = new URL(page.url());
    assert.equal(there.searchParams.get("ref"), "feed");
    assert.equal(there.searchParams.get("bw_post"), posts[name].id);
    assert.equal(there.searchParams.get("utm_campaign"), posts[name].id);
    assert.equal(there.hash, "#top");
    await page.context().close();
  }
  for (const width of [360, 1280]) {
    const page = await open(browser, { width });
    await page.goto(`${gateway}/shop/nord`, { waitUntil: "networkidle" });
    await page.keyboard.press("Tab");
    const carousel = page.locator(".carousel");
    assert(await carousel.evaluate((one) => one === document.activeElement), "the first stop is the carousel");
    const place = () => carousel.evaluate((one) => one.scrollLeft);
    const isWider = await carousel.evaluate((one) => one.scrollWidth > one.clientWidth);
    const before = await place();
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(500);
    if (isWider) assert((await place()) > before, "an arrow key moves the carousel");
    for (let n = 0; n < 5; n += 1) await page.keyboard.press("Tab");
    const inside = await page.evaluate(() => {
      const box = document.activeElement.closest(".carousel .tile")?.getBoundingClientRect();
      return box && box.left >= -1 && box.left < innerWidth;
    });
    assert(inside, "the fifth tile comes into view by Tab");
    await Promise.all([page.waitForURL("https://shop.example/**"), page.keyboard.press("Enter")]);
    await page.context().close();
  }
}
