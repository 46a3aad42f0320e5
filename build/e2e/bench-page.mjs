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
    const made = calls.slice(known);
    const slowest = made.toSorted((a, b) => took(b) - took(a))[0];
    return { drawn, asked: made.length ? made[0].from - from : 0, backend: slowest ? took(slowest) : 0, slowest: slowest?.name ?? "" };
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
        if (!found || document.querySelector("#main [role=status]")?.textContent.endsWith("…")) return false;
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
    /** Begins to watch: a clock of our own that draws each second, every frame, and the page's own clock. */
    watch: () => {
      const w = { from: performance.now(), last: performance.now(), frame: 0, shown: performance.now(), tick: 0, second: -1, known: calls.length, clock: [], over: false };
      watching = w;
      const clock = document.createElement("time");
      clock.style.cssText = "position:fixed;right:0;bottom:0;z-index:9999";
      document.body.append(clock);
      const timer = setInterval(() => { clock.textContent = String(Math.floor((performance.now() - w.from) / 1000)); }, 1000);
      const draw = (now) => {
        if (w.over) { clearInterval(timer); clock.remove(); return; }
        w.frame = Math.max(w.frame, now - w.last);
        w.last = now;
        if (clock.textContent !== w.second) {
          w.tick = Math.max(w.tick, now - w.shown);
          w.shown = now;
          w.second = clock.textContent;
        }
        const own = [...document.querySelectorAll("#main .tabular")].map((e) => e.textContent.match(/(?:^|\D)(\d+):(\d\d)(?:$|\D)/)).find(Boolean);
        const seconds = own ? 60 * own[1] + 1 * own[2] : -1;
        if (seconds >= 0 && seconds !== w.clock.at(-1)?.seconds) w.clock.push({ seconds, at: now });
        requestAnimationFrame(draw);
      };
      requestAnimationFrame(draw);
      return true;
    },
    watched: () => {
      const w = watching;
      w.over = true;
      const made = calls.slice(w.known);
      const slowest = made.toSorted((a, b) => took(b) - took(a))[0];
      let dropped = 0, longest = 0;
      w.clock.forEach((c, i) => {
        if (i === 0 || c.seconds < w.clock[i - 1].seconds) return;
        dropped += c.seconds - w.clock[i - 1].seconds - 1;
        longest = Math.max(longest, c.at - w.clock[i - 1].at);
      });
      return { took: performance.now() - w.from, tick: w.tick, frame: w.frame, clock: { drawn: w.clock.length, dropped, longest }, calls: made.length, backend: slowest ? took(slowest) : 0, slowest: slowest?.name ?? "" };
    },
  };
}
