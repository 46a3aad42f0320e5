import {
  IconArrowLeft,
  IconArrowRight,
  IconBook,
  IconCommand,
  IconDoorExit,
  IconFileCheck,
  IconHome,
  IconKeyboard,
  IconLink,
  IconListDetails,
  IconMoon,
  IconPlus,
  IconPrinter,
  IconRefresh,
  IconRocket,
  IconRoute,
  IconServer2,
  IconSettings,
  IconShieldCheck,
  IconTextDecrease,
  IconTextIncrease,
  IconTextSize,
  type TablerIcon,
} from "@tabler/icons-react";

/** A command is known to the palette, the native menu and the keyboard by one id. Its words are command.<id>. */
export type Command = {
  id: string;
  icon: TablerIcon;
  group: "go" | "make" | "window";
  /** As Mantine's useHotkeys reads it; mod is Ctrl, or Command on macOS. */
  keys?: string;
  /** The same on other keyboards. */
  also?: string[];
  /** Where it leads; the others are run by the shell. */
  to?: string;
  /** Kept out of the palette, which is open then. */
  hidden?: boolean;
};

export const commands: Command[] = [
  { id: "home", icon: IconHome, group: "go", keys: "mod+1", to: "/" },
  { id: "requests", icon: IconFileCheck, group: "go", keys: "mod+2", to: "/change-requests" },
  { id: "deployments", icon: IconRocket, group: "go", keys: "mod+3", to: "/deployments" },
  { id: "environments", icon: IconServer2, group: "go", keys: "mod+4", to: "/environments" },
  { id: "trail", icon: IconListDetails, group: "go", keys: "mod+5", to: "/audit-trail" },
  { id: "policies", icon: IconShieldCheck, group: "go", keys: "mod+6", to: "/policies" },
  { id: "settings", icon: IconSettings, group: "go", keys: "mod+,", to: "/settings" },
  { id: "guide", icon: IconBook, group: "go", keys: "F1", to: "/guide" },
  { id: "new-request", icon: IconPlus, group: "make", keys: "mod+N" },
  { id: "tour", icon: IconRoute, group: "make" },
  { id: "palette", icon: IconCommand, group: "window", keys: "mod+K", hidden: true },
  { id: "shortcuts", icon: IconKeyboard, group: "window", keys: "shift+?" },
  { id: "back", icon: IconArrowLeft, group: "window", keys: "alt+ArrowLeft" },
  { id: "forward", icon: IconArrowRight, group: "window", keys: "alt+ArrowRight" },
  { id: "reload-data", icon: IconRefresh, group: "window", keys: "F5" },
  { id: "copy-link", icon: IconLink, group: "window", keys: "mod+shift+C" },
  { id: "print", icon: IconPrinter, group: "window", keys: "mod+P" },
  { id: "theme", icon: IconMoon, group: "window", keys: "mod+shift+L" },
  {
    id: "text-larger",
    icon: IconTextIncrease,
    group: "window",
    keys: "mod+=",
    also: ["mod+[plus]", "mod+shift+[plus]"],
  },
  { id: "text-smaller", icon: IconTextDecrease, group: "window", keys: "mod+-" },
  { id: "text-normal", icon: IconTextSize, group: "window", keys: "mod+0" },
  { id: "leave", icon: IconDoorExit, group: "window" },
];

/** Keys that mean the same while a person types in a field; the others are letters or move the cursor there. */
export const worksInFields = (keys: string) => keys.startsWith("mod+") || /^F\d+$/.test(keys);

const mac = () => navigator.platform.startsWith("Mac");
const names: Record<string, [here: string, onMac: string]> = {
  mod: ["Ctrl", "⌘"],
  shift: ["Shift", "⇧"],
  alt: ["Alt", "⌥"],
  ArrowLeft: ["←", "←"],
  ArrowRight: ["→", "→"],
  "=": ["+", "+"],
};

/** A shortcut as people read it: Ctrl N, or ⌘ N on macOS. */
export function keysInWords(keys: string) {
  if (keys === "shift+?") return "?"; // on every keyboard it is what the key prints that counts
  return keys
    .split("+")
    .map((key) => names[key]?.[mac() ? 1 : 0] ?? key)
    .join(" ");
}
