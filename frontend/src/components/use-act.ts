import { notifications } from "@mantine/notifications";
import { type UseMutationResult, useIsMutating, useMutation, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useId } from "react";
import { Fault } from "@/api/fault";
import i18next from "@/i18n/i18n";
import { useTranslation } from "@/i18n/use-translation";
import { whole } from "./said";

type Options<A, T> = {
  /** What is drawn at once with the answer, such as putting it in the cache. */
  onDone?: (answer: T, asked: A) => void;
  /** Faults that the caller shows itself, such as under a field; the others become a notification. */
  shows?: (fault: Fault) => boolean;
  /** A sentence shown when it worked. */
  done?: (answer: T) => string;
  /**
   * What it does to what, for what can be begun from several places: while one waits, such as for the system's dialog,
   * all of them show it, and none begins it a second time.
   */
  key?: readonly string[];
};

/**
 * Something that changes the workspace. The backend is in this process, so afterwards everything that is on the
 * screen is asked for again; a fault that nobody shows becomes a notification with what to do.
 */
export function useAct<A = void, T = unknown>(
  act: (asked: A) => Promise<T>,
  options: Options<A, T> = {},
): UseMutationResult<T, Fault, A> {
  const { t } = useTranslation();
  const client = useQueryClient();
  const tell = useTellFault();
  const tellDeclined = useTellDeclined();
  const alone = useId();
  const mutationKey = options.key ?? [alone];
  const made = useMutation<T, Fault, A>({
    mutationKey,
    mutationFn: act,
    networkMode: "always",
    onSuccess: (answer, asked) => {
      options.onDone?.(answer, asked);
      const sentence = options.done?.(answer);
      if (sentence)
        notifications.show({
          message: sentence,
          color: "green",
          autoClose: 4000,
          closeButtonProps: { "aria-label": t("common.close") },
        });
      return client.invalidateQueries();
    },
    onError: (thrown) => {
      const fault = Fault.from(thrown);
      if (fault.code === "declined") tellDeclined();
      else if (!options.shows?.(fault)) tell(fault);
    },
  });
  const elsewhere = useWaits(mutationKey);
  if (!options.key) return made;
  const runs = () => client.isMutating({ mutationKey, exact: true }) > 0;
  return {
    ...made,
    isPending: made.isPending || elsewhere,
    mutate: (...asked: Parameters<typeof made.mutate>) => {
      if (!runs()) made.mutate(...asked);
    },
  } as UseMutationResult<T, Fault, A>;
}

/** What is done by key, wherever it is begun: a lifecycle action, an attempt of a record, one of a log. */
export const keyOfAct = {
  lifecycle: (id: string) => ["lifecycle", id],
  attempt: (recordId: string) => ["attempt", recordId],
  cancelAttempt: (logId: string) => ["cancel-attempt", logId],
  inventory: (environmentId: string) => ["inventory", environmentId],
  actAs: ["act-as"],
  leave: ["leave"],
  openAddress: ["open-address"],
};

/** Whether something is under way that was begun here or elsewhere. */
export const useWaits = (mutationKey: readonly string[]) => useIsMutating({ mutationKey, exact: true }) > 0;

/** Whoever answers the system's question with No is told that this was heard, and that it is as it was. */
function useTellDeclined() {
  const { t } = useTranslation();
  return () =>
    notifications.show({
      id: "declined",
      message: t("fault.declined"),
      autoClose: 6000,
      closeButtonProps: { "aria-label": t("common.close") },
    });
}

/** Shows a fault as a notification: what happened, and what to do. */
export function useTellFault() {
  const { t } = useTranslation();
  return (fault: Fault) =>
    notifications.show({
      title: faultTitle(t, fault),
      message: faultHint(t, fault) || undefined,
      color: "red",
      autoClose: 12_000,
      withCloseButton: true,
      closeButtonProps: { "aria-label": t("common.close") },
    });
}

type Spoken = Pick<Fault, "code" | "message" | "hint"> &
  Partial<Pick<Fault, "words" | "hintWords" | "params">>;

/**
 * The sentence of a fault in the person's language: by the key of its own words, as a reason of the gate has one, or by
 * its code, and otherwise the backend's own.
 */
export function faultTitle(t: TFunction, fault: Omit<Spoken, "hint">) {
  const text = fault.message || t("fault.unexpected");
  if (fault.words) return whole(t, i18next.language, { text, code: fault.words, params: fault.params ?? {} });
  return t(`faults.${fault.code}`, { message: text, defaultValue: text });
}

/** What to do about a fault, in the person's language. */
export function faultHint(t: TFunction, { code, hint, hintWords, params }: Omit<Spoken, "message">) {
  if (!hint) return "";
  if (hintWords) return whole(t, i18next.language, { text: hint, code: hintWords, params: params ?? {} });
  return t(`faults.${code}_hint`, { hint, defaultValue: hint });
}
