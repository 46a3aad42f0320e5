import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconUserQuestion } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { confirmSignIn, declineSignIn } from "@/api/environments";
import type { workspace } from "@/api/models";
import { useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { Identity } from "./ConnectionTest";

type Props = {
  view: workspace.EnvironmentView;
  offered: workspace.Connection;
  onKept: (answer: workspace.Connection) => void;
  onLetGo: () => void;
};

/** The first sign-in of an environment: which org and user it led to. Nothing of it is kept until a person says yes. */
export function ConfirmSignIn({ view, offered, onKept, onLetGo }: Props) {
  const { t } = useTranslation();
  const { id, name } = view.environment;
  const question = t("environments.confirm.title", { name });
  const yes = useAct(() => confirmSignIn(id, offered.offer), {
    key: ["confirm-sign-in", id],
    onDone: onKept,
  });
  const no = useAct(() => declineSignIn(id, offered.offer), {
    key: ["decline-sign-in", id],
    onDone: onLetGo,
  });
  // The person comes back from the browser: what is asked must be in sight.
  const asks = useRef<HTMLDivElement>(null);
  useEffect(() => {
    asks.current?.scrollIntoView?.({ block: "center" }); // may give a promise, which is no clean-up
  }, []);
  const busy = yes.isPending || no.isPending;
  return (
    <Alert
      ref={asks}
      color="yellow"
      variant="light"
      icon={<IconUserQuestion aria-hidden />}
      p="sm"
      role="group"
      aria-label={question}
    >
      <Stack gap="xs">
        <Text size="sm" fw={620} role="status" style={{ overflowWrap: "anywhere" }}>
          {question}
        </Text>
        <Identity answer={offered} recognize />
        <Text size="sm">{t("environments.confirm.why")}</Text>
        <Group gap="xs">
          <Button disabled={busy && !yes.isPending} loading={yes.isPending} onClick={() => yes.mutate()}>
            {t("environments.confirm.yes")}
          </Button>
          <Button
            variant="default"
            disabled={busy && !no.isPending}
            loading={no.isPending}
            onClick={() => no.mutate()}
          >
            {t("environments.confirm.no")}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
