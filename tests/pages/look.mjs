// Looks at every page of a real gateway, as buyers with a browser and networks with a parser do:
// `node look.mjs BUYWIRE FOLDER [PAGE…]`. Fails with everything that is wrong at once.
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { agree } from "./agree.mjs";
import { FRAMES, WINDOWS, fits, keyboard, open, pictured, proven } from "./browser.mjs";
import { serve, database } from "./gateway.mjs";
import { together } from "./pool.mjs";
import { stage } from "./stage.mjs";

const [buywire, out, ...only] = process.argv.slice(2);
const failures = [];

/** Goes on after a failure: one run tells all. */
async function check(name, work) {
  try {
    await work();
  } catch (error) {
    failures.push(`${name}: ${error.message}`);
  }
}

async function main(folder) {
  const gateway = await serve(buywire, folder);
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const sql = await database(gateway.data);
    const { posts } = await stage(gateway.call, sql.execute);
    const pages = Object.entries(posts).map(([name, { slug }]) => ({ name, path: `/b/${slug}`, post: posts[name] }));
    pages.push(
      { name: "home", path: "/" },
      { name: "shop", path: "/shop/nord" },
      { name: "shop-empty", path: "/shop/empty" },
      { name: "unknown", path: "/b/nosuchpost" },
      { name: "embed", path: `/embed/${posts.sale.slug}` },
      { name: "embed-sold-out", path: `/embed/${posts["sold-out"].slug}` },
    );
    const works = pages.filter(({ name }) => !only.length || only.includes(name)).flatMap((page) => {
      const url = gateway.url + page.path;
      const isShown = page.post && !["draft", "withdrawn"].includes(page.name);
      return [
        ...WINDOWS.map((window) => () => check(`${page.name}, ${window.scheme}, ${window.width} px`,
          () => proven(browser, url, page, { ...window, out }))),
        () => check(`${page.name}, without scripts`, () => pictured(browser, url)),
        () => isShown && check(`${page.name}, every word agrees`, () => agree(gateway, sql, page.post)),
      ];
    });
    const cards = ["sale", "long", "right-to-left", "emoji", "unbreakable", "sold-out", "missing-picture", "refused-picture", "unit-price"];
    for (const name of cards.filter((one) => !only.length || only.includes(`embed-${one}`))) {
      const url = `${gateway.url}/embed/${posts[name].slug}`;
      works.push(...FRAMES.map((frame) => () => check(`the card of ${name}, ${frame.width} x ${frame.height} px, ${frame.scheme}`,
        () => fits(browser, url, `embed-${name}`, { ...frame, out }))));
    }
    await together(works);
    if (!only.length || only.includes("keyboard")) await check("the keyboard", () => keyboard(browser, gateway.url, posts));
    if (!only.length || only.includes("frame")) await check("a stranger's frame", () => framed(browser, gateway.url, posts));
    console.log(`looked at ${pages.length} pages through ${WINDOWS.length} windows`);
  } finally {
    await browser.close();
    gateway.child.kill("SIGTERM");
    await gateway.ended;
  }
}

/** In the page of somebody else: the card may be framed, the page may not. */
async function framed(browser, url, posts) {
  const told = await (await fetch(`${url}/oembed?url=${encodeURIComponent(posts.sale.url)}`)).json();
  const blog = createServer((_, reply) => reply.setHeader("content-type", "text/html").end(
    `<!doctype html><title>Blog</title><body>${told.html}<iframe src="${posts.sale.url}"></iframe>`));
  blog.listen(0, "127.0.0.1");
  await once(blog, "listening");
  const page = await open(browser, { width: 800 });
  await page.goto(`http://127.0.0.1:${blog.address().port}/`, { waitUntil: "load" });
  const card = page.frameLocator("iframe").first().locator("a.button");
  await card.waitFor();
  const refused = page.frames().find((frame) => frame.url().startsWith("chrome-error:"));
  assert(refused, "a stranger framed the page itself");
  await page.screenshot({ path: join(out, "embed-in-a-blog.png") });
  await Promise.all([page.waitForURL("https://shop.example/**"), card.click()]);
  await page.context().close();
  blog.close();
}

const folder = await mkdtemp(join(tmpdir(), "buywire-pages-"));
// As root, PostgreSQL runs as another user: let it pass, so that its files are removed with the folder.
await chmod(folder, 0o755);
await mkdir(out, { recursive: true });
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true, force: true });
}
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exitCode = failures.length ? 1 : 0;
