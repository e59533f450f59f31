// npm twitter-text counts 20,000 generated and tricky texts. Our counter must give the same weight, validity and
// range for each: `node counting.mjs MEASURE`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import twitter from "twitter-text";

const TEXTS = 20_000;

/** Every run has the same texts, so that a failure can be reproduced. */
function seededRandom(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = seededRandom(20261121);
const below = (bound) => Math.floor(random() * bound);
const pick = (list) => list[below(list.length)];
const many = (most, make) => Array.from({ length: below(most + 1) }, make).join("");

const emoji = [..."😀❤☺©®™♟♾🫠🥰👍🏽🤵🕴⛷🏋⌚☔🀄👁🗨🏳🌈🏴🇫🇷🇩🇪1#*⃣️︎‍♀♂⚕✈🧑🚀👩🦰👨👧👦💋🏻🏿󠁧󠁢󠁥󠁮󠁧󠁿"];
const sequences = ["👨‍👩‍👧‍👦", "👩🏾‍🚀", "🏳️‍🌈", "🏴‍☠️", "👁️‍🗨️", "1️⃣", "#⃣", "🇫🇷", "🇫🇷🇩", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑‍🚀", "❤️‍🔥", "☺︎", "☺️", "🤵🏽‍♀️", "👩‍❤️‍💋‍👨", "⛹🏿‍♂️", "🕵️‍♀️"];
const marks = ["\u0301", "\u0308", "\u0327", "\u0345", "\u05b0", "\u3099", "\u200d", "\u200b", "\u202a", "\u202e", "\u2066", "\u2069", "\u061c", "\u200e", "\u200f", "\ufeff", "\u00a0", "\u2028", "\u3000", "\u180e"];
const letters = [..."abcxyzABCZ019 .,:;!?'\"`()[]{}<>@#$%^&*+=|~/\\-_–—‘’“”…éßøÅﬁİıſKΩϊιжЯשלمسกऀ東京都中国한국日本語、。．｡ー＠＃Ａ１𝒳𠮷"];
const hosts = ["example.com", "EXAMPLE.COM", "a.b.co.uk", "ex-am_ple.example.org", "_x.example.com", "x_.com", "日本語.jp", "みんな.com", "пример.рф", "ПРИМЕР.РФ", "xn--p1ai.com", "example.xn--p1ai", "xn--é.com", "例え.テスト", "example.co", "example.comx", "example.com日本", "t.co", "localhost", "1.2.3.4", "foo.museum", "한국.삼성", "a".repeat(63) + ".com", "a".repeat(64) + ".com", "ü".repeat(40) + ".de", "ü".repeat(58) + ".de", "東".repeat(30) + ".com", "shop。example.com", "é.fr", "example..com", "-example.com", "example-.com", "中国.中国", "foo.bar.baz.io", "ex\u0301ample.com", "twitter.ca"];
const tails = ["", "/", "/path", "/path.", "/a(b)c", "/a(b(c)d)e", "/a(b(c(d)))", "/(", "/@user/", "/@user", "/ж/é–x", "?q=1", "?q=1.", "/x?y=z&a[]=1#frag", ":8080", ":8080/x", ":x", "/a,b;c", "#top", "/abc123", "/" + "s".repeat(39), "/" + "s".repeat(41), "/" + "p".repeat(400), "?" + "q".repeat(4100), "/ι", "/x!", "/=", "?", "?a|b~"];
const address = () => pick(["", "", "http://", "https://", "HTTPS://", "ftp://", "//", "@", "$", "/", "-", ".", "_", "(", "é", "東", "😀"]) + pick(hosts) + pick(tails);

const part = () => {
  switch (below(9)) {
    case 0: return many(4, () => pick(emoji));
    case 1: return pick(sequences);
    case 2: return many(3, () => pick(marks));
    case 3:
    case 4: return address();
    case 5: return String.fromCodePoint(pick([below(0xd800), 0xe000 + below(0x1fff), 0x10000 + below(0x20000), 0x1f000 + below(0xc00)]));
    case 6: return " ";
    default: return many(12, () => pick(letters));
  }
};
const texts = [""];
while (texts.length < TEXTS) {
  const parts = Array.from({ length: below(8) + 1 }, part);
  const text = below(8) === 0 ? parts.join("").repeat(below(12) + 1) : parts.join(below(2) ? "" : " ");
  try {
    twitter.parseTweet(text);
    texts.push(text);
  } catch {
    // twitter-text throws on half an emoji in a long host name: there is nothing to compare.
  }
}

const { stdout, status } = spawnSync(process.argv[2], { input: texts.map((text) => `${JSON.stringify(text)}\n`).join(""), maxBuffer: 2 ** 28 });
assert.equal(status, 0, "our counter failed");
const ours = stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line));
assert.equal(ours.length, texts.length);
const seen = { addresses: 0, invalid: 0, long: 0 };
const wrong = texts.filter((text, index) => {
  const { weightedLength, valid, validRangeEnd } = twitter.parseTweet(text);
  seen.addresses += twitter.extractUrls(text).length > 0;
  seen.invalid += !valid;
  seen.long += weightedLength > 280;
  return JSON.stringify([weightedLength, valid, validRangeEnd]) !== JSON.stringify(ours[index]);
});
for (const text of wrong.slice(0, 20)) {
  const { weightedLength, valid, validRangeEnd } = twitter.parseTweet(text);
  console.error(JSON.stringify({ text: text.slice(0, 300), theirs: [weightedLength, valid, validRangeEnd], ours: ours[texts.indexOf(text)], addresses: twitter.extractUrls(text).map((one) => one.slice(0, 80)) }));
}
assert.equal(wrong.length, 0, `${wrong.length} of ${texts.length} texts are counted differently`);
console.log(`npm twitter-text: ${texts.length} texts have equal counts (${seen.addresses} with addresses, ${seen.long} too long, ${seen.invalid} refused)`);
