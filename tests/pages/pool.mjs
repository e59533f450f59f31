// Several pages at a time: a browser waits more than it computes.
import { availableParallelism } from "node:os";

/** Two for each processor: while one waits for its screenshot, another is laid out. */
const WORKERS = Math.min(8, 2 * availableParallelism());

/** Does all of these, each begun in turn. */
export async function together(works) {
  const rest = [...works];
  const worker = async () => {
    for (let work = rest.shift(); work; work = rest.shift()) await work();
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}
