import { Stack, Text } from "@mantine/core";
import { governance } from "@/api/models";
import { Digest } from "@/components/Digest";
import { SeatsPanel } from "@/components/SeatsPanel";
import { useWhy } from "@/components/use-said";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import type { StepProps } from "./Steps";

const { Action, Status } = governance;

/** Submit for Approval, then Recall and the review page; Reopen once it is decided. */
export function ApprovalButtons({ acts }: StepProps) {
  const { t } = useTranslation();
  const why = useWhy();
  const { status } = acts.view.record;
  const button = (action: governance.Action, press = () => acts.ask({ about: "action", action })) => {
    const state = acts.actionOf(action);
    if (!state) return null;
    return (
      <WhyButton
        key={action}
        size="xs"
        variant="default"
        allowed={state.allowed}
        why={why.action(state)}
        loading={acts.wish.isPending}
        onClick={press}
      >
        {t(`deployments.action.${action}`)}
      </WhyButton>
    );
  };
  const review = (
    <WhyButton size="xs" variant="default" allowed why="" onClick={acts.review}>
      {t(acts.actionOf(Action.Approve)?.allowed ? "deployments.button.approve" : "deployments.button.review")}
    </WhyButton>
  );
  if (status === Status.InProgress) return button(Action.Submit);
  if (status === Status.PendingApproval)
    return (
      <>
        {acts.actionOf(Action.Recall)?.allowed && button(Action.Recall)}
        {review}
      </>
    );
  return (
    <>
      {status !== Status.Completed && status !== Status.Cancelled && button(Action.Reopen)}
      {status !== Status.Cancelled && review}
    </>
  );
}

/** Who approved what, and when, with the rule that asks for it. */
export function ApprovalDetail({ acts }: StepProps) {
  const { t } = useTranslation();
  const { view } = acts;
  return (
    <Stack gap="sm" maw={720}>
      {view.seats.expected && (
        <Text size="sm" c="dimmed">
          {t("deployments.seatsExpected")}
        </Text>
      )}
      <SeatsPanel seats={view.seats} />
      {view.digest && (
        <Text size="sm" component="div">
          {t("sign.digest")} <Digest value={view.digest} length={24} />
        </Text>
      )}
      {view.reason && <Text size="sm">{t("deployments.reason", { reason: view.reason })}</Text>}
    </Stack>
  );
}
