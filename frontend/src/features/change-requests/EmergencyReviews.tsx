import { Alert, Card, List, Radio, Stack, Text, Title } from "@mantine/core";
import { IconClockExclamation } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { request, reviewEmergency } from "@/api/change-requests";
import { governance, type workspace } from "@/api/models";
import { SeatsPanel } from "@/components/SeatsPanel";
import { SignDialog } from "@/components/SignDialog";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";

const { Verdict } = governance;

/** The reviews that deployed emergencies of this request owe or had: until when, by whom, and what they said. */
export function EmergencyReviews({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const why = useWhy();
  const [asked, ask] = useState<workspace.ReviewView>();
  const reviews = view.reviews ?? [];
  const first = reviews.find((review) => !review.done);
  return (
    <>
      {reviews.map((review) => (
        <Card key={review.revision + review.round} withBorder radius="md" p="md">
          <Title order={2} fz="sm" mb="xs">
            {t("emergency.review")}
          </Title>
          <Stack gap="xs">
            {review.overdue ? (
              <Alert color="red" variant="light" p="xs" icon={<IconClockExclamation aria-hidden />}>
                {t("emergency.overdue")} <When at={review.due} />
              </Alert>
            ) : (
              <Text size="sm">
                {t(review.done ? "emergency.done" : "emergency.due")}{" "}
                {!review.done && <When at={review.due} />}
              </Text>
            )}
            <Text size="sm" c="dimmed">
              {t("emergency.deployed")} <When at={review.deployed} />
            </Text>
            <SeatsPanel seats={review.seats} />
            {review.given.length > 0 && (
              <List size="sm">
                {review.given.map((given) => (
                  <List.Item key={`${given.by?.id}${given.at}`}>
                    {given.by?.name}: {t(`emergency.verdict.${given.verdict}`)}. “{given.reason}”
                  </List.Item>
                ))}
              </List>
            )}
            {review === first && (
              <WhyButton
                size="xs"
                allowed={review.allowed}
                why={why.say(review.why, review.whySaid)}
                onClick={() => ask(review)}
              >
                {t("emergency.reviewIt")}
              </WhyButton>
            )}
            {review === first && !review.allowed && (
              <Text size="sm" c="dimmed">
                {why.say(review.why, review.whySaid)}
              </Text>
            )}
          </Stack>
        </Card>
      ))}
      {asked && <Ask view={view} review={asked} onClose={() => ask(undefined)} />}
    </>
  );
}

type AskProps = { view: workspace.RequestView; review: workspace.ReviewView; onClose: () => void };

function Ask({ view, review, onClose }: AskProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [verdict, setVerdict] = useState<string>("");
  const act = useAct(
    (reason: string) =>
      reviewEmergency(view.request.id, verdict as governance.Verdict, reason, review.revision),
    {
      key: ["review-emergency", view.request.id],
      onDone: (answer) => {
        client.setQueryData(request(answer.request.id).queryKey, answer);
        onClose();
      },
      done: () => t("emergency.reviewed", { label: view.label }),
    },
  );
  return (
    <SignDialog
      opened
      onClose={onClose}
      title={t("emergency.reviewOf", { label: view.label })}
      subject={`${view.label} ${view.request.name}`.trim()}
      digest={review.revision}
      needsReason
      reasonLabel={t("emergency.lookedAt")}
      ready={verdict !== ""}
      button={t("emergency.reviewIt")}
      pending={act.isPending}
      onSign={({ reason }) => act.mutate(reason)}
    >
      <Radio.Group label={t("emergency.verdictLabel")} value={verdict} onChange={setVerdict} required>
        <Stack gap={6} mt={4}>
          {[Verdict.Accepted, Verdict.Objected].map((word) => (
            <Radio
              key={word}
              value={word}
              label={t(`emergency.verdict.${word}`)}
              description={t(`emergency.means.${word}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
    </SignDialog>
  );
}
