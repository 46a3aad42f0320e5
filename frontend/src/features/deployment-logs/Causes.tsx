import { Anchor, Badge, Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState } from "react";
import type { governance, workspace } from "@/api/models";
import { AddMissingDialog } from "@/components/AddMissingDialog";
import { useTranslation } from "@/i18n/use-translation";

const causesAtOnce = 20;
const failuresAtOnce = 5;

/** Why it failed: one card a cause with all that failed for it, the first cause first. */
export function Causes({ view }: { view: workspace.LogView }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(causesAtOnce);
  return (
    <Stack gap="xs" component="section" aria-label={t("logs.causes")}>
      <Title order={2} fz={15}>
        {t("logs.causes")}
      </Title>
      {view.causes.slice(0, shown).map((cause, i) => (
        <CauseCard key={cause.problem} cause={cause} number={i + 1} view={view} />
      ))}
      {view.causes.length > shown && (
        <Button size="xs" variant="default" w="fit-content" onClick={() => setShown(shown + 100)}>
          {t("logs.more", { count: view.causes.length - shown })}
        </Button>
      )}
    </Stack>
  );
}

function CauseCard({
  cause,
  number,
  view,
}: {
  cause: workspace.Cause;
  number: number;
  view: workspace.LogView;
}) {
  const { t } = useTranslation();
  const [adding, setAdding] = useState(false);
  const [all, setAll] = useState(false);
  const failures = all ? cause.failures : cause.failures.slice(0, failuresAtOnce);
  return (
    <Paper withBorder p="sm" radius="sm">
      <Group align="flex-start" justify="space-between" gap="md">
        <Group align="flex-start" gap="sm" wrap="nowrap" flex="1 1 320px" miw={0}>
          <Badge circle color="red" variant="light" className="tabular" aria-hidden style={{ flex: "none" }}>
            {number}
          </Badge>
          <div style={{ minWidth: 0 }}>
            <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
              {cause.problem}
            </Text>
            <Text size="xs" c="dimmed">
              {t("logs.failures", { count: cause.count })}
            </Text>
            <Stack component="ul" gap={2} m={0} mt={6} pl="md">
              {failures.map((f, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a component can fail twice at one place
                <Text key={i} component="li" size="sm" style={{ overflowWrap: "anywhere" }}>
                  {f.type}: {f.name}
                  <Text span size="sm" c="dimmed" className="tabular">
                    {place(f, t)}
                  </Text>
                </Text>
              ))}
            </Stack>
            {all && cause.count > cause.failures.length && (
              <Text size="sm" c="dimmed">
                {t("logs.andMore", { count: cause.count - cause.failures.length })}
              </Text>
            )}
            {cause.failures.length > failuresAtOnce && (
              <Anchor component="button" type="button" size="sm" mt={4} onClick={() => setAll(!all)}>
                {all ? t("logs.fewer") : t("logs.more", { count: cause.count - failuresAtOnce })}
              </Anchor>
            )}
          </div>
        </Group>
        {cause.missing.length > 0 && (
          <Stack gap={4} align="flex-end">
            <Button size="xs" variant="default" onClick={() => setAdding(true)}>
              {t("attempt.add.button")}
            </Button>
            <Text size="xs" c="dimmed" ta="right" maw={260} style={{ overflowWrap: "anywhere" }}>
              {cause.missing
                .slice(0, 3)
                .map((c) => `${c.type}: ${c.name}`)
                .join(", ")}
              {cause.missing.length > 3 && ` ${t("logs.andMore", { count: cause.missing.length - 3 })}`}
            </Text>
            <AddMissingDialog
              opened={adding}
              onClose={() => setAdding(false)}
              recordId={view.record.id}
              request={view.record.request}
              missing={cause.missing}
            />
          </Stack>
        )}
      </Group>
    </Paper>
  );
}

function place(f: governance.ComponentFailure, t: (key: string, o: Record<string, unknown>) => string) {
  if (f.line <= 0) return "";
  return ` · ${t(f.column > 0 ? "logs.lineColumn" : "logs.line", { line: f.line, column: f.column })}`;
}
