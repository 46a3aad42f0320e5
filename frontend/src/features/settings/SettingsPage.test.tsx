import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { barriers, showPages } from "@/components/testing";
import { sizeInWords } from "@/components/use-size";
import { quoted } from "./About";
import { SettingsPage } from "./SettingsPage";

const file = {
  name: "countersign-2026-03-01.db",
  at: "2026-03-01T10:00:00Z",
  size: 12_300_000,
  behind: 3,
  unreadable: false,
};
const bound = {
  Preferences: vi.fn(async () => ({})),
  Prefer: vi.fn(async (_key: string, _value: string) => {}),
  About: vi.fn(async () => ({
    version: "1.2.3",
    data: "/data",
    sqlite: "3.50",
    system: "linux",
    license: "Apache-2.0",
  })),
  Backups: vi.fn(async () => [file]),
  BackUp: vi.fn(async () => file),
  BackUpTo: vi.fn(async () => ""),
  Restore: vi.fn(),
  OpenFolder: vi.fn(async () => {}),
};
const leave = vi.fn(async () => ({ open: false, members: [] }));

beforeEach(() => {
  vi.clearAllMocks();
  Object.assign(window, {
    go: {
      app: {
        Settings: bound,
        Workspaces: {
          Leave: leave,
          State: async () => ({
            open: true,
            name: "Acme",
            folder: "/data/Acme orgs",
            members: [],
            keychain: {
              works: false,
              where: "the keychain of this computer",
              why: "It is locked. Unlock it.",
            },
          }),
        },
      },
    },
  });
});
afterEach(() => i18next.changeLanguage("en"));

const show = () => showPages({ "/settings": SettingsPage }, "/settings");

test("the theme and the language hold at once and are kept", async () => {
  show();
  await userEvent.click(await screen.findByRole("radio", { name: "Dark" }));
  expect(document.documentElement.getAttribute("data-mantine-color-scheme")).toBe("dark");
  expect(bound.Prefer).toHaveBeenCalledWith("theme", "dark");

  await userEvent.click(screen.getByRole("radio", { name: "Deutsch" }));
  expect(await screen.findByRole("heading", { name: "Einstellungen" })).toBeTruthy();
  expect(bound.Prefer).toHaveBeenCalledWith("language", "de");
});

test("where the data is, what is wrong with the keychain, and how to verify in a terminal", async () => {
  show();
  expect(await screen.findByText("/data/Acme orgs")).toBeTruthy();
  expect(screen.getByText("It is locked. Unlock it.")).toBeTruthy();
  expect(screen.getByText('countersign verify --data "/data/Acme orgs"')).toBeTruthy();
  expect(await screen.findByText("1.2.3")).toBeTruthy();
  expect(await screen.findByRole("table", { name: "Kept backups" })).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("a backup is restored only after its cost was read, and its refusal is shown there", async () => {
  bound.Restore.mockRejectedValueOnce(
    new Error('{"code":"busy","message":"A deployment runs.","hint":"Wait for it."}'),
  );
  show();
  await userEvent.click(await screen.findByRole("button", { name: `Restore ${file.name}` }));
  const dialog = within(await screen.findByRole("dialog", { name: "Restore a backup" }));
  expect(dialog.getByText(/older than what the keychain of this computer remembers/)).toBeTruthy();
  const restore = dialog.getByRole("button", { name: "Restore" }) as HTMLButtonElement;
  expect(restore.disabled).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox"));
  await userEvent.click(restore);
  expect((await dialog.findByText("A deployment runs.")).closest("[role=alert]")?.textContent).toContain(
    "Wait for it.",
  );
  expect(bound.Restore).toHaveBeenCalledWith(file.name);

  bound.Restore.mockResolvedValue({ open: true, members: [] });
  await userEvent.click(restore);
  expect(await screen.findByText(/At \/audit-trail/)).toBeTruthy();
});

test("each backup says how far it is behind, and one that cannot be read cannot be restored", async () => {
  bound.Backups.mockResolvedValueOnce([
    file,
    { ...file, name: "one.db", behind: 1 },
    { ...file, name: "now.db", behind: 0 },
    { ...file, name: "newer.db", behind: -2 },
    { ...file, name: "broken.db", behind: 0, unreadable: true },
  ]);
  show();
  const rows = within(await screen.findByRole("table", { name: "Kept backups" }))
    .getAllByRole("row")
    .slice(1);
  expect(rows.map((row) => within(row).getAllByRole("cell")[3]?.textContent)).toEqual([
    "3 entries behind",
    "1 entry behind",
    "As it is now",
    "2 entries newer",
    "Cannot be read",
  ]);
  const disabled = (name: string) =>
    (screen.getByRole("button", { name: `Restore ${name}` }) as HTMLButtonElement).disabled;
  expect(["now.db", "newer.db", "broken.db"].map(disabled)).toEqual([false, false, true]);
  expect(await barriers()).toEqual([]);
});

test("copying everything and picking no folder says nothing", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: /Copy everything/ }));
  await waitFor(() => expect(bound.BackUpTo).toHaveBeenCalled());
  expect(screen.queryByText(/The whole workspace is in/)).toBeNull();
});

test("switching the workspace asks first", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Switch workspace" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(await barriers()).toEqual([]); // the button that closes it had no name
  expect(leave).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole("button", { name: "Switch workspace" }));
  expect(await screen.findByText(/At \/start/)).toBeTruthy();
});

test("sizes and paths as people and shells read them", () => {
  expect(sizeInWords(12_300_000, "de")).toBe("12,3 MB");
  expect(sizeInWords(900, "en")).toBe("900 bytes");
  expect(sizeInWords(0, "de")).toBe("0 Byte");
  expect(sizeInWords(999_960, "en")).toBe("1 MB");
  expect(quoted("/data/demo")).toBe("/data/demo");
  expect(quoted('/a b/$x"')).toBe('"/a b/\\$x\\""');
});
