// npm twitter-text looks for links, mentions, hashtags and cashtags in posts composed from hostile titles. It must
// find the post's own link and nothing else, and its count must equal ours. `node composing.mjs COMPOSE [TITLES]`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import twitter from "twitter-text";

const TITLES = Number(process.argv[3] ?? 10_000);
const URL = "https://shop.example.com/b/0123456789";
const TEMPLATES = ["{title} – {price}\n{url}", "{brand}{title}: {price}{url}", "New ({brand}): {url}{title}{brand}"];

/** The same titles at every run: a failure can be looked at again. */
function dice(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = dice(20261129);
const below = (bound) => Math.floor(random() * bound);
const pick = (list) => list[below(list.length)];
const many = (most, make) => Array.from({ length: below(most + 1) }, make).join("");

const letters = [..."abcxyzABCZ019 .,:;!?'\"`()[]{}<>@#$%^&*+=|~/\\-_–—‘’“”…éßøÅﬁİıſKΩϊιжЯשلمسกऀ東京都中国한국日本語、。．｡ー＠＃＄Ａ１𝒳𠮷·・\u200b\u200c\u200d\u202e\u2066\u0301\ufe0f\u20e3"];
const hosts = ["evil.com", "EVIL.COM", "a.b.co.uk", "ev-il_x.example.org", "日本語.jp", "みんな.com", "пример.рф", "xn--p1ai.com", "example.xn--p1ai", "example.co", "evil.com日本", "t.co", "foo.museum", "한국.삼성", "shop。evil.com", "é.fr", "evil..com", "中国.中国", "foo.bar.baz.io", "evi\u0301l.com", "1.2.3.4", "e.vil", "bit.ly"];
const tails = ["", "/", "/path.", "/a(b)c", "/@user/", "?q=1", ":8080/x", "#top", "/abc123", "/evil.com", ".", "…"];
const names = ["nike", "Nike_1", "a", "x".repeat(21), "nike/shoes", "ｎike", "été", "お茶", "tag", "1", "1a", "_", "TSLA", "BRK.A", "btc_x", "ABCDEFG", "ж"];
const address = () => pick(["", "", "http://", "https://", "HTTPS://", "//", "@", "$", "/", "-", ".", "_", "(", "é", "東", "😀", "me@", "\u200b"]) + pick(hosts) + pick(tails);
const signed = () => pick(["", " ", "(", ".", "a", "é", "_", "&", "😀", "RT "]) + pick(["@", "＠", "#", "＃", "$", "##", "@@", "#@", "$#"]) + pick(names);
const part = () => {
  switch (below(5)) {
    case 0: return address();
    case 1: return signed();
    case 2: return " ";
    case 3: return pick(["👨‍👩‍👧‍👦", "1️⃣", "#️⃣", "#⃣", "©", "🇫🇷"]);
    default: return many(8, () => pick(letters));
  }
};
const words = (most) => Array.from({ length: below(most) + 1 }, part).join(below(2) ? "" : " ");

const wanted = Array.from({ length: TITLES }, () => [pick(TEMPLATES), words(6), below(3) ? words(2) : "", URL]);
const input = wanted.map((one) => `${JSON.stringify(one)}\n`).join("");
const { stdout, status } = spawnSync(process.argv[2], { input, maxBuffer: 2 ** 28 });
assert.equal(status, 0, "nothing was composed");
const composed = stdout.toString().trimEnd().split("\n").map((line) => JSON.parse(line));
assert.equal(composed.length, TITLES);
const live = (text) => twitter.extractEntitiesWithIndices(text, { extractUrlsWithoutProtocol: true })
  .map(({ url, screenName, hashtag, cashtag }) => url ?? screenName ?? hashtag ?? cashtag);
const wasLive = wanted.filter(([, title, brand]) => live(`${title} ${brand}`).length > 0).length;
assert.ok(wasLive > TITLES / 2, `only ${wasLive} titles are hostile`);
const wrong = composed.flatMap(([text, weight], index) => {
  const found = live(text);
  const { weightedLength, valid } = twitter.parseTweet(text);
  const isRight = found.length === 1 && found[0] === URL && valid && weightedLength === weight;
  return isRight ? [] : [{ asked: wanted[index], text, found, weightedLength, valid, weight }];
});
wrong.slice(0, 20).forEach((one) => console.error(JSON.stringify(one)));
assert.equal(wrong.length, 0, `${wrong.length} of ${TITLES} composed posts are wrong`);
console.log(`npm twitter-text: nothing is live but the link in ${TITLES} composed posts (${wasLive} titles had something that was)`);
