import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { governance, workspace } from "@/api/models";
import { barriers, showPages } from "@/components/testing";
import { MembersPage } from "./MembersPage";

const { Role } = governance;
const { RosterKind } = workspace;
const nothing = { text: "", code: "", params: {} };
const yes: workspace.Offer = { allowed: true, why: "", whySaid: nothing };
const no = (why: string): workspace.Offer => ({ allowed: false, why, whySaid: { ...nothing, text: why } });
const said = (text: string, code: string): workspace.Said => ({ text, code, params: {} });
const digits = "2158 9191 3121 1201 7726";

const member = (over: Partial<workspace.MemberView>): workspace.MemberView => ({
  person: { id: "bo", name: "Bo Owner", roles: [Role.Approver, Role.Owner] },
  me: true,
  live: true,
  compared: false,
  founder: true,
  recovery: false,
  keys: [
    {
      public: "ed25519:aa",
      fingerprint: "1111 2222 3333 4444 5555",
      here: true,
      since: new Date().toISOString(),
      ended: false,
      endedAt: "",
      endedBy: "",
    },
  ],
  may: [
    { allowed: true, said: said("Fills approval seats for: approver.", "members.approve") },
    {
      allowed: false,
      said: said("Cannot be named to deploy: that takes a release manager.", "members.deploy_not"),
    },
  ],
  retire: yes,
  ...over,
});

let all: workspace.Members;
const bound = {
  Get: vi.fn(async () => all),
  KeyActs: vi.fn(async () => [
    { act: "act2", seq: 1, at: new Date().toISOString(), text: "Approved CR-0002.", said: nothing },
    { act: "act1", seq: 0, at: new Date().toISOString(), text: "Approved CR-0001.", said: nothing },
  ]),
  Preview: vi.fn(async (_change: workspace.RosterChange) => [
    { policy: "Team", what: "members", before: "", after: "Nina: approver" },
  ]),
  Propose: vi.fn(async (_change: workspace.RosterChange) => all),
  Sign: vi.fn(async (_act: string) => all),
  Invite: vi.fn(async (_passphrase: string) => "invitation.csbundle"),
  SaveKey: vi.fn(async (_passphrase: string) => "my.cskey"),
  AskToJoin: vi.fn(async (_name: string, _note: string) => all),
};

beforeEach(() => {
  vi.clearAllMocks();
  all = {
    workspace: "w1",
    name: "Team",
    version: 2,
    demo: false,
    solo: false,
    owners: 2,
    needed: 2,
    members: [
      member({}),
      member({
        person: { id: "rob", name: "Rob Requester", roles: [Role.Requester] },
        me: false,
        founder: false,
        compared: false,
        keys: [
          {
            ...member({}).keys[0],
            public: "ed25519:bb",
            fingerprint: "6666 7777 8888 9999 0000",
            here: false,
          } as workspace.KeyView,
        ],
      }),
    ],
    waiting: [],
    pending: [],
    roles: [Role.Requester, Role.Approver, Role.ReleaseManager, Role.Owner, Role.Auditor],
    propose: yes,
    invite: yes,
    admit: yes,
    team: no("This workspace has several members already."),
    newKey: yes,
    saveKey: yes,
    restore: yes,
    kit: yes,
  };
  Object.assign(window, {
    go: {
      app: {
        Members: bound,
        Settings: { Preferences: async () => ({}), Prefer: async () => {} },
        Workspaces: {
          State: async () => ({
            open: true,
            id: "w1",
            me: "bo",
            members: [{ id: "bo", name: "Bo Owner", roles: [] }],
          }),
        },
      },
    },
  });
});

const show = () => showPages({ "/members": MembersPage }, "/members");
const proposed = () => bound.Propose.mock.lastCall?.[0];

test("each member says what they may do, why not, and whether somebody compared the key", async () => {
  show();
  const bo = within(await screen.findByRole("region", { name: "Bo Owner" }));
  expect(bo.getByText("Fills approval seats for: approver.")).toBeTruthy();
  expect(bo.getByText("Cannot be named to deploy: that takes a release manager.")).toBeTruthy();
  expect(bo.getByText("Here since the workspace was founded.")).toBeTruthy();
  const rob = within(screen.getByRole("region", { name: "Rob Requester" }));
  expect(rob.getByText("Nobody compared the fingerprint by voice.")).toBeTruthy();
  expect(rob.getByRole("img", { name: "Fingerprint 6666 7777 8888 9999 0000" })).toBeTruthy();
  expect(await barriers()).toEqual([]);
});

test("members that cannot be read have the fault as the page's heading", async () => {
  bound.Get.mockRejectedValueOnce(
    new Error(JSON.stringify({ code: "busy", message: "The database is busy.", hint: "" })),
  );
  show();
  expect(await screen.findByRole("heading", { level: 1, name: "The members cannot be shown" })).toBeTruthy();
});

