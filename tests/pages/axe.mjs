// What is hard to use in a page, as axe finds it. A structure that was read once is not read again.
import { readFile } from "node:fs/promises";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const axe = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Everything of a page but its words: what axe finds in one such page, it finds in the next. */
const structure = () => {
  const MEANT = ["class", "type", "role", "id", "for", "name", "autocomplete", "aria-describedby", "aria-labelledby"];
  const attribute = ({ name, value }) => (MEANT.includes(name) ? `${name}=${value}` : name);
  const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const element = (one) => `${one.tagName} ${[...one.attributes].map(attribute)} ${hasText(one)}`;
  return [...document.querySelectorAll("*")].map(element).join(";");
};

/** What axe finds. Nothing of a page whose structure is in `known`, the structures of this window. */
export async function violations(page, known = new Set()) {
  const own = await page.evaluate(structure);
  if (known.has(own)) return [];
  known.add(own);
  await page.evaluate(axe);
  const { violations: found } = await page.evaluate((runOnly) => axe.run(document, { runOnly }), RULES);
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" | ")}`);
}
