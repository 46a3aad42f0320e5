import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
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
