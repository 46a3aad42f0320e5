// Stands between sf and a demo org, passes everything on as it is, and keeps
// what went through: so a test can say by which protocol sf did something, and
// hold one request until the org is where the test wants it.
import { createServer, request } from "node:http";

/** A proxy in front of `url`. Its seen list has one line for each request, as "SOAP deploy" or "POST /path". */
export async function witness(url) {
  const org = new URL(url);
  const seen = [];
  const holds = [];
  const server = createServer((from, to) => {
    const parts = [];
    from.on("data", (part) => parts.push(part));
    from.on("end", async () => {
      const body = Buffer.concat(parts);
      const line = named(from, body);
      seen.push(line);
      const held = holds.findIndex((h) => h.line === line);
      try {
        if (held >= 0) await holds.splice(held, 1)[0].until();
      } catch (error) {
        to.writeHead(500, { "content-type": "text/plain" }).end(`The witness waited in vain: ${error.message}`);
        return;
      }
      const headers = { ...from.headers, host: org.host };
      const on = request({ host: org.hostname, port: org.port, method: from.method, path: from.url, headers }, (answer) => {
        to.writeHead(answer.statusCode, answer.headers);
        answer.pipe(to);
      });
      on.on("error", (error) => to.destroy(error));
      on.end(body);
    });
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    /** What went through while `work` ran. */
    async during(work) {
      const start = seen.length;
      const result = await work();
      return { result, lines: seen.slice(start) };
    },
    /** Keeps the next request of that name until `ready` is done. */
    hold: (line, ready) => holds.push({ line, until: ready }),
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** The name of a request: the operation of a SOAP message, else the method and the path without host, version and ids. */
function named(from, body) {
  const path = from.url.replace(/^\/+/, "/").replace(/\?.*$/s, ""); // sf keeps a slash at the end of an instance's address
  if (path.includes("/services/Soap/")) {
    const operation = /<(?:\w+:)?Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body.toString("utf8"));
    return `SOAP ${operation?.[1]}`;
  }
  return `${from.method} ${path.replace(/\/v\d+\.0/, "").replace(/\/(0Af|005)\w{12,15}/g, "/$1")}`;
}
