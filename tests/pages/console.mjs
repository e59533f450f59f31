// An operator and a partner at work in the console, and every page of it through five windows.
// `console.mjs BUYWIRE FOLDER`
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "./gateway.mjs";
import { crawl, sound } from "./console/looking.mjs";
import { approvesFeed, mendsEndpoint, meetsNothing, replaysOwn, stopsSale } from "./console/working.mjs";
import { stage } from "./console/stage.mjs";
import { WINDOWS } from "./browser.mjs";

const [buywire, out] = process.argv.slice(2);
const failures = [];

/** Goes on after a failure: one run tells all. */
async function check(name, work) {
  try {
    await work();
    console.log(`ok ${name}`);
  } catch (error) {
    failures.push(name);
    console.error(`FAILED ${name}: ${error.stack}`);
  }
}

async function main(folder) {
  const options = ["--allow-private", "127.0.0.0/8", "--name", "staging"];
  const gateway = await serve(buywire, folder, options);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  let shop;
  try {
    shop = await stage(gateway);
    const { url, operator } = gateway;
    await check("by mouse", () => mendsEndpoint(browser, url, operator, shop, { partner: "acme" }));
    await check("by keyboard alone", () => mendsEndpoint(browser, url, operator, shop, { partner: "bobo", hand: "keyboard" }));
    await check("without scripts", () => mendsEndpoint(browser, url, operator, shop, { partner: "coco", scripts: false }));
    await check("as a partner", () => replaysOwn(browser, url, shop.keys.dodo, shop, { partner: "dodo" }));
    await check("a partner meets 404", () => meetsNothing(browser, url, shop));
    // What is left to do stands on the pages that are looked at.
    const seen = [];
    await check("all pages", async () => {
      seen.push(...await crawl(browser, url, operator));
      assert(seen.length >= 35, `${seen.length} pages were found`);
    });
    // 360 px in light has the layout of 320 px and the colours of 1280 px.
    for (const window of WINDOWS.filter(({ width, scheme }) => width !== 360 || scheme !== "light")) {
      await check(`${seen.length} pages at ${window.width} px, ${window.scheme}`, () => sound(browser, url, operator, seen, { ...window, out }));
    }
    const own = [];
    await check("a partner's pages", async () => {
      own.push(...await crawl(browser, url, shop.keys.acme));
      await sound(browser, url, shop.keys.acme, own, { ...WINDOWS[3], out, of: "partner" });
    });
    await check("approves a held feed", () => approvesFeed(browser, url, operator, gateway.call));
    await check("stops a post's sale", () => stopsSale(browser, url, operator, shop.post));
  } finally {
    await browser.close();
    shop?.close();
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  }
}

const folder = await mkdtemp(join(tmpdir(), "buywire-console-"));
// As root, PostgreSQL runs as another user: let it pass, so that its files are removed with the folder.
await chmod(folder, 0o755);
await mkdir(out, { recursive: true });
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = failures.length ? 1 : 0;
