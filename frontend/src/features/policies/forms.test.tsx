import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";
import { governance, type workspace } from "@/api/models";
import { barriers } from "@/components/testing";
import { Calendar } from "./Calendar";
import { EmergencyRules } from "./EmergencyRules";
import { Owners } from "./Owners";

const { Category, Role } = governance;

const policy: governance.Policy = {
  approvalDays: 30,
  approverMayDeploy: false,
  authorMayApprove: false,
  authorMayDeploy: false,
  deployerRole: Role.ReleaseManager,
  kind: governance.EnvironmentKind.Production,
  levels: [],
  name: "Deployments to production",
  organization: "",
  rules: [],
  severalSeatsEach: false,
  testFirst: false,
  validationDays: 10,
  validationFirst: false,
};

const all = {
  members: [
    { id: "bo", name: "Bo Approver", roles: ["approver"] },
    { id: "cy", name: "Cy Approver", roles: ["approver"] },
  ],
  categories: [{ category: Category.Code, types: ["ApexClass", "ApexTrigger"] }],
} as unknown as workspace.Policies;

/** The policy as the forms have written it. */
let written: governance.Policy;

type Form = (props: {
  policy: governance.Policy;
  onChange: (policy: governance.Policy) => void;
}) => React.ReactNode;

function Held({ form: Form }: { form: Form }) {
  const [held, hold] = useState(written);
  const change = (next: governance.Policy) => {
    written = next;
    hold(next);
  };
  return (
    <main>
      <h1>{held.name}</h1>
      <Form policy={held} onChange={change} />
    </main>
  );
}

const show = (form: Form) =>
  render(
    <MantineProvider env="test">
      <Held form={form} />
    </MantineProvider>,
  );

const type = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

beforeEach(() => {
  written = policy;
});

test("a freeze is a name and two days, and is taken away again", async () => {
  show((props) => <Calendar {...props} />);
  await userEvent.click(screen.getByRole("button", { name: "Add a freeze" }));
  type("Name", "Year end");
  type("First day", "2026-12-20");
  type("Last day", "2027-01-05");
  expect(written.freezes).toEqual([{ name: "Year end", from: "2026-12-20", until: "2027-01-05" }]);
  expect(await barriers()).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Remove the freeze Year end" }));
  expect(written.freezes).toEqual([]);
});

test("a window has days and two times, and midnight as its end is the end of the day", async () => {
  show((props) => <Calendar {...props} />);
  await userEvent.click(screen.getByRole("button", { name: "Add a window" }));
  expect(written.windows).toEqual([{ days: [1, 2, 3, 4], from: "18:00", until: "22:00" }]);
  const days = within(screen.getByRole("group", { name: "Days" }));
  await userEvent.click(days.getByRole("checkbox", { name: /^Sun/ }));
  await userEvent.click(days.getByRole("checkbox", { name: /^Mon/ }));
  type("From", "20:30");
  type("Until", "00:00");
  expect(written.windows).toEqual([{ days: [2, 3, 4, 7], from: "20:30", until: "24:00" }]);
  expect(screen.getByLabelText<HTMLInputElement>("Until").value).toBe("00:00");
  await userEvent.click(screen.getByRole("button", { name: "Remove window 1" }));
  expect(written.windows).toEqual([]);
});

test("the calendar is read in one time zone, UTC where none is named", async () => {
  show((props) => <Calendar {...props} />);
  const zone = screen.getByRole<HTMLInputElement>("combobox", { name: "Time zone" });
  expect(zone.value).toBe("UTC");
  await userEvent.click(zone);
  await userEvent.clear(zone);
  await userEvent.type(zone, "Berlin");
  await userEvent.click(await screen.findByRole("option", { name: "Europe/Berlin" }));
  expect(written.zone).toBe("Europe/Berlin");
});

test("a zone that this machine does not know stays what the policy says", () => {
  written = { ...policy, zone: "Mars/Olympus" };
  show((props) => <Calendar {...props} />);
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: "Time zone" }).value).toBe("Mars/Olympus");
});

test("owners answer for types and names, and are members", async () => {
  show((props) => <Owners {...props} all={all} />);
  await userEvent.click(screen.getByRole("button", { name: "Add owners" }));
  type("What is owned", "Billing");
  await userEvent.click(screen.getByRole("combobox", { name: "Metadata types" }));
  await userEvent.click(await screen.findByRole("option", { name: "ApexClass" }));
  await userEvent.type(screen.getByRole("combobox", { name: "Names" }), "Invoice*{Enter}");
  await userEvent.click(screen.getByRole("combobox", { name: "Owners" }));
  await userEvent.click(await screen.findByRole("option", { name: "Cy Approver" }));
  expect(written.owners).toEqual([
    { name: "Billing", types: ["ApexClass"], names: ["*", "Invoice*"], members: ["cy"] },
  ]);
  await userEvent.click(screen.getByRole("button", { name: "Remove the owners of Billing" }));
  expect(written.owners).toEqual([]);
});

test("an Emergency has its hours, and says what overdue reviews and freezes do to it", async () => {
  show((props) => <EmergencyRules {...props} requests={false} />);
  const hours = screen.getByRole<HTMLInputElement>("textbox", { name: /counts for \(hours\)/ });
  expect(hours.value).toBe("4");
  await userEvent.clear(hours);
  await userEvent.type(hours, "12");
  expect(written.emergencyHours).toBe(12);
  await userEvent.type(hours, "0"); // 120 is more than any charter takes
  expect(written.emergencyHours).toBeLessThanOrEqual(72);
  await userEvent.click(screen.getByRole("switch", { name: /does not wait for freezes/ }));
  expect(written.emergencyInFreeze).toBe(true);
  expect(screen.getByText("Relaxed")).toBeTruthy();
  expect(screen.queryByText(/is reviewed within/)).toBeNull();
});

test("when the review of an Emergency is due stands with the requests", async () => {
  show((props) => <EmergencyRules {...props} requests />);
  const due = screen.getByRole<HTMLInputElement>("textbox", { name: /is reviewed within/ });
  await userEvent.clear(due);
  await userEvent.type(due, "3");
  expect(written.reviewDays).toBe(3);
  expect(screen.queryByRole("switch")).toBeNull();
});
