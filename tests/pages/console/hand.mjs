// A session in the console, and a hand that counts what it does: by mouse, or by keys alone.
import assert from "node:assert/strict";

const TABS_MAX = 150;

/** A page of a new browser that has signed in. */
export async function signedIn(browser, url, key, { width = 1280, height = 860, scheme = "light", scripts = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: scripts, reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.said = [];
  page.strangers = [];
  page.on("console", (message) => page.said.push(message.text()));
  page.on("pageerror", (error) => page.said.push(String(error)));
  page.on("request", (request) => request.url().startsWith(url) || page.strangers.push(request.url()));
  await page.goto(`${url}/console`);
  await page.fill("#key", key);
  await Promise.all([page.waitForEvent("load"), page.click("button.primary")]);
  return page;
}

/** Nothing that the browser complained about, and no other host. */
export function assertQuiet(page) {
  assert.deepEqual(page.strangers, [], "requests to other hosts");
  assert.deepEqual(page.said, [], "the browser's console");
}

export class Hand {
  constructor(page, isKeyboard) {
    Object.assign(this, { page, isKeyboard, actions: 0 });
  }

  /** Follows a link or presses a button. */
  async press(selector) {
    this.actions += 1;
    const target = this.page.locator(selector).first();
    await target.waitFor();
    if (!this.isKeyboard) return Promise.all([this.page.waitForEvent("load"), target.click()]);
    await this.tabTo(target);
    return Promise.all([this.page.waitForEvent("load"), this.page.keyboard.press("Enter")]);
  }

  /** Writes into a field, over what it holds. */
  async type(selector, text) {
    this.actions += 1;
    const field = this.page.locator(selector).first();
    if (!this.isKeyboard) return field.fill(text);
    await this.tabTo(field);
    await this.page.keyboard.press("Control+a");
    return this.page.keyboard.type(text);
  }

  /** Looks for something in the search box. */
  async search(text) {
    this.actions += 2;
    if (this.isKeyboard) {
      await this.page.keyboard.press("/");
      await this.page.keyboard.type(text);
    } else {
      await this.page.fill("#search", text);
    }
    return Promise.all([this.page.waitForEvent("load"), this.page.keyboard.press("Enter")]);
  }

  async tabTo(target) {
    const isThere = () => target.evaluate((one) => one === document.activeElement);
    for (let n = 0; n <= TABS_MAX; n += 1) {
      if (await isThere()) return this.assertVisible();
      await this.page.keyboard.press("Tab");
    }
    return assert.fail(`${TABS_MAX} stops do not lead to ${target}`);
  }

  /** What has the focus has a ring, and nothing lies over it. */
  async assertVisible() {
    const { ring, over } = await this.page.evaluate(() => {
      const one = document.activeElement;
      const { left, top, width, height } = one.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      return { ring: getComputedStyle(one).outlineStyle, over: one.contains(at) || at?.contains(one) ? null : at?.outerHTML };
    });
    assert.notEqual(ring, "none", "the focus is not visible");
    assert.equal(over, null, "something covers the focus");
  }
}
