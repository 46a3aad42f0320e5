import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import type { workspace } from "@/api/models";
import { DiffTable, useDiffOf } from "@/components/DiffTable";
import { Digest } from "@/components/Digest";
import { EmptyState } from "@/components/EmptyState";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

const atOnce = 60;

/** Every version there was, as what it changed; the founding one last. */
export function Versions({ all }: { all: workspace.Policies }) {
  const { t } = useTranslation();
  const diffOf = useDiffOf();
  const [shown, setShown] = useState(atOnce);
  if (all.versions.length === 0)
    return (
      <EmptyState icon={IconHistory} title={t("policies.noVersions")} text={t("policies.noVersionsWhy")} />
    );
  const older = all.versions.length - shown;
  return (
    <Stack gap="md" maw={1200}>
      {all.versions.slice(0, shown).map((change, i) => {
        const founding = i === all.versions.length - 1;
        const title = t("policies.version", { version: change.version });
        return (
          <Paper key={change.act} withBorder radius="md" p="md" component="section" aria-label={title}>
            <Group gap="sm" mb={founding ? 0 : "sm"}>
              <Title order={2} fz="md">
                {title}
              </Title>
              {change.version === all.version && (
                <Text size="sm" fw={600}>
                  {t("policies.inForceNow")}
                </Text>
              )}
              <Text size="sm" c="dimmed" component="div">
                {change.by?.name} · <When at={change.at} />
                {change.endorsed.length > 0 &&
                  ` · ${t("policies.endorsedBy", { names: change.endorsed.map((person) => person.name).join(", ") })}`}
              </Text>
              <Digest value={change.act} />
            </Group>
            {founding && change.diff.length === 0 ? (
              <Text size="sm" c="dimmed" mt={4}>
                {t("policies.founding")}
              </Text>
            ) : (
              <DiffTable diff={diffOf(change)} label={title} />
            )}
          </Paper>
        );
      })}
      {older > 0 && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setShown(shown + atOnce)}>
          {t("policies.moreVersions", { count: older })}
        </Button>
      )}
    </Stack>
  );
}
