import {
  Autocomplete,
  Box,
  Button,
  Group,
  List,
  SegmentedControl,
  Stack,
  Text,
  Textarea,
  ThemeIcon,
} from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { addCustomizations, namesChecked } from "@/api/change-requests";
import { inventorySummary } from "@/api/environments";
import { Fault } from "@/api/fault";
import { governance, type workspace } from "@/api/models";
import { Dialog } from "@/components/Dialog";
import { keysOf } from "@/components/keys";
import { faultTitle, useAct } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";
import { useAnswer } from "./Files";

type Props = { view: workspace.RequestView; opened: boolean; onClose: () => void };

const { Change } = governance;

/** The types that are proposed most; any other can be typed. */
const usualTypes = [
  "ApexClass",
  "ApexTrigger",
  "ApprovalProcess",
  "AssignmentRule",
  "CustomApplication",
  "CustomField",
  "CustomLabel",
  "CustomMetadata",
  "CustomObject",
  "CustomPermission",
  "CustomTab",
  "Dashboard",
  "EmailTemplate",
  "FieldSet",
  "FlexiPage",
  "Flow",
  "GlobalValueSet",
  "Layout",
  "LightningComponentBundle",
  "ListView",
  "NamedCredential",
  "PermissionSet",
  "PermissionSetGroup",
  "Profile",
  "QuickAction",
  "RecordType",
  "RemoteSiteSetting",
  "Report",
  "Role",
  "SharingCriteriaRule",
  "StaticResource",
  "ValidationRule",
  "WorkflowRule",
];

/** Customizations that do not exist yet are named by type and API name; each name is checked as it is typed. */
export function ProposeDialog(p: Props) {
  const { t } = useTranslation();
  return (
    <Dialog opened={p.opened} onClose={p.onClose} title={t("changeRequests.propose.title")}>
      {p.opened && <Body {...p} />}
    </Dialog>
  );
}

function Body({ view, onClose }: Props) {
  const { t } = useTranslation();
  const [type, setType] = useState("CustomField");
  const [text, setText] = useState("");
  const [change, setChange] = useState<string>(Change.Add);
  const known = useQuery({
    ...inventorySummary(view.inventory.environmentId),
    enabled: view.inventory.environmentId !== "",
  }).data;
  const types = [...new Set([...usualTypes, ...(known?.types ?? []).map((one) => one.type)])].sort();
  const names = [...new Set(text.split("\n").map((line) => line.trim()))].filter(Boolean);
  const wanted = names.map((name) => ({ type: type.trim(), name, action: change as governance.Change }));
  // Without a name yet, one is asked for all the same: the answer carries the example.
  const [asked] = useDebouncedValue(
    wanted.length ? wanted : [{ type: type.trim(), name: "", action: Change.Add }],
    200,
  );
  const checks = useQuery(namesChecked(asked));
  const checked = checks.data ?? [];
  const current =
    names.length > 0 && names.every((name) => checked.some((c) => c.name === name && c.type === type.trim()));
  const bad = checked.filter((c) => c.name !== "" && !c.ok);
  const ready = current && bad.length === 0;
  const answer = useAnswer();
  const add = useAct(() => addCustomizations(view.request.id, wanted), {
    onDone: (made) => {
      answer(made);
      onClose();
    },
    done: () => t("changeRequests.picker.added", { count: wanted.length }),
  });
  const send = () => ready && !add.isPending && add.mutate();
  const example = checked.find((c) => c.type === type.trim())?.example;
  return (
    <Stack gap="md" onKeyDown={(e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && send()}>
      <Text size="sm" c="dimmed">
        {t("changeRequests.propose.lead")}
      </Text>
      <Autocomplete
        label={t("changeRequests.propose.type")}
        data={types}
        value={type}
        onChange={setType}
        limit={60}
        maxDropdownHeight={260}
        comboboxProps={{ transitionProps: { duration: 0 } }}
        spellCheck={false}
      />
      <Textarea
        data-autofocus
        label={t("changeRequests.propose.names")}
        description={
          example ? t("changeRequests.propose.example", { example }) : t("changeRequests.propose.namesHint")
        }
        autosize
        minRows={3}
        maxRows={10}
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      {names.length > 0 && checked.length > 0 && (
        <List listStyleType="none" spacing={4} aria-live="polite" mah={180} style={{ overflow: "auto" }}>
          {checked
            .filter((c) => names.includes(c.name))
            .map((c) => (
              <List.Item
                key={c.name}
                icon={
                  <ThemeIcon size={18} radius="xl" variant="light" color={c.ok ? "green" : "red"}>
                    {c.ok ? (
                      <IconCheck size={12} aria-label={t("check.holds")} />
                    ) : (
                      <IconX size={12} aria-label={t("check.missing")} />
                    )}
                  </ThemeIcon>
                }
              >
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {c.name}
                  {c.problem && (
                    <Text span size="sm" c="var(--mantine-color-error)">
                      {" "}
                      – {c.problem}
                    </Text>
                  )}
                </Text>
              </List.Item>
            ))}
        </List>
      )}
      {checks.error && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {faultTitle(t, Fault.from(checks.error))}
        </Text>
      )}
      <Box>
        <Text size="sm" fw={500} mb={4}>
          {t("changeRequests.propose.change")}
        </Text>
        <SegmentedControl
          size="xs"
          transitionDuration={0}
          aria-label={t("changeRequests.propose.change")}
          value={change}
          onChange={setChange}
          data={[Change.Add, Change.Change, Change.Delete].map((value) => ({
            value,
            label: t(`change.${value}`),
          }))}
        />
      </Box>
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {t("changeRequests.ctrlEnter", { keys: keysOf("mod+Enter") })}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("common.cancel")}
          </Button>
          <Button onClick={send} disabled={!ready} loading={add.isPending}>
            {t("changeRequests.propose.add", { count: names.length })}
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
