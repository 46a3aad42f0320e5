import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { Digest } from "./Digest";
import { showPages } from "./testing";

const Copy = vi.fn();
beforeEach(() => {
  Copy.mockReset().mockResolvedValue(undefined);
  Object.assign(window, { go: { app: { Settings: { Copy, Preferences: async () => ({}) } } } });
});

const show = async () => {
  showPages({ "/": () => <Digest value="h1:0123456789abcdef" /> }, "/");
  return screen.findByRole("button", { name: /0123456789ab/ });
};

test("copying asks the page's own clipboard, which the window on Linux refuses", async () => {
  const user = userEvent.setup();
  const own = vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("refused"));
  await user.click(await show());
  expect(Copy).toHaveBeenCalledWith("h1:0123456789abcdef");
  expect(own).not.toHaveBeenCalled();
});

test("a copy that failed is said", async () => {
  Copy.mockRejectedValue(new Error('{"code":"no_window","message":"This needs the window."}'));
  await userEvent.click(await show());
  expect(await screen.findByText("This needs the window.")).toBeTruthy();
});
