import { Box, Button, Group, List, Radio, Select, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconCertificate, IconFolderOpen } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { request as oneRequest, requestsAt } from "@/api/change-requests";
import { environments } from "@/api/environments";
import { writeEvidence } from "@/api/exchange";
import { useAct } from "@/components/use-act";
import { useWaited } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { askedFor, type Period, periods } from "./periods";
import { Saved, useHeld } from "./Saved";
import { usePicking } from "./use-picked";

const kinds = ["change", "period"] as const;

/** A file for an auditor: of one change, or of all that happened in a period. */
export function Evidence() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const id = search.request?.includes(",") ? "" : (search.request ?? "");
  const kind = kinds.find((word) => word === search.kind) ?? (id ? "change" : "period");
  const held = useHeld();
  const [period, setPeriod] = useState<Period>(() => periods(new Date()).thisMonth);
  const [environment, setEnvironment] = useState("");
  const write = useAct(writeEvidence, { key: ["write-evidence"] });
  const put = (part: { kind?: string; request?: string }) => {
    write.reset();
    void navigate({ to: ".", replace: true, search: (old) => ({ ...old, ...part }) });
  };
  const query = kind === "change" ? (id ? askedFor(id) : undefined) : askedFor("", period, environment);
  const why = query
    ? ""
    : t(kind === "change" ? "exchange.evidence.chooseFirst" : "exchange.evidence.badPeriod");
  const made = write.data;
  return (
    <Stack gap="lg">
      <Text size="md" maw={736}>
        {t("exchange.evidence.means")}
      </Text>
      <Radio.Group label={t("exchange.evidence.of")} value={kind} onChange={(to) => put({ kind: to })}>
        <Group mt="xs" gap="lg">
          {kinds.map((word) => (
            <Radio key={word} value={word} label={t(`exchange.evidence.kind.${word}`)} />
          ))}
        </Group>
      </Radio.Group>
      {kind === "change" ? (
        <RequestSelect id={id} onChange={(to) => put({ request: to || undefined })} />
      ) : (
        <>
          <PeriodFields
            period={period}
            onChange={(to) => {
              write.reset();
              setPeriod(to);
            }}
          />
          <EnvironmentSelect
            id={environment}
            onChange={(to) => {
              write.reset();
              setEnvironment(to);
            }}
          />
        </>
      )}
      <Box>
        <Group gap="sm">
          <WhyButton
            allowed={why === ""}
            why={why}
            said={why ? "evidence-why" : undefined}
            loading={write.isPending}
            leftSection={<IconCertificate size={16} aria-hidden />}
            onClick={() => query && write.mutate(query)}
          >
            {t("exchange.evidence.write")}
          </WhyButton>
          {why && (
            <Text id="evidence-why" size="sm" c="dimmed">
              {why}
            </Text>
          )}
          {write.isPending && <Under />}
        </Group>
        {made?.name && (
          <Saved file={made} title={t("exchange.evidence.done")} sum={made.evidence.sha256}>
            {t("exchange.evidence.holds", {
              list: held({
                changes: made.evidence.changes,
                deployments: made.evidence.deployments,
                entries: made.evidence.entries,
              }),
            })}{" "}
            {made.evidence.findings.length > 0
              ? t("exchange.evidence.findings", { count: made.evidence.findings.length })
              : t("exchange.evidence.verified")}
          </Saved>
        )}
      </Box>
      <Proves />
      <VerifyFile />
    </Stack>
  );
}

function Under() {
  const { t } = useTranslation();
  const seconds = useWaited();
  return (
    <Text size="sm" c="dimmed" role="status">
      {seconds === undefined ? t("exchange.evidence.under") : t("exchange.evidence.underFor", { seconds })}
    </Text>
  );
}

function RequestSelect({ id, onChange }: { id: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const chosen = useQuery({ ...oneRequest(id), enabled: id !== "" }).data;
  const name = chosen ? `${chosen.label} ${chosen.request.name}` : "";
  const wanted = text === name ? "" : text;
  const rows =
    useQuery(requestsAt({ view: "", text: wanted, status: [], sort: "-updatedAt" }, 0)).data?.items ?? [];
  const data = rows.map((row) => ({ value: row.id, label: `${row.label} ${row.name}` }));
  if (id && name && !data.some((row) => row.value === id)) data.unshift({ value: id, label: name });
  return (
    <Select
      label={t("exchange.evidence.request")}
      placeholder={t("exchange.choose.search")}
      maw={560}
      data={data}
      value={id || null}
      onChange={(to) => onChange(to ?? "")}
      onSearchChange={setText}
      searchable
      clearable
      clearButtonProps={{ "aria-label": t("exchange.choose.none") }}
      limit={100}
      nothingFoundMessage={t("exchange.choose.notFound")}
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  );
}

function PeriodFields({ period, onChange }: { period: Period; onChange: (period: Period) => void }) {
  const { t } = useTranslation();
  return (
    <Box>
      <Group gap="sm" align="flex-end">
        {(["from", "to"] as const).map((end) => (
          <TextInput
            key={end}
            type="date"
            placeholder="2026-01-31" // where the engine has no field for dates
            w={170}
            label={t(`exchange.evidence.${end}`)}
            value={period[end]}
            onChange={(e) => onChange({ ...period, [end]: e.currentTarget.value })}
          />
        ))}
        {Object.entries(periods(new Date())).map(([word, known]) => (
          <Button key={word} variant="default" onClick={() => onChange(known)}>
            {t(`exchange.evidence.period.${word}`)}
          </Button>
        ))}
      </Group>
      <Text size="xs" c="dimmed" mt={6}>
        {t("exchange.evidence.periodMeans")}
      </Text>
    </Box>
  );
}

/** One environment, or all of them: which have an organisation, the backend says when it is asked. */
function EnvironmentSelect({ id, onChange }: { id: string; onChange: (id: string) => void }) {
  const { t } = useTranslation();
  const all = useQuery(environments).data ?? [];
  return (
    <Select
      label={t("exchange.evidence.environment")}
      description={t("exchange.evidence.environmentMeans")}
      maw={560}
      data={[
        { value: "", label: t("exchange.evidence.everyEnvironment") },
        ...all.map(({ environment }) => ({ value: environment.id, label: environment.name })),
      ]}
      value={id}
      onChange={(to) => onChange(to ?? "")}
      allowDeselect={false}
      comboboxProps={{ transitionProps: { duration: 0 } }}
    />
  );
}

/** What an auditor gets, before it is written. */
function Proves() {
  const { t } = useTranslation();
  return (
    <section>
      <Title order={2} fz="md" mb={6}>
        {t("exchange.evidence.proves")}
      </Title>
      <List size="sm" spacing={4} maw={736}>
        {(["page", "acts", "offline", "not"] as const).map((word) => (
          <List.Item key={word}>{t(`exchange.evidence.proof.${word}`)}</List.Item>
        ))}
      </List>
    </section>
  );
}

function VerifyFile() {
  const { t } = useTranslation();
  const { pick } = usePicking("verify");
  return (
    <section>
      <Title order={2} fz="md" mb={6}>
        {t("exchange.verify.title")}
      </Title>
      <Text size="sm" mb="xs" maw={736}>
        {t("exchange.verify.means")}
      </Text>
      <Button
        variant="default"
        leftSection={<IconFolderOpen size={16} aria-hidden />}
        onClick={() => pick.mutate()}
        loading={pick.isPending}
      >
        {t("exchange.verify.pick")}
      </Button>
    </section>
  );
}
