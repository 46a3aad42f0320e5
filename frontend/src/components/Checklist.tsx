import { Group, Stack, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { useWhy } from "./use-said";
import { useWorkspace } from "./use-workspace";

/** The gate's answer, a line a check: what holds, what does not, and what mends it. */
export function Checklist({ checks }: { checks: governance.Check[] }) {
  const { t } = useTranslation();
  const { state, me } = useWorkspace();
  const why = useWhy();
  const name = (id: string) => state?.members.find((m) => m.id === id)?.name ?? id;
  return (
    <Stack gap={6} component="ul" m={0} p={0} style={{ listStyle: "none" }}>
      {checks.map((check) => (
        <Group key={check.code} component="li" gap={8} wrap="nowrap" align="flex-start">
          <ThemeIcon size={18} radius="xl" variant="light" color={check.ok ? "green" : "red"} mt={2}>
            {check.ok ? (
              <IconCheck size={12} aria-label={t("check.holds")} />
            ) : (
              <IconX size={12} aria-label={t("check.missing")} />
            )}
          </ThemeIcon>
          <div>
            <Text size="sm">{why.check(check).message}</Text>
            {!check.ok && check.remedy && (
              <Text size="sm" fw={550}>
                {why.check(check).remedy}
                {check.who.length > 0 && !(me && check.who.includes(me.id)) && (
                  <Text span c="dimmed" fw={400}>
                    {" "}
                    {t("check.who", { names: check.who.map(name).join(", ") })}
                  </Text>
                )}
              </Text>
            )}
          </div>
        </Group>
      ))}
    </Stack>
  );
}
