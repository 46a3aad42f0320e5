import i18next from "@/i18n/i18n";

const mac = () => navigator.platform.startsWith("Mac");

/** Signs that are the same on every keyboard. */
const signs: Record<string, string> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  "=": "+",
};

const onMac: Record<string, string> = { mod: "⌘", shift: "⇧", alt: "⌥" };

/** The keys of a shortcut, each as it is printed on the person's keyboard: Ctrl and N, Strg and N, ⌘ and N. */
export function keyNames(keys: string): string[] {
  if (keys === "shift+?") return ["?"]; // on every keyboard it is what the key prints that counts
  return keys.split("+").map((key) => {
    if (mac() && onMac[key]) return onMac[key];
    if (signs[key]) return signs[key];
    const word = key === "mod" ? "ctrl" : key.toLowerCase();
    return i18next.t(`keyboard.${word}`, { defaultValue: key });
  });
}

/** A shortcut as people read it: Ctrl Z, Strg Z, or ⌘ Z on macOS. */
export const keysOf = (keys: string) => keyNames(keys).join(" ");

/** The preference that keeps a workspace's tour: whether it is open, and since when. */
export const tourKey = (workspace: string) => `tour.${workspace}`;
