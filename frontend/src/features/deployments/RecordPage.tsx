import { Alert, Button, List } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams, useRouter } from "@tanstack/react-router";
import { record } from "@/api/deployment-records";
import { runs, works } from "@/api/home";
import type { workspace } from "@/api/models";
import { OrgPage } from "@/components/FillHeight";
import { NextBar } from "@/components/NextBar";
import { PageNotRead } from "@/components/NotRead";
import { PartTabs } from "@/components/PartTabs";
import { usePageKeys } from "@/components/use-page-keys";
import { useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";
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

/** One Deployment Record: where it stands, the one thing that comes next, and its eight steps. */
export function RecordPage() {
  const { t } = useTranslation();
  const { id = "" } = useParams({ strict: false });
  const view = useQuery({
    ...record(id),
    refetchInterval: (q) =>
      q.state.data?.steps.some((s) => s.state === "running") ? silenceInMilliseconds : false,
  });
  if (view.isError && !view.data) return <PageNotRead title={t("deployments.notRead")} query={view} />;
  if (!view.data) return <Waiting />;
  return <Record key={id} view={view.data} />;
}

function Record({ view }: { view: workspace.RecordView }) {
  const { t } = useTranslation();
  const why = useWhy();
  const router = useRouter();
  const acts = useRecordActs(view);
  const running = useQuery(works).data?.filter((w) => w.subject === view.record.id && runs(w)) ?? [];
  usePageKeys([["Escape", () => router.history.back()]]);
  useRecordPageActions(acts);
  const next = stepButton(view.next.action, acts);
  const parts = [
    { word: "steps", panel: <Steps acts={acts} running={running} /> },
    { word: "customizations", count: view.count, panel: <CustomizationsTab view={view} /> },
    { word: "details", panel: <DetailsTab view={view} /> },
    { word: "logs", count: view.logs.length, panel: <LogsTab view={view} /> },
    { word: "activity", panel: <ActivityTab id={view.record.id} /> },
  ];
  return (
    <OrgPage production={view.production}>
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
      <PartTabs
        label={t("deployments.parts")}
        usual="steps"
        parts={parts.map((part) => ({ ...part, title: t(`deployments.tab.${part.word}`) }))}
      />
      <Questions acts={acts} />
    </OrgPage>
  );
}
