import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { workspace } from "@/api/models";
import i18next from "@/i18n/i18n";
import { DelegateDialog } from "./DelegateDialog";
import { RemindButton } from "./ReminderDialog";
import { barriers, showPages } from "./testing";

const bo = { id: "bo", name: "Bo Approver", roles: ["approver"] };
const dee = { id: "dee", name: "Dee Release", roles: ["release-manager"] };
const give = vi.fn(async (_wish: workspace.DelegationFields) => ({ items: [] }));
const copied = vi.fn(async (_text: string) => {});
const closed = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  Object.assign(window, {
    go: {
      app: {
        Delegations: {
          Give: give,
          List: async () => ({ items: [], canGive: true, why: "", to: [dee], roles: ["approver"] }),
        },
        Environments: { List: async () => [{ environment: { id: "prod", name: "Acme" } }] },
        Settings: { Copy: copied, Preferences: async () => ({}) },
        Workspaces: {
          State: async () => ({ open: true, id: "w1", demo: true, me: "bo", members: [bo, dee] }),
        },
      },
    },
  });
});
afterEach(() => i18next.changeLanguage("en"));

const dialog = async (name: string) => within(await screen.findByRole("dialog", { name }));

test("a delegation names who, which seats, where and until when, and needs a reason", async () => {
  showPages({ "/": () => <DelegateDialog opened onClose={closed} /> }, "/");
  const box = await dialog("Delegate");
  const button = box.getByRole<HTMLButtonElement>("button", { name: "Delegate" });
  expect(button.disabled).toBe(true);
  await userEvent.click(box.getByRole("combobox", { name: "To" }));
  await userEvent.click(await screen.findByRole("option", { name: "Dee Release" }));
  await userEvent.click(box.getByRole("combobox", { name: "Seats" }));
  await userEvent.click(await screen.findByRole("option", { name: "Approver" }));
  await userEvent.click(box.getByRole("combobox", { name: "Where" }));
  await userEvent.click(await screen.findByRole("option", { name: "Acme" }));
  expect(button.disabled).toBe(true);
  await userEvent.type(box.getByRole("textbox", { name: "Reason" }), "On leave.");
  expect(button.disabled).toBe(false);
  expect(await barriers()).toEqual([]);
  await userEvent.click(button);
  await waitFor(() => expect(closed).toHaveBeenCalled());
  const wish = give.mock.lastCall?.[0];
  expect(wish).toMatchObject({
    to: "dee",
    role: "approver",
    environmentId: "prod",
    subject: "",
    since: "0001-01-01T00:00:00Z",
    reason: "On leave.",
  });
  const days = (new Date(wish?.until as string).getTime() - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThan(7.1);
});

test("one vote that is reassigned is for its request alone", async () => {
  const subject = { id: "cr7", label: "CR-0007", name: "Discounts" };
  showPages({ "/": () => <DelegateDialog opened onClose={closed} subject={subject} /> }, "/");
  const box = await dialog("Reassign");
  expect(box.getByText("CR-0007 Discounts")).toBeTruthy();
  expect(box.queryByRole("combobox", { name: "Where" })).toBeNull();
  await userEvent.click(box.getByRole("combobox", { name: "To" }));
  await userEvent.click(await screen.findByRole("option", { name: "Dee Release" }));
  await userEvent.type(box.getByRole("textbox", { name: "Reason" }), "She knows it.");
  await userEvent.click(box.getByRole("button", { name: "Reassign" }));
  await waitFor(() => expect(give.mock.lastCall?.[0]).toMatchObject({ subject: "cr7", environmentId: "" }));
});

test("a refusal is said in the person's language, by the reason's own words", async () => {
  await i18next.changeLanguage("de");
  give.mockRejectedValueOnce(
    new Error(
      JSON.stringify({
        code: "not_allowed",
        message: "You are no owner, so you cannot let somebody vote as one.",
        hint: "Choose another action, or ask someone who may do it.",
        words: "why.delegate_role",
        params: { role: "owner" },
      }),
    ),
  );
  showPages({ "/": () => <DelegateDialog opened onClose={closed} /> }, "/");
  const box = await dialog("Vertretung erteilen");
  await userEvent.click(box.getByRole("combobox", { name: "An" }));
  await userEvent.click(await screen.findByRole("option", { name: "Dee Release" }));
  await userEvent.type(box.getByRole("textbox", { name: /Grund|Begründung/ }), "Urlaub.");
  await userEvent.click(box.getByRole("button", { name: "Vertretung erteilen" }));
  const told = await screen.findByRole("alert");
  expect(told.textContent).toContain("Eigentümer");
  expect(told.textContent).not.toContain("You are no owner");
  expect(closed).not.toHaveBeenCalled();
});

const line = (text: string, code = "", params: Record<string, string> = {}) => ({ text, code, params });
const reminder: workspace.Reminder = {
  to: [bo],
  text: "",
  lines: [
    line("Bo Approver,"),
    line(""),
    line("CR-0007 Discounts waits for your approval in Countersign (workspace Acme).", "remind.approval", {
      what: "CR-0007 Discounts",
      workspace: "Acme",
    }),
    line("Content digest: 9f3a77c0", "remind.digest", { digest: "9f3a77c0" }),
    line("The first approval runs out: 2026-11-22 15:04 UTC", "remind.expires", {
      time: "2026-11-22 15:04 UTC",
    }),
  ],
};

test.each([
  {
    language: "en",
    button: "Remind",
    copy: "Copy the Text",
    says: ["CR-0007 Discounts waits for your approval", "Content digest: 9f3a77c0", "2026-11-22 15:04 UTC"],
  },
  {
    language: "de",
    button: "Erinnern",
    copy: "Text kopieren",
    says: [
      "CR-0007 Discounts wartet in Countersign auf Ihre Genehmigung",
      "9f3a77c0",
      "2026-11-22 15:04 UTC",
    ],
  },
])("a reminder is written in the person's language: $language", async ({ language, button, copy, says }) => {
  await i18next.changeLanguage(language);
  showPages({ "/": () => <RemindButton remind={async () => reminder} /> }, "/");
  await userEvent.click(await screen.findByRole("button", { name: button }));
  const text = (await screen.findByRole<HTMLTextAreaElement>("textbox", { name: "Text" })).value;
  for (const part of says) expect(text).toContain(part);
  expect(text.split("\n")).toHaveLength(reminder.lines.length);
  await userEvent.click(screen.getByRole("button", { name: copy }));
  await waitFor(() => expect(copied).toHaveBeenCalledWith(text));
});
