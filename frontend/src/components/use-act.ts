import { notifications } from "@mantine/notifications";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Fault } from "@/api/fault";

type Options<A, T> = {
  /** What is drawn at once with the answer, such as putting it in the cache. */
  onDone?: (answer: T, asked: A) => void;
  /** Faults that the caller shows itself, such as under a field; the others become a notification. */
  shows?: (fault: Fault) => boolean;
  /** A sentence shown when it worked. */
  done?: (answer: T) => string;
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
  return useMutation<T, Fault, A>({
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
      if (fault.code !== "declined" && !options.shows?.(fault)) tell(fault);
    },
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

/** The sentence of a fault in the person's language: ours by its code, otherwise the backend's own. */
export function faultTitle(
  t: (key: string, o: Record<string, unknown>) => string,
  fault: { code: string; message: string },
) {
  const sentence = fault.message || t("fault.unexpected", {});
  return t(`faults.${fault.code}`, { message: sentence, defaultValue: sentence });
}

/** What to do about a fault, in the person's language. */
export function faultHint(
  t: (key: string, o: Record<string, unknown>) => string,
  { code, hint }: { code: string; hint: string },
) {
  return hint && t(`faults.${code}_hint`, { hint, defaultValue: hint });
}
