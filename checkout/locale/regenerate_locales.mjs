#!/usr/bin/env node
// Regenerates locales.tsv: how readers of each locale write amounts, from CLDR's own JSON. The licence is that of
// ../address/data/LICENSE-UNICODE. The judge is another reader of CLDR: tests/interop/amounts.mjs.
//
//     npm pack cldr-numbers-full@48.0.0 && tar xzf cldr-numbers-full-48.0.0.tgz
//     node checkout/locale/regenerate_locales.mjs package

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
// Whoever has another is served by the nearest of these. Taiwan and Hong Kong write in the script that is not named.
const LOCALES = "ar ar-EG bg ca cs da de de-AT de-CH de-LI el en en-AU en-CA en-GB en-IE en-IN en-NZ en-SG en-ZA es es-419 "
  + "es-AR es-CL es-CO es-MX es-US et fa fi fr fr-BE fr-CA fr-CH fr-LU he hi hr hu id is it it-CH ja ko lt lv ms nb nl "
  + "nl-BE pl pt pt-PT ro ru sk sl sv th tr uk vi zh zh-Hant zh-Hant-HK";
// A hyphen may end a line: an amount is never divided.
const MINUS = "\u2212";
const DIGITS = { latn: "0", arab: "\u0660", arabext: "\u06f0" };

const read = (tag, file) => JSON.parse(readFileSync(join(folder, "main", tag, file), "utf8")).main[tag].numbers;

/** The code in front of a pattern's number and behind it: `¤#`. Each group has three digits, or the second has two. */
function row(tag) {
  const numbers = read(tag, "numbers.json");
  const system = numbers.defaultNumberingSystem;
  const signs = numbers[`symbols-numberSystem-${system}`];
  const [positive, negative] = numbers[`currencyFormats-numberSystem-${system}`].standard.split(";");
  const [digits] = positive.match(/[#,0.]+/);
  const second = digits.split(".")[0].split(",").at(-2).length === 2 ? 2 : 3;
  const minus = signs.minusSign.replace("-", MINUS);
  const form = (pattern) => pattern.replace(/[#,0.]+/, "#").replace("-", minus);
  const symbols = Object.entries(read(tag, "currencies.json").currencies)
    .filter(([code, { symbol }]) => /^[A-Z]{3}$/.test(code) && symbol && symbol !== code)
    .map(([code, { symbol }]) => `${code}=${symbol.replaceAll(" ", "\u00a0")}`);
  return [
    tag, signs.currencyDecimal ?? signs.decimal, signs.currencyGroup ?? signs.group,
    3 + Number(numbers.minimumGroupingDigits), second, DIGITS[system], form(positive),
    negative ? form(negative) : minus + form(positive), symbols.join(" "),
  ].join("\t");
}

const head = "# From CLDR 48 by regenerate_locales.mjs.\n"
  + "# tag decimal group grouped_from second_group zero positive negative symbols\n";
writeFileSync(new URL("locales.tsv", import.meta.url), head + LOCALES.split(" ").map((tag) => `${row(tag)}\n`).join(""));
