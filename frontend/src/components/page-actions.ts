import { notifications } from "@mantine/notifications";
import { useEffect, useId, useRef, useSyncExternalStore } from "react";
import i18next from "@/i18n/i18n";
import { useTranslation } from "@/i18n/use-translation";
import { type ActionId, actionIds, actions } from "./actions";
import { worksInFields } from "./field-keys";
import { overlay, usePageKeys } from "./use-page-keys";

/** Something that can be done on the page that is shown. */
export type PageAction = {
  id: ActionId;
  /** Which one, where a page has several of a kind, such as Run Scan of each environment. */
  of?: string;
  /** Its words, if they are not those of its id. */
  words?: string;
  /** Its keys, if they are not those of its id. */
  keys?: string;
  /** Why it cannot be done now, and what mends that; nothing if it can. */
  why?: string;
  /** It is under way. */
  busy?: boolean;
  run: () => unknown;
};

/** An action as the palette, the sheet of shortcuts and the menu see it. */
type ShownAction = {
  key: string;
  id: ActionId;
  words: string;
  keys?: string;
  why: string;
  press: () => void;
};

type Page = { heading: string; actions: ShownAction[] };

const pages = new Map<string, Page>();
const told = new Set<() => void>();
let shown: Page = { heading: "", actions: [] };

function put(id: string, page?: Page) {
  if (page) pages.set(id, page);
  else pages.delete(id);
  shown = together([...pages.values()]);
  for (const tell of told) tell();
}

/** What several parts of a page offer, each thing once, in the order of the list of actions. */
function together(all: Page[]): Page {
  const once = new Map<string, ShownAction>();
  for (const page of all)
    for (const action of page.actions) if (!once.has(action.key)) once.set(action.key, action);
  const place = (a: ShownAction) => actionIds.indexOf(a.id);
  return {
    heading: all.at(-1)?.heading ?? "",
    actions: [...once.values()].sort((a, b) => place(a) - place(b)),
  };
}

const subscribe = (tell: () => void) => {
  told.add(tell);
  return () => {
    told.delete(tell);
  };
};

/** What can be done now on the page that is shown. */
export const actionsShown = () => shown.actions;

/** What can be done on the page that is shown, under its heading. */
export const usePageShown = () => useSyncExternalStore(subscribe, () => shown);

/**
 * Does an action of the page that is shown, or says why it cannot be done; nothing while a dialog is open above it. The
 * answer is whether the page has it.
 */
export function pressAction(id: string) {
  const action = shown.actions.find((a) => a.id === id);
  if (action && !document.querySelector(overlay)) action.press();
  return action !== undefined;
}

// A native menu's key can reach the page as well: from both sides within this time is one press.
const onePressInMs = 250;
let last = { key: "", at: 0, byKey: false };

function isEcho(key: string, byKey: boolean) {
  const before = last;
  last = { key, at: Date.now(), byKey };
  return before.key === key && before.byKey !== byKey && last.at - before.at < onePressInMs;
}

export const isAction = (id: string): id is ActionId => id in actions;

/** Says why something cannot be done. */
export const sayWhy = (words: string, why: string) =>
  void notifications.show({
    title: words,
    message: why,
    color: "yellow",
    autoClose: 8000,
    withCloseButton: true,
    closeButtonProps: { "aria-label": i18next.t("common.close") },
  });

const keyOf = ({ id, of }: PageAction) => (of === undefined ? id : `${id}:${of}`);

/**
 * Tells what can be done on a page for as long as it is shown: the palette lists it, the sheet of shortcuts and the
 * native menu know it, and its keys work. What cannot be done says why when it is pressed.
 */
export function usePageActions(heading: string, given: (PageAction | false | undefined)[]) {
  const { t } = useTranslation();
  const me = useId();
  const all = given.filter((a) => a !== false && a !== undefined);
  const newest = useRef(all);
  newest.current = all;
  const wordsOf = (a: PageAction) => a.words ?? t(actions[a.id].words);
  const press = (key: string, byKey: boolean) => {
    const action = newest.current.find((a) => keyOf(a) === key);
    if (!action || action.busy || isEcho(key, byKey)) return;
    if (action.why) sayWhy(wordsOf(action), action.why);
    else void action.run();
  };
  const pressNewest = useRef(press);
  pressNewest.current = press;

  const list = all.map((a) => ({
    key: keyOf(a),
    id: a.id,
    words: wordsOf(a),
    keys: a.keys ?? (a.of === undefined ? actions[a.id].keys : undefined),
    why: a.why ?? "",
  }));
  const state = JSON.stringify([heading, list]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: state stands for the list
  useEffect(
    () =>
      put(me, {
        heading,
        actions: list.map((a) => ({ ...a, press: () => pressNewest.current(a.key, false) })),
      }),
    [me, state],
  );
  useEffect(() => () => put(me), [me]);

  const bound = list.flatMap(({ key, id, keys }) =>
    [keys, ...(keys === actions[id].keys ? (actions[id].also ?? []) : [])].flatMap((k) =>
      k
        ? [{ keys: k, run: (e: KeyboardEvent) => (actions[id].repeats || !e.repeat) && press(key, true) }]
        : [],
    ),
  );
  const bind = (inFields: boolean) =>
    bound
      .filter((b) => worksInFields(b.keys) === inFields)
      .map((b): [string, (e: KeyboardEvent) => void] => [b.keys, b.run]);
  usePageKeys(bind(true), true);
  usePageKeys(bind(false));
}
