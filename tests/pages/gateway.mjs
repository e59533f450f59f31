// A gateway on its private database, in a folder of its own, and what can be said to it.
import { spawn, execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Starts one. */
export async function serve(buywire, folder, more = []) {
  const data = join(folder, "data");
  const options = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data, ...more];
  const child = spawn(buywire, options, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /listens on (http:\S+)/.exec(line)?.[1];
    if (url) {
      const key = (await readFile(join(data, "operator-key"), "utf8")).trim();
      return { url, operator: key, ended, child, call: (method, path, body) => call(url, key, method, path, body), data };
    }
  }
  throw new Error("the gateway did not start");
}

async function call(url, key, method, path, body) {
  const headers = { authorization: `Bearer ${key}` };
  const text = typeof body === "string" ? body : body && JSON.stringify(body);
  const reply = await fetch(url + path, { method, headers, body: text });
  const answer = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${answer}`);
  return answer && JSON.parse(answer);
}

/** Asks the private database itself, through PostgreSQL's own client; rows as objects of text. */
export async function database(data) {
  const { sockets } = JSON.parse(await readFile(join(data, "postgres.json"), "utf8"));
  const password = (await readFile(join(data, "postgres.password"), "utf8")).trim();
  const socket = (await readdir(sockets)).find((name) => /^\.s\.PGSQL\.\d+$/.test(name));
  const address = { PGHOST: sockets, PGPORT: socket.split(".").at(-1), PGUSER: "buywire", PGDATABASE: "buywire", PGPASSWORD: password };
  const execute = async (statement) => {
    const options = ["--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", statement];
    return (await run("psql", options, { env: { ...process.env, ...address } })).stdout;
  };
  const ask = async (query) => JSON.parse(await execute(`SELECT coalesce(json_agg(found), '[]') FROM (${query}) AS found`));
  return Object.assign(ask, { execute });
}
