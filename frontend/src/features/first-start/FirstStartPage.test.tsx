import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeEach, expect, test, vi } from "vitest";
import type { workspace } from "@/api/models";
import { FirstStartPage } from "./FirstStartPage";

const calls = { OpenDemo: vi.fn(), OpenOwn: vi.fn(), Create: vi.fn(), Prefer: vi.fn() };
let now: Partial<workspace.State>;

beforeEach(() => {
  now = { open: false, id: "demo", choices: [], members: [], doubts: [] };
  for (const call of Object.values(calls)) call.mockReset().mockImplementation(async () => now);
  Object.assign(window, {
    go: {
      app: {
        Workspaces: { State: async () => ({ ...now }), ...calls },
        Settings: { Preferences: async () => ({}), Prefer: calls.Prefer },
      },
    },
  });
});

function show() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return render(
    <MantineProvider>
      <QueryClientProvider client={client}>
        <FirstStartPage />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

async function barriers() {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}

test("a new person reads what it is and opens the demo with the tour", async () => {
  show();
  expect(screen.getByRole("heading", { level: 1, name: "Countersign" })).toBeTruthy();
  expect(screen.getByText(/Nothing leaves this computer, so nothing can break/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Open the demo workspace" }));
  expect(calls.OpenDemo).toHaveBeenCalledOnce();
  await waitFor(() => expect(calls.Prefer).toHaveBeenCalled());
  const [key, value] = calls.Prefer.mock.calls[0] ?? [];
  expect(key).toBe("tour.demo"); // of this workspace, not of every one
  expect(JSON.parse(value)).toMatchObject({ open: true });
});

test("the keyboard begins on what is most likely wanted: Enter alone opens the demo", async () => {
  show();
  expect(document.activeElement).toBe(screen.getByRole("button", { name: "Open the demo workspace" }));
  await userEvent.keyboard("{Enter}");
  expect(calls.OpenDemo).toHaveBeenCalledOnce();
});

test("the tour can be declined", async () => {
  show();
  await userEvent.click(screen.getByRole("checkbox", { name: /Show me the way/ }));
  await userEvent.click(screen.getByRole("button", { name: "Open the demo workspace" }));
  expect(calls.OpenDemo).toHaveBeenCalledOnce();
  expect(calls.Prefer).not.toHaveBeenCalled();
});

test("a workspace of one's own needs both names, and says what a person alone cannot prove", async () => {
  show();
  expect(screen.getByText(/self-authorised, without separation of duties/)).toBeTruthy();
  await userEvent.click(screen.getByRole("button", { name: "Make my workspace" }));
  expect(screen.getByText("Enter your name.")).toBeTruthy();
  expect(screen.getByText("Enter a name for the workspace.")).toBeTruthy();
  expect(calls.Create).not.toHaveBeenCalled();
  await userEvent.type(screen.getByRole("textbox", { name: "Your name" }), " Ana ");
  await userEvent.type(screen.getByRole("textbox", { name: "Name of the workspace" }), "Acme{Enter}");
  expect(calls.Create).toHaveBeenCalledWith("Acme", "Ana");
});

test("a name that is taken is said at its field", async () => {
  calls.Create.mockRejectedValue(
    new Error(
      '{"code":"workspace_exists","message":"There is a workspace named Acme already.","hint":"Open it."}',
    ),
  );
  show();
  await userEvent.type(screen.getByRole("textbox", { name: "Your name" }), "Ana");
  const name = screen.getByRole("textbox", { name: "Name of the workspace" });
  await userEvent.type(name, "Acme{Enter}");
  expect(await screen.findByText("There is a workspace named Acme already.")).toBeTruthy();
  expect(name.getAttribute("aria-invalid")).toBe("true");
});

test("a No to the system's question is no fault", async () => {
  calls.Create.mockRejectedValue(
    new Error('{"code":"declined","message":"You answered No, so nothing was done.","hint":""}'),
  );
  show();
  await userEvent.type(screen.getByRole("textbox", { name: /Your name/ }), "Kim Admin");
  await userEvent.type(screen.getByRole("textbox", { name: /Name of the workspace/ }), "Acme{Enter}");
  await waitFor(() => expect(calls.Create).toHaveBeenCalledOnce());
  await waitFor(() => expect(document.querySelector("[data-loading]")).toBeNull());
  expect(screen.queryByRole("alert")).toBeNull();
});

test("workspaces that are there already come first, with why the last one is not open", async () => {
  now.choices = [
    { folder: "/data/acme", name: "Acme", demo: false },
    { folder: "/data/demo", name: "Demo", demo: true },
  ];
  now.problem = {
    code: "second_instance",
    message: "Acme is open in another window.",
    hint: "Close it there.",
  };
  show();
  const there = await screen.findByRole("region", { name: "Workspaces on this computer" });
  expect(screen.getByRole("alert").textContent).toContain("Close it there.");
  expect(screen.queryByRole("button", { name: "Open the demo workspace" })).toBeNull();
  expect(await barriers()).toEqual([]);
  await userEvent.click(within(there).getByRole("button", { name: "Open Acme" }));
  expect(calls.OpenOwn).toHaveBeenCalledWith("/data/acme");
  await userEvent.click(await within(there).findByRole("button", { name: "Open Demo workspace" }));
  expect(calls.OpenDemo).toHaveBeenCalledOnce();
});

test("a workspace that does not open says why and what to do", async () => {
  calls.OpenDemo.mockRejectedValue(
    new Error('{"code":"disk_full","message":"The disk is full.","hint":"Make room on it."}'),
  );
  show();
  await userEvent.click(screen.getByRole("button", { name: "Open the demo workspace" }));
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("The disk is full.");
  expect(alert.textContent).toContain("Make room on it.");
});

test("while the demo is prepared the page says how far it is", async () => {
  let done: () => void = () => {};
  calls.OpenDemo.mockImplementation(() => new Promise<void>((resolve) => (done = resolve)));
  show();
  await userEvent.click(screen.getByRole("button", { name: "Open the demo workspace" }));
  now.preparing = { done: 12, total: 40, sentence: "Dee deploys CR-0003.", code: "other" };
  await waitFor(() => expect(screen.getByRole("status").textContent).toBe("Dee deploys CR-0003."), {
    timeout: 3000,
  });
  expect(screen.getByText("12 of 40")).toBeTruthy();
  expect(screen.getByRole("progressbar", { name: /How far/ }).getAttribute("aria-valuenow")).toBe("30");
  expect(await barriers()).toEqual([]);
  act(() => done());
});
