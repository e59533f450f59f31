#!/usr/bin/env node
// Regenerates country_names.*.tsv: the countries of `schemas/text/country.rs` in five languages, each list in its
// language's own order. Names and collation are those of CLDR 48, as Node 20.20 has them (see NOTICE):
//
//     node checkout/address/data/regenerate_country_names.mjs

import { readFileSync, writeFileSync } from "node:fs";

const source = readFileSync(new URL("../../../schemas/text/country.rs", import.meta.url), "utf8");
const codes = source.match(/ASSIGNED: &str = "\\\n(.*?)";/s)[1].match(/\b[A-Z]{2}\b/g);
// Their long names are those of an authority. Nobody looks for Hong Kong under S.
const SHORT = ["HK", "MO", "PS"];

for (const language of ["en", "fr", "de", "es", "nl"]) {
  const names = (style) => new Intl.DisplayNames([language], { type: "region", style, fallback: "none" });
  const [long, short] = [names("long"), names("short")];
  const rows = codes.map((code) => [code, (SHORT.includes(code) ? short : long).of(code)]);
  const { compare } = new Intl.Collator(language);
  rows.sort(([, one], [, other]) => compare(one, other));
  const head = `# From CLDR ${process.versions.cldr} by regenerate_country_names.mjs; see NOTICE.\n# country name\n`;
  const lines = rows.map((row) => row.join("\t") + "\n").join("");
  writeFileSync(new URL(`country_names.${language}.tsv`, import.meta.url), head + lines);
}
