import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import i18next from "i18next";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { barriers, showPages } from "@/components/testing";
import { quoted } from "./About";
import { sizeInWords } from "./Backups";
import { SettingsPage } from "./SettingsPage";

// A machine that builds something else at the same time is no reason to fail.
vi.setConfig({ testTimeout: 60_000 });
configure({ asyncUtilTimeout: 8000 });

const file = { name: "countersign-2026-03-01.db", at: "2026-03-01T10:00:00Z", size: 12_300_000 };
const bound = {
  Preferences: vi.fn(async () => ({})),
  Prefer: vi.fn(async (_key: string, _value: string) => {}),
  About: vi.fn(async () => ({
    version: "1.2.3",
    data: "/data",
    sqlite: "3.50",
    system: "linux",
    license: "Apache-2.0",
    repository: "x",
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
  expect(leave).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole("button", { name: "Switch workspace" }));
  expect(await screen.findByText(/At \/start/)).toBeTruthy();
});

test("sizes and paths as people and shells read them", () => {
  expect(sizeInWords(12_300_000, "de")).toBe("12,3 MB");
  expect(sizeInWords(900, "en")).toBe("900 byte");
  expect(quoted("/data/demo")).toBe("/data/demo");
  expect(quoted('/a b/$x"')).toBe('"/a b/\\$x\\""');
});
