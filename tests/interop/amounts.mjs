// Prices must be written as ICU writes them, in every locale and currency: `node amounts.mjs AMOUNTS`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";

const LOCALES_MIN = 60;
const CURRENCIES_MIN = 150;
// Below and above every group, and the largest that an order has.
const AMOUNTS = [0, 1, 5, 50, 99, 100, 999, 1000, 1234, 9999, 10_000, 12_345, 99_999, 100_000, 123_450, 999_999, 1_234_567,
  12_345_678, 123_456_789, 1_234_567_890, Number.MAX_SAFE_INTEGER, -1, -500, -123_450, -123_456_789];

const table = await readFile(new URL("../../checkout/locale/locales.tsv", import.meta.url), "utf8");
const [, cldr] = /From CLDR (\d+)/.exec(table);
if (process.versions.cldr.split(".")[0] !== cldr) {
  console.log(`SKIPPED: this Node has CLDR ${process.versions.cldr}, and prices are those of CLDR ${cldr}.`);
  process.exit(0);
}
const locales = table.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split("\t")[0]);
const currencies = Intl.supportedValuesOf("currency");
const cases = locales.flatMap((locale) => currencies.flatMap((code) => AMOUNTS.map((minor) => [locale, code, minor])));
const { stdout, status } = spawnSync(process.argv[2], {
  input: cases.map((one) => `${JSON.stringify(one)}\n`).join(""), maxBuffer: 1 << 28,
});
assert.equal(status, 0, "our amounts failed");
const written = stdout.toString().split("\n");

/** The number as text: a double does not have the digits of the largest. */
const decimal = (minor, digits) => {
  const text = String(Math.abs(minor)).padStart(digits + 1, "0");
  const whole = digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text;
  return minor < 0 ? `-${whole}` : whole;
};

const formats = new Map();
const format = (locale, currency, digits) => {
  const key = `${locale} ${currency}`;
  const options = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale, options));
  return formats.get(key);
};

const differing = [];
const compared = new Set();
cases.forEach(([locale, currency, minor], index) => {
  if (!written[index]) return;
  const [digits, ours] = written[index].split("\t");
  // A hyphen may end a line, so ours is a minus.
  const theirs = format(locale, currency, Number(digits)).format(decimal(minor, Number(digits))).replace("-", "\u2212");
  compared.add(currency);
  if (ours !== theirs) differing.push(`${locale} ${currency} ${minor}: ${JSON.stringify(ours)} is not ${JSON.stringify(theirs)}`);
});
assert.deepEqual(differing.slice(0, 40), [], `${differing.length} differ`);
assert(locales.length >= LOCALES_MIN && compared.size >= CURRENCIES_MIN, `${locales.length} locales, ${compared.size} currencies`);
console.log(`ICU ${process.versions.icu}: ${cases.length} amounts of ${compared.size} currencies in ${locales.length} locales agree`);
