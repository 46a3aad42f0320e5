const mac = () => navigator.platform.startsWith("Mac");

/** A shortcut as people read it: Ctrl Z, or ⌘ Z on macOS. */
export const keysOf = (keys: string) =>
  keys
    .split("+")
    .map((key) => (key === "mod" ? (mac() ? "⌘" : "Ctrl") : key === "shift" ? (mac() ? "⇧" : "Shift") : key))
    .join(" ");
