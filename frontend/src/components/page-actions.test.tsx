import { Button, Menu, Modal } from "@mantine/core";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { pressAction, usePageActions, usePageShown } from "./page-actions";
import { showPages } from "./testing";
import { usePageKeys } from "./use-page-keys";
import { WhyItem } from "./WhyItem";

const scan = vi.fn();
const left = vi.fn();
const undo = vi.fn();
beforeEach(() => {
  for (const call of [scan, left, undo]) call.mockReset();
});

function Part() {
  usePageActions("DR-1", [{ id: "undo", run: undo }]);
  return <input aria-label="Name" />;
}

function Page() {
  const [dialog, setDialog] = useState(false);
  const [held, setHeld] = useState(true);
  usePageActions("DR-1", [
    { id: "deploy", why: "The approval is missing.", run: left },
    { id: "scan", run: scan },
  ]);
  usePageKeys([["Escape", left]]);
  const { heading, actions } = usePageShown();
  return (
    <>
      <Part />
      <p>
        {heading}: {actions.map((a) => a.words).join(", ")}
      </p>
      <Button onClick={() => setDialog(true)}>Ask</Button>
      <Modal
        opened={dialog}
        onClose={() => setDialog(false)}
        title="Sure?"
        transitionProps={{ duration: 0 }}
        closeButtonProps={{ "aria-label": "Close" }}
      >
        Really
      </Modal>
      <Menu transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button>More</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <WhyItem allowed why="" onClick={() => setHeld(!held)}>
            Rename
          </WhyItem>
          <WhyItem allowed={false} why="It is approved." onClick={left}>
            Delete
          </WhyItem>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}

const show = async () => {
  showPages({ "/": Page }, "/");
  await screen.findByText(/^DR-1: /);
};

test("all that a page and its parts can do is known under its heading, in the order of the list", async () => {
  await show();
  expect(screen.getByText("DR-1: Undo, Run Scan, Deploy Retrieved Customizations")).toBeTruthy();
});

test("an action has its keys, and what cannot be done says why when it is pressed", async () => {
  await show();
  fireEvent.keyDown(document.body, { key: "S", ctrlKey: true, shiftKey: true });
  expect(scan).toHaveBeenCalledTimes(1);
  expect(pressAction("deploy")).toBe(true);
  expect(await screen.findByText("The approval is missing.")).toBeTruthy();
  expect(left).not.toHaveBeenCalled();
  expect(pressAction("verify")).toBe(false);
});

test("the menu's key that reaches the page as well is one press", async () => {
  await show();
  fireEvent.keyDown(document.body, { key: "S", ctrlKey: true, shiftKey: true });
  pressAction("scan");
  expect(scan).toHaveBeenCalledTimes(1);
});

test("what a text field does by itself is the field's while a person types", async () => {
  await show();
  fireEvent.keyDown(screen.getByRole("textbox", { name: "Name" }), { key: "z", ctrlKey: true });
  expect(undo).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: "z", ctrlKey: true });
  expect(undo).toHaveBeenCalledTimes(1);
});

test("Escape closes a dialog and leaves the page too", async () => {
  await show();
  await userEvent.click(screen.getByRole("button", { name: "Ask" }));
  await screen.findByRole("dialog");
  await userEvent.keyboard("{Control>}{Shift>}S{/Shift}{/Control}");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(scan).not.toHaveBeenCalled();
  expect(left).not.toHaveBeenCalled();
  await userEvent.keyboard("{Escape}");
  expect(left).toHaveBeenCalledTimes(1);
});

test("Escape closes a menu and leaves the page too", async () => {
  await show();
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  await screen.findByRole("menu");
  await userEvent.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  expect(left).not.toHaveBeenCalled();
});

test("the arrow keys skip an item that cannot be chosen, with its reason", async () => {
  await show();
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  (await screen.findByRole("menuitem", { name: "Rename" })).focus();
  await userEvent.keyboard("{ArrowDown}");
  const item = screen.getByRole("menuitem", { name: /^Delete/ });
  expect(document.activeElement).toBe(item);
  expect(item.getAttribute("aria-disabled")).toBe("true");
  expect(document.getElementById(item.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
    "It is approved.",
  );
  await userEvent.keyboard("{Enter}");
  expect(left).not.toHaveBeenCalled();
});
