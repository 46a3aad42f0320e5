/** A command is known to the palette, the native menu and the keyboard by one id. Its words are command.<id>. */
export type CommandEntry = {
  id: string;
  group: "go" | "make" | "window";
  /** Which part of the native menu it is in; without one it is in none. */
  menu?: "file" | "view" | "go" | "help";
  /** As Mantine's useHotkeys reads it; mod is Ctrl, or Command on macOS. */
  keys?: string;
  /** The same on other keyboards. */
  also?: string[];
  /** Where it leads; the others are run by the shell. */
  to?: string;
  /** Kept out of the palette, which is open then. */
  hidden?: boolean;
};

/** What can be done everywhere. What a page can do is in components/actions.ts; the native menu is built of both. */
export const commandList = [
  { id: "home", group: "go", menu: "go", keys: "mod+1", to: "/" },
  { id: "requests", group: "go", menu: "go", keys: "mod+2", to: "/change-requests" },
  { id: "deployments", group: "go", menu: "go", keys: "mod+3", to: "/deployments" },
  { id: "environments", group: "go", menu: "go", keys: "mod+4", to: "/environments" },
  { id: "trail", group: "go", menu: "go", keys: "mod+5", to: "/audit-trail" },
  { id: "policies", group: "go", menu: "go", keys: "mod+6", to: "/policies" },
  { id: "members", group: "go", menu: "go", keys: "mod+7", to: "/members" },
  { id: "exchange", group: "go", menu: "go", keys: "mod+8", to: "/exchange" },
  { id: "settings", group: "go", menu: "file", keys: "mod+,", to: "/settings" },
  { id: "guide", group: "go", menu: "help", keys: "F1", to: "/guide" },
  { id: "new-request", group: "make", menu: "file", keys: "mod+N" },
  { id: "new-record", group: "make", menu: "file", to: "/deployments/new" },
  { id: "tour", group: "make", menu: "help" },
  { id: "palette", group: "window", menu: "view", keys: "mod+K", hidden: true },
  { id: "shortcuts", group: "window", menu: "help", keys: "shift+?" },
  { id: "back", group: "window", menu: "go", keys: "alt+ArrowLeft" },
  { id: "forward", group: "window", menu: "go", keys: "alt+ArrowRight" },
  { id: "reload-data", group: "window", menu: "view", keys: "F5" },
  { id: "copy-link", group: "window", menu: "view", keys: "mod+shift+C" },
  { id: "print", group: "window", menu: "file", keys: "mod+P" },
  { id: "theme", group: "window", menu: "view", keys: "mod+shift+L" },
  {
    id: "text-larger",
    group: "window",
    menu: "view",
    keys: "mod+=",
    also: ["mod+[plus]", "mod+shift+[plus]"],
  },
  { id: "text-smaller", group: "window", menu: "view", keys: "mod+-" },
  { id: "text-normal", group: "window", menu: "view", keys: "mod+0" },
  { id: "leave", group: "window", menu: "file" },
] as const satisfies CommandEntry[];

export type CommandId = (typeof commandList)[number]["id"];
