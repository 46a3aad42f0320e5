import { cleanup, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { governance, type workspace } from "@/api/models";
import { ana, bo, content, nothingSaid, uat, view } from "./fixtures";
import { barriers, giveHeight, show } from "./harness";

const { ChangeType, Status } = governance;
const terms: workspace.EmergencyTerms = { hours: 4, reviewDays: 5 };
const digest = "9f3a77c01d2be4f5a60718293a4b5c6d";

let now: workspace.RequestView;
const save = vi.fn(async (_id: string, fields: workspace.RequestFields) => {
  now = {
    ...now,
    request: { ...now.request, ...fields },
    emergency: fields.type === ChangeType.Emergency ? terms : undefined,
  };
  return now;
});
const review = vi.fn(async (_id: string, _verdict: string, _reason: string, _seen: string) => now);

beforeEach(() => {
  giveHeight();
  vi.clearAllMocks();
  now = view({ members: [ana, bo] });
  Object.assign(window, {
    go: {
      app: {
        ChangeRequests: {
          Get: async () => now,
          Save: save,
          Review: review,
          Content: async () => ({ items: [content({})], total: 1, types: [] }),
          Activity: async () => [],
          Impact: async () => ({ levels: [], others: [], missing: [], checkedAt: "", checkedOn: "" }),
        },
        Environments: { List: async () => [uat] },
        Home: { Works: async () => [] },
        Workspaces: {
          State: async () => ({ open: true, demo: true, solo: false, me: "ana", members: [ana, bo] }),
        },
      },
    },
  });
});
afterEach(cleanup);

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });

test("an Emergency asks why it cannot wait and for its incident, and says how it goes on", async () => {
  show("/change-requests/cr42");
  await screen.findByLabelText("Change Overview");
  expect(screen.queryByLabelText(/Why it cannot wait/)).toBeNull();
  await userEvent.click(screen.getByRole("combobox", { name: "Change Type" }));
  await userEvent.click(await screen.findByRole("option", { name: /Emergency/ }));
  type(await screen.findByLabelText(/Why it cannot wait/), "Customers pay too much.");
  type(screen.getByLabelText(/Incident number/), "INC-7");
  await waitFor(() =>
    expect(save.mock.lastCall?.[1]).toMatchObject({
      type: "Emergency",
      emergencyReason: "Customers pay too much.",
      incident: "INC-7",
    }),
  );
  expect(await screen.findByText(/An approval counts for 4 hours.*at the latest after 5 days/)).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("somebody is asked by name to approve as well", async () => {
  show("/change-requests/cr42");
  await userEvent.click(await screen.findByRole("combobox", { name: /Additional approvers/ }));
  await userEvent.click(await screen.findByRole("option", { name: "Bo Approver" }));
  await waitFor(() => expect(save.mock.lastCall?.[1].additionalApprovers).toEqual(["bo"]));
});

const owed = (over: Partial<workspace.ReviewView>): workspace.ReviewView =>
  ({
    round: 1,
    revision: digest,
    deployed: "2026-03-01T10:00:00Z",
    due: "2026-03-06T10:00:00Z",
    done: false,
    overdue: true,
    seats: { ...now.seats, seats: [] },
    given: [],
    allowed: true,
    why: "",
    whySaid: nothingSaid,
    ...over,
  }) as workspace.ReviewView;

const deployed = (over: Partial<workspace.ReviewView>) => {
  now = view({
    members: [ana, bo],
    request: { type: ChangeType.Emergency, status: Status.Approved },
    emergency: terms,
    reviews: [owed(over)],
  });
};

test("a review needs a verdict and what was found, and is about what was deployed", async () => {
  deployed({});
  show("/change-requests/cr42");
  expect((await screen.findAllByText(/overdue/)).length).toBeGreaterThan(0);
  await userEvent.click(await screen.findByRole("button", { name: "Review the Emergency" }));
  const dialog = within(await screen.findByRole("dialog"));
  const button = dialog.getByRole<HTMLButtonElement>("button", { name: "Review the Emergency" });
  type(dialog.getByRole("textbox"), "The values are right.");
  expect(button.disabled).toBe(true);
  await userEvent.click(dialog.getByRole("radio", { name: "Accepted" }));
  expect(button.disabled).toBe(false);
  await userEvent.click(button);
  await waitFor(() =>
    expect(review).toHaveBeenCalledWith("cr42", "accepted", "The values are right.", digest),
  );
});

test("who holds no seat of the review reads why", async () => {
  const why = "You hold no seat of its review that is open now.";
  deployed({ allowed: false, why, whySaid: { text: why, code: "why.review_seat", params: { rule: "" } } });
  show("/change-requests/cr42");
  expect((await screen.findAllByText(new RegExp(why))).length).toBeGreaterThan(0);
  expect(
    screen
      .queryAllByRole("button", { name: "Review the Emergency" })
      .filter((one) => one.getAttribute("aria-disabled") !== "true" && !one.hasAttribute("disabled")),
  ).toEqual([]);
});
