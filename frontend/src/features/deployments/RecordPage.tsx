import { Alert, Box, Button, List, Stack, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useRouter, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { record } from "@/api/deployment-records";
import { Fault } from "@/api/fault";
import { runs, works } from "@/api/home";
import type { workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { NextBar } from "@/components/NextBar";
import { usePageKeys } from "@/components/use-page-keys";
import { useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { ActivityTab } from "./ActivityTab";
import { CustomizationsTab } from "./CustomizationsTab";
import { DetailsTab } from "./DetailsTab";
import { LogsTab } from "./LogsTab";
import { Questions } from "./Questions";
import { RecordHeader } from "./RecordHeader";
import { Steps } from "./Steps";
import { stepButton, useRecordActs } from "./use-record-acts";
import { useRecordPageActions } from "./use-record-page-actions";

/** Events tell what changed. Only if none came for so long while something runs, the page asks by itself. */
const silenceInMilliseconds = 5000;

const tabs = ["steps", "customizations", "details", "logs", "activity"] as const;

/** One Deployment Record: where it stands, the one thing that comes next, and its eight steps. */
export function RecordPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const view = useQuery({
    ...record(id),
    refetchInterval: (q) =>
      q.state.data?.steps.some((s) => s.state === "running") ? silenceInMilliseconds : false,
  });
  if (view.isError && !view.data)
    return (
      <Box p="lg" maw={760}>
        <FaultAlert
          alone
          title={t("deployments.notRead")}
          fault={Fault.from(view.error)}
          onRetry={() => view.refetch()}
          retrying={view.isFetching}
        />
      </Box>
    );
  if (!view.data)
    return (
      <Waiting label={t("common.loading")} labelFor={(seconds) => t("common.loadingFor", { seconds })} />
    );
  return <Record key={id} view={view.data} />;
}

function Record({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const why = useWhy();
  const navigate = useNavigate();
  const router = useRouter();
  const search = useSearch({ strict: false });
  const acts = useRecordActs(view);
  const running = useQuery(works).data?.filter((w) => w.subject === view.record.id && runs(w)) ?? [];
  const tab = tabs.find((word) => word === search.tab) ?? "steps";
  usePageKeys([["Escape", () => router.history.back()]]);
  useRecordPageActions(acts);
  const next = stepButton(view.next.action, acts);
  const counts: Partial<Record<(typeof tabs)[number], number>> = {
    customizations: view.count,
    logs: view.logs.length,
  };
  return (
    <Box
      className={view.production ? "production-edge" : undefined}
      mih="calc(100dvh - var(--app-shell-header-height, 48px) - var(--app-shell-footer-height, 26px))"
    >
      <Stack gap="md" px="lg" py="md" maw={1680}>
        <RecordHeader view={view} acts={acts} />
        <NextBar next={view.next}>
          {next && (
            <Button
              onClick={next.press}
              loading={next.pending}
              color={view.production && view.next.action === "deploy" ? "red.9" : undefined}
            >
              {t(next.word)}
            </Button>
          )}
        </NextBar>
        {view.trouble.length > 0 && (
          <Alert color="red" variant="light" title={t("deployments.trouble")}>
            <List size="sm">
              {view.trouble.map((sentence, i) => (
                <List.Item key={sentence}>{why.say(sentence, view.troubleSaid?.[i])}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Tabs
          value={tab}
          keepMounted={false}
          onChange={(to) =>
            void navigate({
              to: ".",
              replace: true,
              search: (old) => ({ ...old, tab: to === "steps" ? undefined : (to ?? undefined) }),
            })
          }
        >
          <Tabs.List aria-label={t("deployments.parts")}>
            {tabs.map((word) => (
              <Tabs.Tab key={word} value={word}>
                {t(`deployments.tab.${word}`)}{" "}
                {counts[word] !== undefined && (
                  <Text span size="sm" c="dimmed" className="tabular" ml={6}>
                    {counts[word]}
                  </Text>
                )}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Tabs.Panel value="steps" pt="md">
            <Steps acts={acts} running={running} />
          </Tabs.Panel>
          <Tabs.Panel value="customizations" pt="md">
            <CustomizationsTab view={view} />
          </Tabs.Panel>
          <Tabs.Panel value="details" pt="md">
            <DetailsTab view={view} />
          </Tabs.Panel>
          <Tabs.Panel value="logs" pt="md">
            <LogsTab view={view} />
          </Tabs.Panel>
          <Tabs.Panel value="activity" pt="md">
            <ActivityTab id={view.record.id} />
          </Tabs.Panel>
        </Tabs>
      </Stack>
      <Questions acts={acts} />
    </Box>
  );
}
