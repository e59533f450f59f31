// Our buckets must admit the same viewers as every gradual rollout of npm @unleash/client-specification that
// identifies its viewer: `node rollout.mjs BUCKET`.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const CASES_MIN = 25;
const folder = join(dirname(createRequire(import.meta.url).resolve("@unleash/client-specification/package.json")), "specifications");

/** The group, percentage and stickiness of a strategy; none when it is of another kind or asks for more. */
function gradual({ name, parameters, constraints, segments, variants }) {
  if (constraints?.length || segments?.length || variants?.length) return null;
  const { groupId: group, percentage, rollout, stickiness } = parameters ?? {};
  if (name === "gradualRolloutUserId") return { group, percent: Number(percentage), by: "userId" };
  if (name === "gradualRolloutSessionId") return { group, percent: Number(percentage), by: "sessionId" };
  if (name === "flexibleRollout") return { group, percent: Number(rollout), by: stickiness };
  return null;
}

/** Who looks, by what the strategy sticks to; none when chance decides. */
function viewer({ by }, context) {
  if (by === "default") return context.userId ?? context.sessionId;
  return context[by] ?? context.properties?.[by];
}

const cases = [];
for (const file of await readdir(folder)) {
  const { state, tests } = JSON.parse(await readFile(join(folder, file), "utf8"));
  for (const { description, context, toggleName, expectedResult } of tests ?? []) {
    const feature = state?.features?.find(({ name }) => name === toggleName);
    const strategies = feature?.strategies?.map(gradual) ?? [];
    if (!feature?.enabled || feature.dependencies || strategies.length === 0 || strategies.includes(null)) continue;
    const asked = strategies.map((one) => ({ ...one, id: viewer(one, context) }));
    if (asked.some(({ id, by, percent }) => id === undefined && percent > 0 && percent < 100 && (by === "default" || by === "random"))) continue;
    cases.push({ file, description, asked, expectedResult });
  }
}

const lines = cases.flatMap(({ asked }) => asked.map(({ group, id }) => `${JSON.stringify([group ?? "", String(id ?? "")])}\n`));
const { stdout, status } = spawnSync(process.argv[2], { input: lines.join("") });
assert.equal(status, 0, "our buckets failed");
const buckets = stdout.toString().trimEnd().split("\n").map(Number);
for (const { file, description, asked, expectedResult } of cases) {
  const allowed = asked.map(({ id, percent, by }) => {
    const bucket = buckets.shift();
    // Without an id the outcome is random; only 100 % is certain.
    if (id === undefined) return percent >= 100 && (by === "default" || by === "random");
    return percent > 0 && bucket <= percent;
  });
  assert.equal(allowed.includes(true), expectedResult, `${file}: ${description}`);
}
assert(cases.length >= CASES_MIN, `${cases.length} cases`);
console.log(`npm @unleash/client-specification: ${cases.length} gradual rollouts agree`);
