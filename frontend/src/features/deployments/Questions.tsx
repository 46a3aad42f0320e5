import { Alert, Text } from "@mantine/core";
import { governance } from "@/api/models";
import { SignDialog } from "@/components/SignDialog";
import { useTranslation } from "@/i18n/use-translation";
import type { RecordActs } from "./use-record-acts";

const { Action } = governance;

/** The confirmations of a record's page: they name the content, the target and the person. */
export function Questions({ acts }: { acts: RecordActs }) {
  const { t } = useTranslation();
  const { view, question } = acts;
  const target = {
    id: view.target.environment.id,
    name: view.target.environment.name,
    production: view.production,
  };
  const subject = `${view.label} ${view.record.name}`;
  if (question?.about === "attempt") {
    const quick = question.kind === governance.AttemptKind.Quick;
    return (
      <SignDialog
        opened
        onClose={acts.over}
        title={t("deployments.sign.deploy", { name: target.name })}
        subject={subject}
        digest={view.digest}
        target={target}
        withoutReason
        typed={view.typeName ? target.name : undefined}
        button={t(quick ? "deployments.button.quick" : "deployments.button.deployChanges")}
        color={view.production ? "red.9" : undefined}
        pending={acts.attempt.isPending}
        onSign={({ typed }) => acts.attempt.mutate({ kind: question.kind, typed })}
      >
        <Text size="sm">
          {t(quick ? "deployments.sign.quickWhat" : "deployments.sign.deployWhat", {
            count: view.count,
            name: target.name,
          })}{" "}
          {t(
            view.record.options.rollbackOnError ? "deployments.sign.allOrNothing" : "deployments.sign.partly",
          )}
        </Text>
      </SignDialog>
    );
  }
  if (!question) return null;
  const { action } = question;
  const state = acts.actionOf(action);
  return (
    <SignDialog
      opened
      onClose={acts.over}
      title={t(`deployments.action.${action}`)}
      subject={subject}
      digest={view.digest}
      target={target}
      needsReason={state?.needsReason}
      button={t(`deployments.action.${action}`)}
      color={action === Action.Cancel ? "red" : undefined}
      pending={acts.wish.isPending}
      onSign={({ reason }) => acts.wish.mutate({ action, reason })}
    >
      <Alert variant="light" color={action === Action.Cancel ? "red" : "blue"} p="sm">
        {t(`deployments.sign.${action}`, { label: view.label })}
      </Alert>
    </SignDialog>
  );
}
