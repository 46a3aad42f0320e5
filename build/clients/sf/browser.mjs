// What opens in place of a browser: signs in by following the org's redirect to
// sf's callback. sf takes requests when the opener has ended, and never answers
// one that came before: so this gives it a moment, and comes again like a
// person who reloads.
const [, , address] = process.argv;
const answer = await fetch(address, { redirect: "manual" });
const callback = answer.headers.get("location");
if (answer.status !== 302 || !callback) throw new Error(`The org answered ${answer.status} and no redirect.`);
for (let tries = 0; tries < 10; tries++) {
  await new Promise((soon) => setTimeout(soon, 300));
  try {
    const page = await fetch(callback, { signal: AbortSignal.timeout(5000) }); // on to sf's own page, which ends its server
    await page.text();
    break;
  } catch (error) {
    if (error.name !== "TimeoutError") throw error;
  }
}
