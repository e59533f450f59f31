// A merchant, its catalog, and a post in every state: what the browser looks at.

const HOUR = 3_600_000;
const at = (milliseconds) => new Date(Date.now() + milliseconds).toISOString();
const LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz";

const base = {
  description: "Thrown by hand in a small workshop and glazed twice, so that no two are alike.\n"
    + "Holds 250 ml. Good for the dishwasher and the microwave.",
  availability: "in_stock", brand: "Studio Nord", condition: "new",
};

/** The catalog: one item a page. `page` names its picture; `post` goes into the post. */
export const goods = [
  { page: "live", id: "CUP-BLUE", title: "Stoneware cup, hand thrown", price: "24.00 USD", pictures: 3,
    size: "250 ml", color: "Night blue", item_group_id: "CUP", shipping: "US::Standard:4.50 USD" },
  { id: "CUP-SAND", title: "Stoneware cup, hand thrown", price: "24.00 USD", color: "Sand", size: "250 ml", item_group_id: "CUP", quantity: 2 },
  { id: "CUP-MOSS", title: "Stoneware cup, hand thrown", price: "26.00 USD", color: "Moss", size: "250 ml", item_group_id: "CUP", availability: "out_of_stock" },
  { page: "sale", id: "LAMP", title: "Reading lamp Fjord", price: "189.00 EUR", sale_price: "149.00 EUR",
    sale_price_effective_date: `${at(-HOUR)}/${at(72 * HOUR)}` },
  { page: "limited", id: "PRINT", title: "Linocut “Harbour at dusk”, edition of 40", price: "85.00 GBP", quantity: 3 },
  { page: "preorder", id: "VINYL", title: "Lorelei – Live at the Foundry (2 LP)", price: "32.00 EUR", availability: "preorder",
    availability_date: "2027-03-01T00:00:00Z" },
  { page: "backorder", id: "CHAIR", title: "Dining chair in oiled oak", price: "420.00 CHF", availability: "backorder",
    availability_date: "2027-02-01T00:00:00Z" },
  { page: "sold-out", id: "POSTER", title: "Tour poster 2026", price: "15.00 USD", availability: "out_of_stock" },
  { page: "scheduled", id: "SNEAKER", title: "Runner 04, first release", price: "140.00 USD", post: () => ({ starts_at: at(48 * HOUR) }) },
  { page: "ended", id: "TEE", title: "Anniversary tee", price: "30.00 USD", post: () => ({ ends_at: at(5_000) }) },
  { page: "withdrawn", id: "PIN", title: "Enamel pin", price: "9.00 USD" },
  { page: "restricted", id: "KETTLE", title: "Kettle Aalto", price: "79.00 EUR", post: () => ({ rollout: { percent: 25 } }) },
  { page: "yen", id: "BOWL", title: "抹茶茶碗 – tea bowl from Mashiko", price: "12800 JPY" },
  { page: "dinar", id: "OUD", title: "عود خشبي Travel oud", price: "45.750 KWD" },
  { page: "blocked", id: "SCARF", title: "Merino scarf", price: "59.00 EUR" },
  { page: "missing", id: "MAP", title: "Sea chart of the North Frisian islands", price: "28.00 EUR" },
  { page: "long", id: "BOOK", title: `${LONG}: the <b>board</b> game & "friends" 🎲🇩🇪👩‍👩‍👧‍👦`, price: "1234567.89 USD",
    description: `${LONG.repeat(6)} <script>alert(1)</script>` },
  { page: "right-to-left", id: "TABLE", title: "طاولة قهوة من خشب الجوز مع سطح من الرخام الأبيض", price: "1849.00 ILS", brand: "نجارة الشمال",
    description: "صنعت يدويا في ورشة صغيرة.\nتشحن خلال أسبوع واحد.", size: "كبير", color: "جوز", content_language: "ar" },
  { page: "emoji", id: "GAME", title: "🎲🧨👩‍👩‍👧‍👦🏳️‍🌈 Party game 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉", price: "19.90 EUR", description: "🧨 Boom." },
  { page: "unbreakable", id: "CODE", title: "W".repeat(120), price: "5.00 EUR", brand: "B".repeat(70), size: "S".repeat(60), color: "C".repeat(60) },
  ...Array.from({ length: 41 }, (_, n) => ({ page: n ? undefined : "forty-variants", id: `SOCK-${n}`, item_group_id: "SOCK",
    title: "Hand-knit wool socks", price: `${19 + n % 3}.50 EUR`, size: `${35 + n}`,
    color: n % 4 ? "Heather grey" : "Heather grey with a double stripe in old rose and a reinforced heel",
    availability: n % 5 === 4 ? "out_of_stock" : "in_stock", quantity: n % 7 === 3 ? 2 : "" })),
  { page: "refused-picture", id: "VASE", title: "Vase in celadon green", price: "64.00 EUR" },
  { page: "missing-picture", id: "MISSING-BOX", title: "Jewellery box with a lid of walnut", price: "48.00 EUR" },
  { page: "unit-price", id: "OIL", title: "Olive oil “Koroneiki”, first pressing", price: "13.99 EUR", unit_pricing_measure: "750 ml",
    unit_pricing_base_measure: "1 l" },
  { page: "energy", id: "FRIDGE", title: "Fridge Polar 180", price: "649.00 EUR", energy_efficiency_class: "C", certification: "EC:EPREL:1234567:C" },
].map((one) => ({ ...base, ...one }));

