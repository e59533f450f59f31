// Prints `ALSO_TEXT` of emoji.rs: emoji by default that the network's own library does not count as emoji when
// the sign that asks for text (U+FE0E) follows. They come from npm twemoji-parser (MIT), which twitter-text uses:
//
//     npm pack twemoji-parser@11.0.2 && tar xf twemoji-parser-11.0.2.tgz
//     node schemas/tweet/regenerate_also_text.mjs package/dist/lib/regex.js
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { default: emoji } = createRequire(import.meta.url)(resolve(process.argv[2]));
const isEmoji = (text) => (text.match(emoji) ?? []).length > 0;
const characters = Array.from({ length: 0x20000 - 0x100 }, (_, index) => String.fromCodePoint(0x100 + index));
const alsoText = characters.filter(
  (character) => /\p{Emoji_Presentation}/u.test(character) && isEmoji(character) && !isEmoji(`${character}\ufe0e`),
);
console.log(alsoText.join(""));
