import { useTranslation } from "@/i18n/use-translation";
import { agoFormat, timeFormat } from "./intl";
import { minute, second, useTick } from "./use-tick";

const steps: [limitInSeconds: number, unit: Intl.RelativeTimeFormatUnit, secondsPerUnit: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [7 * 86_400, "day", 86_400],
];

/**
 * How long ago in words for a week, then the date; the exact time is in the tooltip and for screen readers. It is as
 * large as the text that it is part of, and as rows are where it stands alone. The tooltip is the browser's own: every
 * row of a list has one, and a component for each would take longer than the row.
 */
export function When({ at, now: given }: { at: string; now?: Date }) {
  const { i18n } = useTranslation();
  const time = new Date(at);
  const now = given ?? new Date();
  useTick(given ? undefined : Math.abs(time.getTime() - now.getTime()) < minute ? second : minute);
  // Go's zero time is the year 1: it means "never".
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1970) return <span className="when">–</span>;

  const exact = timeFormat(i18n.language, { dateStyle: "long", timeStyle: "short" }).format(time);
  return (
    <time dateTime={at} className="when tabular" title={exact}>
      {inWords(time, now, i18n.language)}
    </time>
  );
}

function inWords(time: Date, now: Date, language: string): string {
  const seconds = Math.round((time.getTime() - now.getTime()) / 1000);
  const step = steps.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return timeFormat(language, { day: "numeric", month: "short", year: "numeric" }).format(time);

  const [, unit, size] = step;
  return agoFormat(language, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