const COLUMNS = ["id", "item_group_id", "title", "description", "link", "image_link", "additional_image_link", "price",
  "sale_price", "sale_price_effective_date", "availability", "availability_date", "quantity", "brand", "condition",
  "size", "color", "shipping", "identifier_exists", "content_language", "unit_pricing_measure", "unit_pricing_base_measure",
  "energy_efficiency_class", "certification"];

function feed(list) {
  const cell = (text) => `"${String(text ?? "").replaceAll('"', '""')}"`;
  const row = (one) => {
    const image = (n) => `https://img.shop.example/${one.id}-${n}.png`;
    const more = Array.from({ length: (one.pictures ?? 1) - 1 }, (_, n) => image(n + 1)).join(",");
    const all = { ...one, link: `https://shop.example/p/${one.id}?ref=feed#top`, image_link: image(0), additional_image_link: more, identifier_exists: "no" };
    return COLUMNS.map((name) => cell(all[name])).join(",");
  };
  return [COLUMNS.join(","), ...list.map(row), ""].join("\n");
}

/** Brings all of it onto the stage; the posts by page. */
export async function stage(call, change) {
  await call("POST", "/v1/partners", { slug: "nord", name: "Studio Nord", adapter: "standard" });
  await call("POST", "/v1/partners", { slug: "empty", name: "Atelier Leer", adapter: "standard" });
  const push = async (list) => {
    const report = await call("PUT", "/v1/partners/nord/feed?wait=true", feed(list));
    if (report.status !== "applied") throw new Error(JSON.stringify(report));
    return report;
  };
  const filling = Array.from({ length: 12 }, (_, n) => ({ ...base, id: `MORE-${n}`, title: `Plate ${n + 1}`, price: `${18 + n}.00 USD` }));
  const report = await push([...goods, ...filling]);
  const bad = report.issues.filter(({ severity }) => severity === "error");
  if (bad.length) throw new Error(JSON.stringify(bad));
  const posts = {};
  for (const { page, id, post } of goods.filter(({ page }) => page)) {
    const draft = await call("POST", "/v1/posts", { product: { partner: "nord", item_id: id }, ...post?.() });
    posts[page] = await call("POST", `/v1/posts/${draft.id}/publish`);
  }
  posts.draft = await call("POST", "/v1/posts", { product: { partner: "nord", item_id: "CUP-BLUE" } });
  await call("POST", `/v1/posts/${posts.withdrawn.id}/withdraw`);
  // A price that is none blocks one item, and another is no longer in the feed.
  const later = goods.filter(({ page }) => page !== "missing");
  await push([...later.map((one) => (one.page === "blocked" ? { ...one, price: "soon" } : one)), ...filling]);
  // As two checks of an image leave it.
  await change("UPDATE products SET image_refused = true, availability = 'out_of_stock' WHERE item_id = 'VASE'");
  await call("PATCH", `/v1/posts/${posts["refused-picture"].id}`, { rollout: { percent: 100 } });
  const isListed = ({ id, page }) => id !== "MAP" && (page || !id.startsWith("SOCK"));
  const items = [...goods.filter(isListed).map(({ id }) => id), ...filling.map(({ id }) => id)];
  await call("PUT", "/v1/partners/nord/shop", { enabled: true, items });
  await call("PUT", "/v1/partners/empty/shop", { enabled: true, items: [] });
  while (Date.now() < Date.parse(posts.ended.ends_at) + 100) await new Promise((done) => setTimeout(done, 100));
  return { posts, shop: items };
}
