// What bench.mjs runs inside the page. Frames are counted by
// requestAnimationFrame, calls of the backend where the page makes them.

/** Its source is evaluated in the page, so it uses nothing of this file. */
export function measures() {
  const frame = () => new Promise((r) => requestAnimationFrame(r));
  const calls = [];
  for (const [facade, methods] of Object.entries(window.go.app))
    for (const [name, method] of Object.entries(methods))
      methods[name] = (...args) => {
        const call = { name: facade + "." + name, from: performance.now(), to: 0 };
        calls.push(call);
        return method(...args).finally(() => { call.to = performance.now(); });
      };
  const until = async (holds, limit = 15000) => {
    const end = performance.now() + limit;
    while (!holds()) {
      if (performance.now() > end) throw new Error("not drawn within " + limit + " ms: " + location.hash + " " + document.querySelector("#main")?.innerText.slice(0, 300));
      await frame();
    }
    await frame();
  };
  const measured = async (act, holds) => {
    await frame();
    const from = performance.now();
    const known = calls.length;
    act();
    await until(holds);
    const drawn = performance.now() - from;
    await until(() => calls.slice(known).every((call) => call.to)); // what was kept is shown first, then asked for again
    const made = calls.slice(known);
    const slowest = made.toSorted((a, b) => took(b) - took(a))[0];
    return { drawn, settled: performance.now() - from, asked: made.length ? made[0].from - from : 0, backend: slowest ? took(slowest) : 0, slowest: slowest?.name ?? "" };
  };
  const took = (call) => (call.to || performance.now()) - call.from;
  const pathOf = (hash) => hash.replace(/^#/, "").split("?")[0];
  let watching = null;
  return {
    until,
    /** Another place, until something is there that was not before. */
    go: (to, there) => {
      const before = document.querySelector("#main h1");
      const words = before?.textContent;
      const here = pathOf(location.hash) === pathOf(to);
      return measured(() => { location.hash = to; }, () => {
        const found = document.querySelector(there);
        // Grey rows stand for what is not read yet.
        if (!found || document.querySelector("#main .mantine-Skeleton-root")) return false;
        return here || document.querySelector("#main h1") !== before || document.querySelector("#main h1")?.textContent !== words;
      });
    },
    search: (text, holds) => {
      const field = document.querySelector("#main input[type=search], #main input:not([type=radio]):not([type=checkbox]):not([readonly])");
      const put = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
      const list = () => [...document.querySelectorAll("#main [role=listbox] [role=option]")];
      const all = () => list().length > 0 && list().every((o) => o.textContent.toLowerCase().includes(holds));
      if (all()) throw new Error("every row holds " + holds + " before it is searched");
      return measured(
        () => { field.focus(); put.call(field, text); field.dispatchEvent(new Event("input", { bubbles: true })); },
        all,
      );
    },
    scroll: async () => {
      const list = document.querySelector("#main [role=listbox]");
      const gaps = [];
      const rest = [];
      let last = await frame();
      for (let i = 0; i < 30; i++) { const now = await frame(); rest.push(now - last); last = now; }
      for (let i = 0; i < 120; i++) {
        list.scrollTop += 100;
        const now = await frame();
        gaps.push(now - last);
        last = now;
      }
      const usual = rest.toSorted((a, b) => a - b)[15];
      const end = await measured(() => { list.scrollTop = list.scrollHeight; }, () => {
        const options = [...list.querySelectorAll("[role=option]")];
        return options.some((o) => o.getAttribute("aria-posinset") === o.getAttribute("aria-setsize"));
      });
      return { frames: gaps.length, frame: usual, late: gaps.filter((g) => g > 1.5 * usual).length, longest: Math.max(...gaps), jump: end.drawn };
    },
    /** Begins to watch every frame, and the clock that the page itself shows while something runs. */
    watch: () => {
      const now = performance.now();
      const w = { from: now, last: now, frame: 0, known: calls.length, ticks: [], dropped: 0, shown: new WeakMap(), over: false };
      watching = w;
      const draw = (at) => {
        if (w.over) return;
        w.frame = Math.max(w.frame, at - w.last);
        w.last = at;
        for (const e of document.querySelectorAll("#main .tabular")) {
          const text = e.textContent.match(/(?:^|\D)(\d+):(\d\d)(?:$|\D)/);
          if (!text) continue;
          const seconds = 60 * text[1] + 1 * text[2];
          const before = w.shown.get(e);
          w.shown.set(e, seconds);
          if (before === undefined || seconds <= before) continue; // it has just come, or is of something that is over
          w.dropped += seconds - before - 1;
          w.ticks.push(at);
        }
        requestAnimationFrame(draw);
      };
      requestAnimationFrame(draw);
      return true;
    },
    /** What was seen until the moment that it ended at, in ms since 1970. */
    watched: (endedAt) => {
      const w = watching;
      w.over = true;
      const now = performance.now();
      const made = calls.slice(w.known);
      const slowest = made.toSorted((a, b) => took(b) - took(a))[0];
      const end = Math.max(endedAt - performance.timeOrigin, w.ticks.at(-1) ?? w.from);
      const gaps = [...w.ticks, end].map((at, i) => at - (w.ticks[i - 1] ?? w.from));
      return { took: end - w.from, frame: Math.max(w.frame, now - w.last), seconds: w.ticks.length, dropped: w.dropped, longest: Math.max(...gaps), calls: made.length, backend: slowest ? took(slowest) : 0, slowest: slowest?.name ?? "" };
    },
  };
}
