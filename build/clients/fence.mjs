// fence.mjs COMMAND...: runs it behind a proxy that is dead for everything but
// this machine's loopback. sf sends all it has through a proxy and heeds no
// NO_PROXY, so a proxy that is dead altogether would part it from the org too.
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { connect } from "node:net";

const here = new Set(["127.0.0.1", "localhost"]);
const refused = new Set();

const proxy = createServer((asked, answer) => {
  const url = URL.canParse(asked.url) ? new URL(asked.url) : null;
  if (!url || !here.has(url.hostname)) {
    refused.add(url?.host ?? asked.url);
    answer.writeHead(403).end();
    return;
  }
  const on = request(url, { method: asked.method, headers: { ...asked.headers, host: url.host } }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  on.on("error", () => answer.destroy());
  asked.pipe(on);
});
proxy.on("connect", (asked, client) => {
  const [host, port] = asked.url.split(":");
  client.on("error", () => client.destroy());
  if (!here.has(host)) {
    refused.add(asked.url);
    client.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    return;
  }
  const server = connect(Number(port), host, () => {
    client.write("HTTP/1.1 200 Connection established\r\n\r\n");
    server.pipe(client).pipe(server);
  });
  server.on("error", () => client.destroy());
});

proxy.listen(0, "127.0.0.1", () => {
  const address = `http://127.0.0.1:${proxy.address().port}`;
  const [, , command, ...args] = process.argv;
  const env = { ...process.env, http_proxy: address, https_proxy: address, HTTP_PROXY: address, HTTPS_PROXY: address };
  spawn(command, args, { stdio: "inherit", env }).on("exit", (code) => {
    for (const where of refused) console.log(`The proxy let nothing through to ${where}.`);
    process.exit(code ?? 1);
  });
});
