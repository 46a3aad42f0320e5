import { Text, Tooltip } from "@mantine/core";
import { useTranslation } from "react-i18next";

const steps: [limitInSeconds: number, unit: Intl.RelativeTimeFormatUnit, secondsPerUnit: number][] = [
  [60, "second", 1],
  [3600, "minute", 60],
  [86_400, "hour", 3600],
  [7 * 86_400, "day", 86_400],
];

/** How long ago in words for a week, then the date; the exact time is in the tooltip and for screen readers. */
export function When({ at, now = new Date() }: { at: string; now?: Date }) {
  const { i18n } = useTranslation();
  const time = new Date(at);
  // Go's zero time is the year 1: it means "never".
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1970)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );

  const exact = time.toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  return (
    <Tooltip label={exact} openDelay={300}>
      <Text span size="sm" c="dimmed" className="tabular">
        <time dateTime={at}>{inWords(time, now, i18n.language)}</time>
      </Text>
    </Tooltip>
  );
}

function inWords(time: Date, now: Date, language: string): string {
  const seconds = Math.round((time.getTime() - now.getTime()) / 1000);
  const step = steps.find(([limit]) => Math.abs(seconds) < limit);
  if (!step) return time.toLocaleDateString(language, { day: "numeric", month: "short", year: "numeric" });

  const [, unit, size] = step;
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
