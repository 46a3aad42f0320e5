import { Button, Code, Group, Table, Text } from "@mantine/core";
import { IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { about } from "@/api/settings";
import { CopyText } from "@/components/CopyText";
import { NotRead } from "@/components/NotRead";
import { useWorkspace } from "@/components/use-workspace";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import { Section } from "./Section";

/** Version and licence, and how anyone verifies this workspace without the window. */
export function About() {
  const { t } = useTranslation();
  const known = useQuery(about);
  const { state } = useWorkspace();
  const command = `countersign verify --data ${quoted(state?.folder ?? "DIR")}`;
  return (
    <Section title={t("settings.about")} lead={t("settings.aboutWhy")}>
      {known.isPending && <Waiting rows={2} />}
      {known.isError && <NotRead title={t("settings.aboutNotRead")} query={known} />}
      {known.data && (
        <Table variant="vertical" withTableBorder fz="sm" verticalSpacing={6} layout="fixed">
          <Table.Tbody>
            <Row label={t("settings.version")} value={known.data.version} />
            <Row label={t("settings.license")} value={known.data.license} />
            <Row label={t("settings.system")} value={known.data.system} />
            <Row label="SQLite" value={known.data.sqlite} />
            <Row label={t("settings.data")} value={known.data.data} />
          </Table.Tbody>
        </Table>
      )}
      <div style={{ width: "100%" }}>
        <Text size="sm" fw={550}>
          {t("settings.verify")}
        </Text>
        <Text size="sm" c="dimmed" mb={6}>
          {t("settings.verifyWhy")}
        </Text>
        <Group gap="xs" align="flex-start" wrap="nowrap">
          <Code block flex={1} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
            {command}
          </Code>
          <CopyText value={command}>
            {({ copied, copy }) => (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconCopy size={14} aria-hidden />}
                onClick={copy}
                flex="none"
              >
                {copied ? t("common.copied") : t("common.copy")}
              </Button>
            )}
          </CopyText>
        </Group>
      </div>
    </Section>
  );
}

/** A path as a shell reads it as one word. */
export const quoted = (path: string) =>
  /^[\w@%+=:,./\\-]+$/.test(path) ? path : `"${path.replace(/(["$`\\])/g, "\\$1")}"`;

function Row({ label, value }: { label: string; value: string }) {
  if (!value) return null;
  return (
    <Table.Tr>
      <Table.Th w={150}>{label}</Table.Th>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
    </Table.Tr>
  );
}