test("who asks is let in with roles, and with what the call said about the digits", async () => {
  all.waiting = [
    {
      act: "j1",
      public: "ed25519:cc",
      name: "Nina",
      note: "Service desk",
      at: new Date().toISOString(),
      fingerprint: digits,
      here: false,
      proposed: false,
    },
  ];
  show();
  const row = within(await screen.findByRole("region", { name: "Nina asks to be let in" }));
  expect(row.getByRole("img", { name: `Fingerprint ${digits}` })).toBeTruthy();
  await userEvent.click(row.getByRole("button", { name: "Let in" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Let Nina in" }));
  const sign = dialog.getByRole("button", { name: "Sign and propose" }) as HTMLButtonElement;
  expect(sign.disabled).toBe(true);
  await userEvent.click(dialog.getByRole("checkbox", { name: /^Approver/ }));
  expect(sign.disabled).toBe(true); // not before it is said whether the digits were compared
  await userEvent.click(dialog.getByRole("radio", { name: "Yes, the 20 digits are the same" }));
  expect(await dialog.findByText("Nina: approver")).toBeTruthy();
  await waitFor(() => expect(sign.disabled).toBe(false));
  expect(await barriers()).toEqual([]);
  await userEvent.click(sign);
  await waitFor(() =>
    expect(proposed()).toMatchObject({
      kind: RosterKind.Admit,
      key: "ed25519:cc",
      roles: [Role.Approver],
      compared: true,
    }),
  );
});

test("of a stolen key the last good act is named", async () => {
  show();
  const rob = within(await screen.findByRole("region", { name: "Rob Requester" }));
  await userEvent.click(rob.getByRole("button", { name: /^Actions for the key/ }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Revoke this key" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Revoke a key of Rob Requester" }));
  await userEvent.click(dialog.getByRole("radio", { name: /^It was stolen/ }));
  await userEvent.click(await dialog.findByRole("combobox", { name: "The last good act" }));
  await userEvent.click(await screen.findByRole("option", { name: /^1\. Approved CR-0001\./ }));
  const sign = dialog.getByRole("button", { name: "Sign and propose" }) as HTMLButtonElement;
  await waitFor(() => expect(sign.disabled).toBe(false));
  await userEvent.click(sign);
  await waitFor(() =>
    expect(proposed()).toMatchObject({ kind: RosterKind.Revoke, key: "ed25519:bb", last: "act1" }),
  );
});

test("who is no owner reads why nothing can be changed", async () => {
  const why = "Only owners change the members.";
  all = { ...all, propose: no(why), members: all.members.map((m) => ({ ...m, retire: no(why) })) };
  show();
  const rob = within(await screen.findByRole("region", { name: "Rob Requester" }));
  await userEvent.click(rob.getByRole("button", { name: "Change Rob Requester" }));
  const item = await screen.findByRole("menuitem", { name: /^Change roles/ });
  expect(item.getAttribute("aria-disabled")).toBe("true");
  await userEvent.click(item);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("a newcomer asks to be let in, and then sees the digits to read out", async () => {
  all = {
    ...all,
    members: all.members.map((m) => ({ ...m, me: false })),
    own: { public: "ed25519:dd", fingerprint: digits, asked: false, at: "" },
  };
  show();
  await userEvent.type(await screen.findByRole("textbox", { name: "Your name" }), "Nina");
  all = {
    ...all,
    own: { public: "ed25519:dd", fingerprint: digits, asked: true, at: new Date().toISOString() },
  };
  await userEvent.click(screen.getByRole("button", { name: "Ask to be let in" }));
  await waitFor(() => expect(bound.AskToJoin).toHaveBeenCalledWith("Nina", ""));
  const own = within(await screen.findByRole("region", { name: "This computer's key waits to be let in" }));
  expect(own.getByRole("img", { name: `Fingerprint ${digits}` })).toBeTruthy();
});

test("a key is saved only with a passphrase that was entered twice alike", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Keys" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Save my key to a file" }));
  const dialog = within(await screen.findByRole("dialog"));
  const save = dialog.getByRole("button", { name: "Choose where to save" }) as HTMLButtonElement;
  await userEvent.type(dialog.getByLabelText("Passphrase"), "four words and a comma");
  expect(save.disabled).toBe(true);
  await userEvent.type(dialog.getByLabelText("The passphrase again"), "four words and a comma");
  await userEvent.click(save);
  await waitFor(() => expect(bound.SaveKey).toHaveBeenCalledWith("four words and a comma"));
});

test("how many owners sign is changed as any change of the members", async () => {
  show();
  await userEvent.click(await screen.findByRole("button", { name: "Change how many owners sign" }));
  const dialog = within(await screen.findByRole("dialog"));
  const sign = dialog.getByRole("button", { name: "Sign and propose" });
  expect(sign.hasAttribute("disabled")).toBe(true);
  const field = dialog.getByRole("textbox", { name: "Owners who have to sign" });
  await userEvent.clear(field);
  await userEvent.type(field, "1");
  await waitFor(() => expect(sign.hasAttribute("disabled")).toBe(false));
  expect(await barriers()).toEqual([]);
  await userEvent.click(sign);
  await waitFor(() =>
    expect(bound.Propose).toHaveBeenCalledWith(
      expect.objectContaining({ kind: RosterKind.Threshold, threshold: 1 }),
    ),
  );
});

test("who waits himself is offered no invitation, and sees his own key once", async () => {
  all = {
    ...all,
    members: all.members.map((m) => ({ ...m, me: false })),
    propose: no("Only owners change the members."),
    own: { public: "ed25519:cc", fingerprint: digits, asked: true, at: new Date().toISOString() },
    waiting: [
      {
        act: "j1",
        public: "ed25519:cc",
        name: "Ned New",
        note: "",
        at: new Date().toISOString(),
        fingerprint: digits,
        here: true,
        proposed: false,
      },
    ],
  };
  show();
  expect(await screen.findByRole("button", { name: "Save the answer" })).toBeTruthy();
  expect(screen.queryByRole("button", { name: "Invite" })).toBeNull();
  expect(screen.queryByRole("region", { name: "Ned New asks to be let in" })).toBeNull();
});
