// What every script here that starts programs and waits for them does alike.
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export { sleep };

/** What is waited for cannot come any more, so that it is not asked for again. */
export class Over extends Error {}

/** Asks again until the answer is true, for as long as `limit` milliseconds; what asking complained of last is in the error. */
export async function until(what, ask, limit = 120_000) {
  let reason = "";
  for (const end = Date.now() + limit; Date.now() < end; await sleep(50)) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      if (error instanceof Over) throw new Error(`${error.message}, before ${what}`);
      reason = ` (${error.message})`;
    }
  }
  throw new Error(`waited ${limit / 1000} s for ${what}${reason}`);
}

/** A port of this computer at which nobody listens. */
export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
