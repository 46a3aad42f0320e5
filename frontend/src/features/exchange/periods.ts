import type { store } from "@/api/models";

/** Two days, both of which belong to it, as a date field writes them: 2026-07-01. */
export type Period = { from: string; to: string };

const day = (d: Date) =>
  [d.getFullYear(), String(d.getMonth() + 1).padStart(2, "0"), String(d.getDate()).padStart(2, "0")].join(
    "-",
  );

/** The periods that are asked for most, from today's point of view. */
export function periods(now: Date) {
  const [year, month] = [now.getFullYear(), now.getMonth()];
  const quarter = month - (month % 3);
  return {
    thisMonth: { from: day(new Date(year, month, 1)), to: day(now) },
    lastMonth: { from: day(new Date(year, month - 1, 1)), to: day(new Date(year, month, 0)) },
    thisQuarter: { from: day(new Date(year, quarter, 1)), to: day(now) },
  } satisfies Record<string, Period>;
}

const aDay = /^\d{4}-\d\d-\d\d$/;

/** What the backend is asked for; nothing if the days are none, or end before they begin. */
export function askedFor(
  request: string,
  period?: Period,
  environment = "",
): store.EvidenceQuery | undefined {
  const never = new Date(0).toISOString();
  if (!period) return { request, from: never, to: never, environment: "" };
  if (!aDay.test(period.from) || !aDay.test(period.to) || period.to < period.from) return undefined;
  const [year = 0, month = 1, date = 1] = period.to.split("-").map(Number);
  return {
    request: "",
    from: new Date(`${period.from}T00:00:00`).toISOString(),
    to: new Date(year, month - 1, date + 1).toISOString(),
    environment,
  };
}
