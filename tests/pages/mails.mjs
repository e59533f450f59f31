// Looks at every mail as mail programs with a browser inside show it: `node mails.mjs MAILS FOLDER`.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { open } from "./browser.mjs";
import { together } from "./pool.mjs";

const [mails, out] = process.argv.slice(2);
// Every mail at its narrowest, where long words hurt; one language each of short and long words everywhere.
const NARROW = [320, "light"];
const WINDOWS = [NARROW, [360, "dark"], [720, "light"], [720, "dark"]];
// A mail stands in a mail program's page, which has the landmarks.
const RULES = { "landmark-one-main": { enabled: false }, region: { enabled: false } };
const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const MAIL_BYTES_MAX = 20_000;

async function looked(browser, name, html, [width, scheme]) {
  const page = await open(browser, { width, scheme });
  await page.setContent(html, { waitUntil: "load" });
  if (width !== 320) await page.screenshot({ path: join(out, `mail-${name}-${width}-${scheme}.png`), fullPage: true });
  assert.deepEqual(page.asked, [], "a mail loads nothing");
  assert.deepEqual(page.said, []);
  const room = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert(room[0] <= room[1], `scrolls sideways: ${room}`);
  const split = await page.evaluate(() => [...document.querySelectorAll(".amount")].filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getClientRects().length > 1;
  }).map((one) => one.textContent));
  assert.deepEqual(split, [], "an amount is on one line");
  const broken = await page.evaluate(() => [...document.querySelectorAll("th")].filter((one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range.getClientRects().length > one.textContent.split(" ").length;
  }).map((one) => one.textContent));
  assert.deepEqual(broken, [], "a name breaks between words");
  await page.evaluate(axe);
  const { violations } = await page.evaluate((rules) => axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules,
  }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html: element }) => element).join(" | ")}`), []);
  await page.context().close();
}

/** Some programs drop the styles: what is said must still be there, and read in order. */
async function bare(browser, html) {
  const page = await open(browser, { width: 720 });
  await page.setContent(html);
  const styled = await page.innerText("body");
  await page.setContent(html.replace(/<style>.*<\/style>/s, ""));
  const words = (text) => text.split(/\s+/).filter(Boolean);
  assert.deepEqual(words(await page.innerText("body")), words(styled));
  await page.context().close();
}

await mkdir(out, { recursive: true });
const folder = await mkdtemp(join(tmpdir(), "buywire-mails-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const failures = [];
let count = 0;
try {
  execFileSync(mails, ["write", folder]);
  const files = (await readdir(folder)).sort();
  await together(files.map((file) => async () => {
    const html = await readFile(join(folder, file), "utf8");
    const name = file.replace(".html", "");
    const windows = /\.(en|de)\.html$/.test(file) ? WINDOWS : [NARROW];
    const works = windows.map((window) => [window.join(", "), () => looked(browser, name, html, window)]);
    works.push(["without styles", () => bare(browser, html)]);
    works.push(["its size", () => assert(Buffer.byteLength(html) <= MAIL_BYTES_MAX, `${Buffer.byteLength(html)} bytes`)]);
    for (const [what, work] of works) {
      try { await work(); } catch (error) { failures.push(`${name}, ${what}: ${error.message}`); }
    }
    count += 1;
  }));
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exitCode = failures.length || !count ? 1 : 0;
console.log(`mails: looked at ${count} through ${WINDOWS.length} windows`);
