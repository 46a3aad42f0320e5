import { Alert, Box, MultiSelect, Paper, SegmentedControl, Select, Stack, Text, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCalendarTime } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { requestsAt } from "@/api/change-requests";
import { environments } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { wouldNeed } from "@/api/policies";
import { EmergencyNote } from "@/components/EmergencyNote";
import { NotRead } from "@/components/NotRead";
import { SeatsPanel } from "@/components/SeatsPanel";
import { faultTitle } from "@/components/use-act";
import { useSaid } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
import type { Draft } from "./draft";

type Props = {
  all: workspace.Policies;
  /** The policies that are being written, instead of those in force. */
  draft?: Draft;
};

/** As many as a person looks through; the others are found by typing. */
const found = 20;

/**
 * What would this request need? A Change Request is chosen, or a change described, and the policies say whom it needs
 * and why.
 */
export function Ask({ all, draft }: Props) {
  const { t } = useTranslation();
  const [type, setType] = useState<governance.ChangeType>(governance.ChangeType.Minor);
  const [types, setTypes] = useState<string[]>([]);
  const [environmentId, setEnvironment] = useState("");
  const [asked, setAsked] = useState<{ value: string; label: string }>();
  const [typed, setTyped] = useState("");
  const [text] = useDebouncedValue(typed === asked?.label ? "" : typed.trim(), 150);
  const requests = useQuery({
    ...requestsAt({ view: "", text, status: [], sort: "-updatedAt" }, 0),
    placeholderData: keepPreviousData,
  });
  const targets = useQuery(environments);
  const charter = draft && { requests: draft.requests, environments: draft.environments };
  const answer = useQuery({
    ...wouldNeed({ type, types, requestId: asked?.value ?? "", environmentId, draft: charter }),
    placeholderData: keepPreviousData,
  });
  const rows = (requests.data?.items ?? []).slice(0, found).map((row) => ({
    value: row.id,
    label: `${row.label} ${row.name}`.trim(),
  }));
  const choices = asked && !rows.some((row) => row.value === asked.value) ? [asked, ...rows] : rows;
  return (
    <Box className="columns" data-columns="5-7" data-gap="lg" maw={1280}>
      <div>
        <Paper withBorder radius="md" p="md">
          <Stack gap="md">
            <div>
              <Title order={2} fz="md">
                {t("policies.ask.title")}
              </Title>
              <Text size="sm" c="dimmed">
                {t(draft ? "policies.ask.leadDraft" : "policies.ask.lead")} {!asked && t("policies.ask.you")}
              </Text>
            </div>
            <Select
              label={t("policies.ask.ofRequest")}
              description={t("policies.ask.ofRequestWhy")}
              placeholder={t("policies.ask.noRequest")}
              nothingFoundMessage={t("policies.ask.noneFound")}
              data={choices}
              value={asked?.value ?? null}
              onChange={(id) => setAsked(choices.find((row) => row.value === id))}
              searchValue={typed}
              onSearchChange={setTyped}
              filter={({ options }) => options} // the workspace searches
              error={requests.error ? faultTitle(t, requests.error) : undefined}
              searchable
              clearable
              clearButtonProps={{ "aria-label": t("policies.ask.noRequest") }}
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
            {!asked && (
              <>
                <div>
                  <Text size="sm" fw={500} mb={4} id="ask-type">
                    {t("policies.ask.type")}
                  </Text>
                  <SegmentedControl
                    aria-labelledby="ask-type"
                    value={type}
                    onChange={(next) => setType(next as governance.ChangeType)}
                    data={all.vocabulary.types.map((one) => ({
                      value: one,
                      label: t(`changeType.${one}`, { defaultValue: one }),
                    }))}
                    transitionDuration={0}
                  />
                </div>
                <MultiSelect
                  label={t("policies.ask.types")}
                  description={t("policies.ask.typesWhy")}
                  placeholder={types.length > 0 ? undefined : t("policies.ask.pickTypes")}
                  data={all.categories
                    .filter((each) => each.types.length > 0)
                    .map((each) => ({
                      group: t(`category.${each.category}`, { defaultValue: each.category }),
                      items: each.types,
                    }))}
                  value={types}
                  onChange={setTypes}
                  searchable
                  clearable
                  hidePickedOptions
                  maxDropdownHeight={320}
                  limit={300}
                />
              </>
            )}
            <Select
              label={t("policies.ask.environment")}
              description={t("policies.ask.environmentWhy")}
              placeholder={t("policies.ask.noEnvironment")}
              data={(targets.data ?? []).map(({ environment }) => ({
                value: environment.id,
                label: environment.name,
              }))}
              value={environmentId || null}
              onChange={(next) => setEnvironment(next ?? "")}
              clearable
            />
          </Stack>
        </Paper>
      </div>
      <div>
        {answer.isPending && <Waiting rows={3} />}
        {answer.isError && <NotRead title={t("policies.ask.notAnswered")} query={answer} />}
        {answer.data && <Answer answer={answer.data} />}
      </div>
    </Box>
  );
}

function Answer({ answer }: { answer: workspace.PolicyAnswer }) {
  const { t } = useTranslation();
  const say = useSaid("policies");
  return (
    <Stack gap="md" aria-live="polite">
      <Paper withBorder radius="md" p="md" className="next-bar" role="status">
        <Text size="md" fw={600}>
          {t("policies.ask.level", {
            level: t(`level.${answer.request.level}`, { defaultValue: answer.request.level }),
          })}
        </Text>
        <Text size="sm">{say(answer.why, answer.said)}</Text>
      </Paper>
      {answer.reviewed && <EmergencyNote terms={answer.reviewed} />}
      {answer.calendar && <Calendar calendar={answer.calendar} />}
      <div className="room">
        <div className="columns" data-columns={answer.record ? "2-answers" : undefined}>
          <Seats title={t("policies.ask.request")} seats={answer.request} />
          {answer.record && <Seats title={t("policies.ask.record")} seats={answer.record} />}
        </div>
      </div>
    </Stack>
  );
}

/** When the record may be deployed, and whether it may now. */
function Calendar({ calendar }: { calendar: workspace.Calendar }) {
  const { t } = useTranslation();
  const say = useSaid("policies");
  return (
    <Alert
      color={calendar.open ? "gray" : "yellow"}
      variant="light"
      p="sm"
      icon={<IconCalendarTime aria-hidden />}
      title={t("policies.ask.calendar")}
    >
      <Text size="sm">{say(calendar.said.text, calendar.said)}</Text>
      {calendar.sentences.map((sentence) => (
        <Text key={sentence.text} size="sm">
          {say(sentence.text, sentence.said)}
        </Text>
      ))}
    </Alert>
  );
}

function Seats({ title, seats }: { title: string; seats: workspace.Seats }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={title}>
      <Title order={3} fz="md" mb="xs">
        {title}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t("policies.ask.seats", { count: seats.seats.length })}
      </Text>
      <SeatsPanel seats={seats} />
    </Paper>
  );
}
