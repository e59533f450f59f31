// Looks at every page of the checkout, in every situation and language, as files that the unit tests wrote:
// `checkout.mjs PAGES FOLDER [NAME…]`. Fails with everything that is wrong at once.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { violations } from "./axe.mjs";
import { picture } from "./picture.mjs";
import { together } from "./pool.mjs";

const [pages, out, ...only] = process.argv.slice(2);
// German has the longest words: it is looked at where they fit worst.
const WINDOWS = [
  { width: 320, scheme: "dark", languages: ["de"] },
  { width: 360, scheme: "light", languages: ["en", "fr", "de", "es", "nl"] },
  { width: 768, scheme: "light", languages: ["en"] },
  { width: 1280, scheme: "light", languages: ["en"] },
  { width: 1280, scheme: "dark", languages: ["en"] },
];
const TARGET_PX_MIN = 44;
const FIELD_PX = 46;
const failures = [];

/** One page in one window, and what is wrong with it. */
async function look(page, language, name, { width, scheme, known }) {
  const html = await readFile(join(pages, language, `${name}.html`), "utf8");
  const url = `https://pay.example/${language}/${name}`;
  await page.route(url, (route) => route.fulfill({ contentType: "text/html; charset=utf-8", body: html }));
  await page.goto(url);
  const found = [];
  const room = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  if (room[0] > room[1]) found.push(`scrolls sideways: ${room}`);
  found.push(...await page.evaluate(([target, field]) => {
    const low = (one, least) => one.offsetParent && !one.closest(".hidden") && one.getBoundingClientRect().height < least - 0.5;
    const controls = [...document.querySelectorAll(".field input, .field select")].filter((one) => low(one, field));
    const targets = [...document.querySelectorAll("a, button, summary, .chip, .choice, .tick")].filter((one) => low(one, target));
    return [...controls, ...targets].map((one) => `too low: ${one.outerHTML.slice(0, 120)}`);
  }, [TARGET_PX_MIN, FIELD_PX]));
  found.push(...await violations(page, known));
  await page.screenshot({ path: join(out, `checkout-${name}-${language}-${width}-${scheme}.png`), fullPage: true });
  failures.push(...found.map((one) => `${language} ${name}, ${width} px, ${scheme}: ${one}`));
}

/** Four times as large, which leaves 320 px of 1280; and letters twice as large beside that. */
async function zoom(browser, names) {
  const page = await (await browser.newContext({ viewport: { width: 320, height: 256 } })).newPage();
  for (const name of names) {
    await page.setContent(await readFile(join(pages, "de", `${name}.html`), "utf8"));
    await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
    const room = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    if (room[0] > room[1]) failures.push(`${name} at 320 px with letters twice as large scrolls sideways: ${room}`);
  }
  await page.context().close();
}

/** All pages of a language in a window. */
async function walk(browser, window, language, names) {
  const { width, scheme } = window;
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: scheme, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.route(/^https:\/\/img\./, (route) => route.fulfill({ contentType: "image/png", body: picture(route.request().url()) }));
  for (const name of names) {
    count += 1;
    await look(page, language, name, window);
  }
  await context.close();
}

await mkdir(out, { recursive: true });
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
let count = 0;
const structures = [];
try {
  const names = (await readdir(join(pages, "en"))).map((file) => file.replace(".html", ""));
  const chosen = names.filter((name) => !only.length || only.some((one) => name.startsWith(one)));
  const walks = WINDOWS.flatMap((window) => {
    const known = new Set();
    structures.push(known);
    return window.languages.map((language) => () => walk(browser, { ...window, known }, language, chosen));
  });
  await together([...walks, () => zoom(browser, chosen)]);
} finally {
  await browser.close();
}
for (const failure of failures) console.error(`FAILED ${failure}`);
console.log(`checkout: looked ${count} times at the pages, with axe at ${structures.reduce((sum, { size }) => sum + size, 0)} structures, ${failures.length} failures`);
assert.equal(failures.length, 0);
