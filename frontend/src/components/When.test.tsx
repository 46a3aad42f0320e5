import { MantineProvider } from "@mantine/core";
import { act, cleanup, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { When } from "./When";

const now = new Date("2026-03-10T12:00:00Z");

test.each([
  ["2026-03-10T11:59:30Z", "30 seconds ago"],
  ["2026-03-10T11:15:00Z", "45 minutes ago"],
  ["2026-03-10T09:00:00Z", "3 hours ago"],
  ["2026-03-09T12:00:00Z", "yesterday"],
  ["2026-03-01T12:00:00Z", "Mar 1, 2026"],
  ["0001-01-01T00:00:00Z", "–"],
  ["", "–"],
])("%s is %s", (at, want) => {
  render(
    <MantineProvider>
      <When at={at} now={now} />
    </MantineProvider>,
  );
  expect(screen.getByText(want)).toBeTruthy();
});

test("a time stands still while the page is open", () => {
  vi.useFakeTimers({ now });
  try {
    render(
      <MantineProvider>
        <When at="2026-03-10T11:59:58Z" />
        <When at="2026-03-10T11:58:00Z" />
      </MantineProvider>,
    );
    expect(screen.getByText("2 seconds ago")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(3000));
    expect(screen.getByText("5 seconds ago")).toBeTruthy();
    act(() => void vi.advanceTimersByTime(60_000));
    expect(screen.getByText("1 minute ago")).toBeTruthy();
    expect(screen.getByText("3 minutes ago")).toBeTruthy();
  } finally {
    cleanup();
    vi.useRealTimers();
  }
});
