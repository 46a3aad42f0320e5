import { useComputedColorScheme } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import { onCommand } from "@/api/events";
import { copyText, textSizes } from "@/api/settings";
import { actions } from "@/components/actions";
import { worksInFields } from "@/components/field-keys";
import { isAction, pressAction, sayWhy } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { usePreference } from "@/components/use-preference";
import { usePrint } from "@/components/use-print";
import { useTour } from "@/components/use-tour-kept";
import { useLeave } from "@/components/use-unsaved";
import { useTranslation } from "@/i18n/use-translation";
import { commands } from "./commands";
import { openPalette } from "./Palette";
import { openShortcuts } from "./Shortcuts";

// A native menu's key can reach the page as well: the same command within this time is one press.
const onePressInMs = 250;

/** Runs a command by its id, for the palette, the menu and the keys. */
export function useCommands(): (id: string) => void {
  const { t } = useTranslation();
  const router = useRouter();
  const client = useQueryClient();
  const scheme = useComputedColorScheme();
  const [, setTheme] = usePreference("theme");
  const [textSize, setTextSize] = usePreference("text.size", "100");
  const tour = useTour();
  const leave = useLeave();
  const copy = useAct(copyText, { done: () => t("shell.linkCopied") });
  const print = usePrint();
  const last = useRef({ id: "", at: 0 });

  const resize = (by: number) => {
    const at = textSizes.indexOf(Number(textSize));
    const next = textSizes[Math.max(0, Math.min(textSizes.length - 1, (at < 0 ? 0 : at) + by))] ?? 100;
    setTextSize(String(next));
    notifications.show({ id: "text-size", message: t("shell.textSize", { percent: next }), autoClose: 1500 });
  };
  const own: Record<string, () => void> = {
    palette: openPalette,
    shortcuts: openShortcuts,
    tour: tour.open,
    back: () => router.history.back(),
    forward: () => router.history.forward(),
    theme: () => setTheme(scheme === "dark" ? "light" : "dark"),
    print: () => print.mutate(),
    leave,
    "reload-data": () => void client.invalidateQueries(),
    "new-request": () => void router.navigate({ to: "/change-requests/$id", params: { id: "new" } }),
    "copy-link": () => copy.mutate(`#${router.state.location.href}`),
    "text-larger": () => resize(1),
    "text-smaller": () => resize(-1),
    "text-normal": () => setTextSize("100"),
  };

  const run = (id: string) => {
    const now = Date.now();
    if (last.current.id === id && now - last.current.at < onePressInMs) return;
    last.current = { id, at: now };
    if (pressAction(id)) return; // the page that is shown does it its own way
    const command = commands.find((c) => c.id === id);
    if (command?.to) void router.navigate({ to: command.to });
    else if (own[id]) own[id]();
    else if (isAction(id)) sayWhy(t(actions[id].words), t("palette.notHere"));
  };

  // The newest run, so that one subscription and one list of keys serve for as long as the frame stands.
  const newest = useRef(run);
  newest.current = run;
  useEffect(() => onCommand((id) => newest.current(id)), []);
  const keys = useMemo(() => {
    const all = commands.flatMap((c) =>
      [c.keys, ...(c.also ?? [])].flatMap((k) => (k ? [{ keys: k, run: () => newest.current(c.id) }] : [])),
    );
    const bind = (inFields: boolean) =>
      all.filter((k) => worksInFields(k.keys) === inFields).map((k): [string, () => void] => [k.keys, k.run]);
    return { everywhere: bind(true), outside: bind(false) };
  }, []);
  useHotkeys(keys.everywhere, [], true);
  useHotkeys(keys.outside);
  return run;
}
