import { Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { doOnRequest, request } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { SignDialog } from "@/components/SignDialog";
import { keyOfAct, useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import type { Sign } from "./Lifecycle";

type Props = { view: workspace.RequestView; name: string; sign?: Sign; onClose: () => void };

/** The confirmation of a lifecycle action on a request. What is signed is what the person sees now. */
export function SignAction({ view, name, sign, onClose }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const action = sign?.action.action;
  // What is kept by now, which the page around may not have drawn yet.
  const { digest } = useQuery({ ...request(view.request.id), enabled: false }).data ?? view;
  const act = useAct(
    (reason: string) =>
      doOnRequest(view.request.id, { action: action as governance.Action, reason, seen: sign?.digest ?? "" }),
    {
      key: keyOfAct.lifecycle(view.request.id),
      onDone: (answer) => {
        client.setQueryData(request(answer.request.id).queryKey, answer);
        onClose();
      },
      // It is another by now: look at it as it is.
      shows: (fault) => {
        if (fault.code === "seen_other")
          void client.invalidateQueries({ queryKey: request(view.request.id).queryKey });
        return false;
      },
      done: () => t(`changeRequests.did.${action}`, { label: view.label }),
    },
  );
  const roles = view.seats.seats
    .map((seat) =>
      seat.role
        ? t(`role.${seat.role}`, { defaultValue: seat.role })
        : seat.may.map((person) => person.name).join(" / "),
    )
    .join(", ");
  const word = action ? t(`changeRequests.action.${action}`) : "";
  return (
    <SignDialog
      opened={sign !== undefined}
      onClose={onClose}
      title={t("changeRequests.sign.title", { action: word, label: view.label })}
      subject={`${view.label} ${name}`.trim()}
      digest={digest}
      seen={sign?.digest}
      needsReason={sign?.action.needsReason}
      withoutReason={action === governance.Action.Submit}
      button={word}
      color={action === governance.Action.Cancel ? "red.9" : undefined}
      pending={act.isPending}
      onSign={({ reason }) => act.mutate(reason)}
    >
      {action && (
        <Text size="sm">{t(`changeRequests.sign.${action}`, { count: view.seats.seats.length, roles })}</Text>
      )}
    </SignDialog>
  );
}
