import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useEffect, useState } from "react";
import { expect, test } from "vitest";
import { showPages } from "@/components/testing";
import { useKeptFocus } from "./use-kept-focus";

/** A button that is disabled while its work runs, on a page that changes every few milliseconds. */
function Busy() {
  useKeptFocus();
  const [runs, setRuns] = useState(false);
  const [count, setCount] = useState(0);
  useEffect(() => {
    const clock = setInterval(() => setCount((n) => n + 1), 5);
    return () => clearInterval(clock);
  }, []);
  return (
    <div id="main" tabIndex={-1}>
      <p key={count}>{count}</p>
      <button type="button" disabled={runs} onClick={() => setRuns(true)}>
        Deploy
      </button>
      <input aria-label="Go on" type="checkbox" onChange={() => setRuns(false)} />
    </div>
  );
}

test("a page that changes all the time does not keep the focus from its place, nor from coming back", async () => {
  showPages({ "/": Busy }, "/");
  const button = await screen.findByRole("button", { name: "Deploy" });
  await userEvent.tab();
  expect(document.activeElement).toBe(button);
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement?.id).toBe("main"));
  screen.getByRole("checkbox", { name: "Go on" }).click();
  await waitFor(() => expect(document.activeElement).toBe(button));
});
