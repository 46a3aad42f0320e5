import { type ActionId, actionIds, actions, type Menu } from "../components/actions.ts";
import { worksInFields } from "../components/field-keys.ts";
import { type CommandEntry, commandList } from "./command-list.ts";

/** One line of the native menu; without an id it is a separator. */
export type MenuItem = { id: string; label: Record<string, string>; keys: string };
export type MenuPart = { id: string; label: Record<string, string>; items: MenuItem[] };

type Words = { [key: string]: string | Words };

const order = ["file", "edit", "lifecycle", "content", "deploy", "more", "view", "go", "help"] as const;

/** The keys as Wails parses them. Those that mean something else in a field, and letters, are the page's alone. */
export function nativeKeys(keys = ""): string {
  return worksInFields(keys) ? keys.toLowerCase().replace("mod", "CmdOrCtrl") : "";
}

/**
 * The native menu of macOS and Windows, built from the lists that the palette reads. It is written beside the built
 * page, where the program finds it: no second list is kept by hand.
 */
export function nativeMenu(languages: Record<string, Words>): MenuPart[] {
  const said = (key: string) =>
    Object.fromEntries(Object.entries(languages).map(([language, words]) => [language, wordsOf(words, key)]));
  const all: CommandEntry[] = [...commandList];
  return order.map((part) => ({
    id: part,
    label: said(`menu.${part}`),
    items: [
      ...all
        .filter((c) => c.menu === part)
        .map((c) => ({ id: c.id, label: said(`command.${c.id}`), keys: nativeKeys(c.keys) })),
      ...actionIds
        .filter((id: ActionId) => actions[id].menu === (part as Menu) && !all.some((c) => c.id === id))
        .map((id) => ({ id, label: said(actions[id].words), keys: nativeKeys(actions[id].keys) })),
    ],
  }));
}

function wordsOf(words: Words, key: string): string {
  let at: string | Words | undefined = words;
  for (const part of key.split(".")) at = typeof at === "object" ? at[part] : undefined;
  if (typeof at !== "string") throw new Error(`there are no words ${key}`);
  return at;
}
