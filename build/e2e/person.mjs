// What a person does in the window, by the words that stand on the buttons.
import { settle } from "./desk.mjs";
import { until } from "./wait.mjs";

export function person(desk) {
  const { page } = desk;
  const main = page.locator("main");
  const self = {
    /** Acts as another member of the demo. */
    async actAs(name) {
      await page.getByRole("button", { name: /^Acting as/ }).click();
      await page.getByRole("menuitem", { name: new RegExp(name) }).click();
      await page.getByRole("button", { name: new RegExp(`^Acting as ${name}`) }).waitFor();
      await settle(page);
    },
    button: (name, scope = main) => scope.getByRole("button", { name, exact: typeof name === "string" }),
    /** Presses it; what moved away between the button's way down and up is pressed again, as a person would. */
    press: async (name, scope = main) => {
      const exact = typeof name === "string";
      const one = scope.getByRole("button", { name, exact }).or(scope.getByRole("link", { name, exact })).first();
      await until(`a press of ${name}`, async () => {
        const arrived = await one.evaluateHandle(arrives);
        await one.click();
        return arrived.evaluate((a) => a.hit).catch(() => true); // the page is another one by now
      });
      await settle(page);
    },
    tab: async (name) => {
      await main.getByRole("tab", { name }).click();
      await settle(page);
    },
    says: (words) => page.getByText(words).first().waitFor(),
    dialog: () => page.getByRole("dialog").last(),
    /** Signs in the confirmation: reason and typed name where it asks. */
    async sign(button, { reason, typed } = {}) {
      const dialog = self.dialog();
      await dialog.waitFor();
      if (reason) await dialog.getByRole("textbox").first().fill(reason);
      if (typed) await dialog.getByLabel(new RegExp(`Type .* to confirm`)).fill(typed);
      await dialog.getByRole("button", { name: button, exact: typeof button === "string" }).click();
      await dialog.waitFor({ state: "hidden" });
      await settle(page);
    },
    /** Waits until nothing runs any more. */
    idle: () => until("the work to end", async () => (await desk.call("Home", "Works")).every((w) => new Date(w.endedAt).getUTCFullYear() > 1970), 180_000),
    status: (kind, id) => desk.call(kind, "Get", id).then((v) => (v.record ?? v.request).status),
  };
  return self;
}

/** Runs in the page: whether the next click is one of what has the same words. */
function arrives(e) {
  const arrived = { hit: false };
  const look = ({ target }) => {
    arrived.hit = target.closest("button, a, [role=button]")?.textContent === e.textContent;
  };
  addEventListener("click", look, { capture: true, once: true });
  return arrived;
}
