// Every page that links lead to, and what must hold of each.
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "parse5";
import { violations } from "../axe.mjs";
import { assertQuiet, signedIn } from "./hand.mjs";

const PAGE_BYTES_MAX = 60_000;
/** One page of each kind is enough: ids and the values of filters do not make another. */
const kind = ({ pathname, searchParams }) =>
  [pathname.replace(/\/[a-z]+_[0-9a-f]{32}/g, "/ID").replace(/partners\/[^/]+/, "partners/SLUG"), ...searchParams.keys()].join(" ");
/** What a filter leads to is the same page again. */
const FILTERS_MAX = 1;

/** The addresses of all pages. */
export async function crawl(browser, url, key) {
  const page = await signedIn(browser, url, key);
  const found = new Map(), rest = [new URL("/console", url)];
  while (rest.length) {
    const next = rest.shift();
    if (found.has(kind(next)) || [...next.searchParams].length > FILTERS_MAX) continue;
    const reply = await page.goto(next.href);
    assert.equal(reply.status(), 200, next.href);
    found.set(kind(next), next.pathname + next.search);
    const links = await page.evaluate(() => [...document.links].map(({ href }) => href));
    rest.push(...links.map((href) => new URL(href)).filter(({ pathname, hash }) => pathname.startsWith("/console") && !hash));
  }
  assertQuiet(page);
  await page.context().close();
  return [...found.values()];
}

/** Looks at all of them in one window. All faults are told at once. */
export async function sound(browser, url, key, paths, { width, height, scheme, out, of = "operator" }) {
  const page = await signedIn(browser, url, key, { width, height, scheme });
  const known = new Set(), faults = [];
  for (const path of paths) {
    const reply = await page.goto(url + path);
    const html = (await reply.body()).toString();
    const fault = (text) => faults.push(`${path}: ${text}`);
    if (html.length > PAGE_BYTES_MAX) fault(`${html.length} bytes`);
    parse(html, { onParseError: ({ code, startLine }) => fault(`${code} in line ${startLine}`) });
    const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    if (wide > room) fault(`scrolls sideways: ${wide} of ${room} px`);
    for (const one of await violations(page, known)) fault(one);
    const name = path.replace(/[a-z]+_[0-9a-f]{32}/g, "id").replace(/^\/console\/?|[^a-z0-9]+/gi, "-").replace(/^-+|-+$/g, "") || "now";
    await page.screenshot({ path: join(out, `console-${of}-${name}-${width}-${scheme}.png`), fullPage: true });
  }
  assert.deepEqual(faults, []);
  assertQuiet(page);
  await page.context().close();
}
