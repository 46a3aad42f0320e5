import { Button, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconMinus, IconStethoscope, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { diagnosis } from "@/api/environments";
import { workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { faultHint, faultTitle } from "@/components/use-act";
import { useSaid } from "@/components/use-said";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** The connection doctor of an environment: what it found last, and how to let it look. */
export function useDoctor(id: string) {
  const asked = useQuery(diagnosis(id));
  return {
    answer: asked.data,
    fault: asked.error,
    at: asked.dataUpdatedAt,
    looks: asked.isFetching,
    look: () => void asked.refetch(),
  };
}

/** From the address to metadata: each thing that a connection needs, whether it holds, and what mends it. */
export function Doctor({ id }: { id: string }) {
  const { t } = useTranslation();
  const { answer, fault, at, looks, look } = useDoctor(id);
  return (
    <Stack gap="sm">
      <Text size="sm">{t("environments.doctor.what")}</Text>
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconStethoscope size={16} aria-hidden />}
          disabled={looks}
          onClick={look}
        >
          {t(answer ? "environments.doctor.again" : "environments.doctor.look")}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {looks ? (
            t("environments.doctor.looks")
          ) : answer ? (
            <>
              {t(answer.healthy ? "environments.doctor.healthy" : "environments.doctor.ill")} ·{" "}
              <When at={new Date(at).toISOString()} />
            </>
          ) : (
            ""
          )}
        </Text>
      </Group>
      {fault && !looks && (
        <FaultAlert title={t("environments.doctor.notDone")} fault={fault} onRetry={look} />
      )}
      {answer && (
        <Stack
          component="ol"
          gap={8}
          m={0}
          p={0}
          style={{ listStyle: "none" }}
          aria-label={t("environments.doctor.steps")}
        >
          {answer.steps.map((step) => (
            <Step key={step.code} step={step} />
          ))}
        </Stack>
      )}
    </Stack>
  );
}

const { DiagnosisState } = workspace;
const looksOf = {
  [DiagnosisState.Passed]: { color: "green", icon: IconCheck },
  [DiagnosisState.Failed]: { color: "red", icon: IconX },
  [DiagnosisState.Skipped]: { color: "gray", icon: IconMinus },
};

function Step({ step }: { step: workspace.DiagnosisStep }) {
  const { t } = useTranslation();
  const say = useSaid("environments");
  const { color, icon: Icon } = looksOf[step.state];
  const failed = step.state === DiagnosisState.Failed;
  const fault = { code: step.fault, message: step.sentence, hint: step.remedy };
  const facts = Object.entries(step.facts).filter(([, value]) => value !== "");
  return (
    <Group component="li" gap="sm" wrap="nowrap" align="flex-start">
      <ThemeIcon size={20} radius="xl" variant="light" color={color} mt={1} flex="none">
        <Icon size={13} aria-label={t(`environments.doctor.state.${step.state}`)} />
      </ThemeIcon>
      <Text size="sm" fw={550} w={118} flex="none" c={failed ? undefined : "dimmed"}>
        {t(`environments.doctor.stage.${step.code}`)}
      </Text>
      <Stack gap={2} miw={0} style={{ overflowWrap: "anywhere" }}>
        <Text size="sm" c={step.state === DiagnosisState.Skipped ? "dimmed" : undefined}>
          {failed ? faultTitle(t, fault) : say(step.sentence, step.said)}
        </Text>
        {failed && (
          <Text size="sm" fw={550}>
            {faultHint(t, fault)}
          </Text>
        )}
        {failed && facts.length > 0 && (
          <Text size="xs" c="dimmed">
            {facts.map(([name, value]) => `${t(`environments.doctor.fact.${name}`)}: ${value}`).join(" · ")}
          </Text>
        )}
      </Stack>
    </Group>
  );
}
