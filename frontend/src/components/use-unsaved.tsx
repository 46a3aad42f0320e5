import { useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Fault } from "@/api/fault";
import { actAs, leaveWorkspace } from "@/api/workspaces";
import { useTranslation } from "@/i18n/use-translation";
import { forgetTyped, formsUnsaved, saveTyped, watchTyped } from "./unsaved";
import { faultTitle, keyOfAct, useAct } from "./use-act";
import { useConfirm } from "./use-confirm";

type Place = { pathname: string; search: unknown };

/** What of an address puts another form, or none, in the place of this one. A filter does not. */
const wordsOf = ({ pathname, search }: Place) => {
  const { tab, view, request } = (search ?? {}) as Record<string, unknown>;
  return JSON.stringify([pathname, tab, view, request]);
};

/**
 * Asks before the page is left while a form that is saved by its button holds something typed. A form that leads
 * elsewhere because it was saved says so with ignoreBlocker.
 */
export function useUnsaved(dirty: boolean) {
  const client = useQueryClient();
  const ask = useAskToLeave();
  const now = useRef({ dirty, forgotten: false });
  now.current.dirty = dirty;
  if (!dirty) now.current.forgotten = false;
  const holds = () => now.current.dirty && !now.current.forgotten;
  // biome-ignore lint/correctness/useExhaustiveDependencies: holds reads what is now
  useEffect(
    () =>
      watchTyped(client, {
        unsaved: holds,
        forget: () => {
          now.current.forgotten = true;
        },
      }),
    [client],
  );
  useBlocker({
    shouldBlockFn: async ({ current, next }) =>
      holds() && wordsOf(current) !== wordsOf(next) && !(await ask()),
    enableBeforeUnload: holds,
    disabled: !dirty,
  });
}

/** Whether what is typed may go. Asked once for all forms of a page. */
function useAskToLeave() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  return async () => {
    const goes = await confirm({
      title: t("unsaved.title"),
      text: t("unsaved.text"),
      yes: t("unsaved.leave"),
      no: t("unsaved.stay"),
      red: true,
      careful: true,
    });
    if (goes) forgetTyped(client, "forms");
    return goes;
  };
}

const declined = () => new Fault("declined", "");

/**
 * Saves what is typed before somebody else acts or the workspace goes, by the one who typed it. What cannot be saved
 * goes only when the person says so; otherwise nothing happens.
 */
export function useSettle() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  return async () => {
    const fault = await saveTyped(client);
    if (!fault) return;
    const goes = await confirm({
      title: t("unsaved.notSaved"),
      text: t("unsaved.notSavedWhy", { why: faultTitle(t, fault) }),
      yes: t("unsaved.discard"),
      no: t("unsaved.stay"),
      red: true,
      careful: true,
    });
    if (!goes) throw declined();
    forgetTyped(client, "all");
  };
}

/** Takes a member's part in the demo, after what is typed was saved by the one who typed it. */
export function useActAs() {
  const settle = useSettle();
  return useAct(
    async (member: string) => {
      await settle();
      return actAs(member);
    },
    { key: keyOfAct.actAs },
  );
}

/** Leaves the workspace for another one, from wherever it is asked for: it says what that means first. */
export function useLeave(): () => Promise<void> {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const settle = useSettle();
  const ask = useAskToLeave();
  const confirm = useConfirm();
  const leave = useAct(
    async () => {
      if (formsUnsaved(client) && !(await ask())) throw declined();
      await settle();
      await leaveWorkspace();
      forgetTyped(client, "all");
    },
    { key: keyOfAct.leave, onDone: () => void navigate({ to: "/start" }) },
  );
  return async () => {
    if (
      await confirm({
        title: t("settings.leaveTitle"),
        text: t("settings.leaveWhy"),
        yes: t("settings.leave"),
      })
    )
      leave.mutate();
  };
}
