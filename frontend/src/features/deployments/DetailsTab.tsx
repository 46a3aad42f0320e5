import { Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { record, saveRecord } from "@/api/deployment-records";
import { environments } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { Person } from "@/components/Person";
import { useAct } from "@/components/use-act";
import { useFields } from "@/components/use-fields";
import { useUnsaved } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import { EnvironmentPair } from "./EnvironmentPair";
import { personLine } from "./NewRecordPage";
import { OptionsFields } from "./OptionsFields";
import { fieldsOf, levelWord } from "./options";
import { chosenOf } from "./selection";

/** Name, way, deployer and options: edited in place while it is In Progress, read afterwards. */
export function DetailsTab({ view }: { view: workspace.RecordView }) {
  return view.locked ? <Fixed view={view} /> : <Edited key={view.record.id} view={view} />;
}

function Edited({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { state } = useWorkspace();
  const all = useQuery(environments).data ?? [];
  const { fields, dirty, set, saved, reset } = useFields(fieldsOf(view, []));
  useUnsaved(dirty);
  const save = useAct(
    async (sent: workspace.RecordFields) => {
      const customizations = sent.whole ? [] : [...(await chosenOf(client, view.record.id)).values()];
      return saveRecord(view.record.id, { ...sent, customizations });
    },
    {
      onDone: (after, sent) => {
        client.setQueryData(record(after.record.id).queryKey, after);
        saved(sent);
      },
      done: (after) => t("deployments.saved", { label: after.label }),
    },
  );
  const missing = [
    !fields.name.trim() && t("deployments.need.name"),
    fields.sourceId === fields.targetId && t("deployments.need.other"),
    fields.options.testLevel === governance.TestLevel.RunSpecifiedTests &&
      fields.options.tests.length === 0 &&
      t("deployments.need.tests"),
  ].filter((why) => typeof why === "string");
  const moved = fields.sourceId !== view.record.sourceId || fields.targetId !== view.record.targetId;
  const target = all.find((e) => e.environment.id === fields.targetId);
  const ready = dirty && missing.length === 0;
  return (
    <Stack
      gap="lg"
      maw={960}
      component="form"
      onSubmit={(e: React.FormEvent) => {
        e.preventDefault();
        if (ready && !save.isPending) save.mutate(fields);
      }}
    >
      <div className="columns" data-columns="2-sm">
        <TextInput
          label={t("deployments.name")}
          description={t("deployments.nameWhy")}
          required
          maxLength={255}
          value={fields.name}
          onChange={(e) => set({ name: e.currentTarget.value })}
        />
        <Select
          label={t("deployments.deployer")}
          description={t("deployments.deployerWhy")}
          data={(state?.members ?? []).map((m) => ({ value: m.id, label: personLine(m, t) }))}
          value={fields.deployer || null}
          allowDeselect={false}
          onChange={(deployer) => deployer && set({ deployer })}
        />
      </div>
      <EnvironmentPair
        all={all}
        source={fields.sourceId}
        target={fields.targetId}
        onChange={({ source, target: to }) => set({ sourceId: source, targetId: to })}
      />
      {moved && <Text size="sm">{t("deployments.movedWhat")}</Text>}
      <OptionsFields
        options={fields.options}
        production={target?.production ?? view.production}
        onChange={(options) => set({ options })}
      />
      <Group gap="xs">
        <Button type="submit" variant="default" disabled={!ready} loading={save.isPending}>
          {t("common.save")}
        </Button>
        {dirty && (
          <Button variant="subtle" onClick={reset}>
            {t("deployments.discard")}
          </Button>
        )}
        <Text size="sm" c="dimmed" role="status">
          {missing.length > 0 ? missing.join(" ") : t(dirty ? "deployments.unsaved" : "deployments.allSaved")}
        </Text>
      </Group>
    </Stack>
  );
}

/** What is fixed, since it was submitted with it. */
function Fixed({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const { record } = view;
  const { options } = record;
  const yes = (on: boolean) => t(on ? "deployments.yes" : "deployments.no");
  const rows: [string, React.ReactNode][] = [
    [t("deployments.name"), record.name],
    [
      t("deployments.deployer"),
      view.deployer ? <Person key="p" person={view.deployer} size={18} /> : t("common.none"),
    ],
    [t("deployments.authors"), view.authors.map((p) => p.name).join(", ")],
    [
      t("deployments.source"),
      `${view.source.environment.name} (${record.sourceOrg || view.source.environment.organizationId})`,
    ],
    [
      t("deployments.target"),
      `${view.target.environment.name} (${record.targetOrg || view.target.environment.organizationId})`,
    ],
    [t("deployments.option.testLevel"), t(`deployments.testLevel.${levelWord(options.testLevel)}`)],
    ...(options.tests.length > 0
      ? ([[t("deployments.option.tests"), options.tests.join(", ")]] as [string, React.ReactNode][])
      : []),
    [t("deployments.option.rollbackOnError"), yes(options.rollbackOnError)],
    [t("deployments.option.ignoreWarnings"), yes(options.ignoreWarnings)],
    [t("deployments.option.purgeOnDelete"), yes(options.purgeOnDelete)],
    ["API", record.apiVersion],
    [t("deployments.created"), <When key="c" at={record.createdAt} />],
    [t("deployments.column.updatedAt"), <When key="u" at={record.updatedAt} />],
  ];
  return (
    <Stack gap="sm" maw={820}>
      <Text size="sm" c="dimmed">
        {t("deployments.fixed", { status: t(`status.${record.status}`, { defaultValue: record.status }) })}
      </Text>
      <dl className="facts">
        {rows.map(([label, value]) => (
          <div key={label}>
            <Text component="dt" size="sm" c="dimmed">
              {label}
            </Text>
            <Text component="dd" size="sm" m={0} style={{ overflowWrap: "anywhere" }}>
              {value || "–"}
            </Text>
          </div>
        ))}
      </dl>
    </Stack>
  );
}
