import { Alert, Group, List, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconCircleDashed } from "@tabler/icons-react";
import type { workspace } from "@/api/models";
import { isKnown } from "@/api/times";
import { useTranslation } from "@/i18n/use-translation";
import { useSaid, useWhy } from "./use-said";
import { useWorkspace } from "./use-workspace";
import { When } from "./When";

/** Who approves: each seat with who fills it or who may, and the rule that chose them, quoted. */
export function SeatsPanel({ seats }: { seats: workspace.Seats }) {
  const { t } = useTranslation();
  const say = useSaid("sentences");
  const why = useWhy();
  const solo = useWorkspace().state?.solo;
  return (
    <Stack gap="xs">
      {seats.seats.length === 0 && (
        <Text size="sm" c="dimmed">
          {t("seats.none")}
        </Text>
      )}
      {seats.seats.map((seat, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: seats have no other name than their place
        <Group key={i} gap="xs" wrap="nowrap" align="flex-start">
          <ThemeIcon size={22} radius="xl" variant="light" color={seat.member ? "green" : "gray"} mt={1}>
            {seat.member ? <IconCheck size={14} aria-hidden /> : <IconCircleDashed size={14} aria-hidden />}
          </ThemeIcon>
          <div>
            <Text size="sm" fw={550}>
              {seat.role ? t(`role.${seat.role}`, { defaultValue: seat.role }) : t("seats.named")}
            </Text>
            {!seat.role && seat.why?.text && (
              <Text size="sm" c="dimmed">
                {why.say(seat.why.text, seat.why)}
              </Text>
            )}
            {seat.member && (
              <Text size="sm">
                {seat.member.name} · <When at={seat.at} />
                {seat.by && ` · ${t("seats.by", { name: seat.by.name })}`}
                {solo && ` · ${t("seats.self")}`}
              </Text>
            )}
            {seat.reason && (
              <Text size="sm" c="dimmed" fs="italic">
                “{seat.reason}”
              </Text>
            )}
            {!seat.member && (
              <Text size="sm" c="dimmed">
                {seat.may.length > 0
                  ? t(seats.expected ? "seats.may" : "seats.open", {
                      names: seat.may.map((p) => p.name).join(", "),
                    })
                  : t(seat.later ? "seats.later" : "seats.nobody")}
              </Text>
            )}
          </div>
        </Group>
      ))}
      {seats.refused.length > 0 && (
        <Alert color="yellow" variant="light" p="xs" title={t("seats.refused")}>
          <List size="sm">
            {seats.refused.map((sentence, i) => (
              <List.Item key={sentence}>{why.say(sentence, seats.refusedSaid?.[i])}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      {seats.rule && (
        <Text size="xs" c="dimmed">
          {t("seats.rule", { rule: say(seats.rule, seats.said) })}
        </Text>
      )}
      {seats.filled && isKnown(seats.expires) && (
        <Text size="xs" c={seats.expired ? "red" : "dimmed"}>
          {t(seats.expired ? "seats.expired" : "seats.expires")} <When at={seats.expires} />
        </Text>
      )}
    </Stack>
  );
}
