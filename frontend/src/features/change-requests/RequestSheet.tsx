import { Alert, Anchor, Badge, Box, Card, Stack, Tabs, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconArrowsSplit } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { redoRequest, request, undoRequest } from "@/api/change-requests";
import { incomingDrafts } from "@/api/exchange";
import { governance, type workspace } from "@/api/models";
import { Checklist } from "@/components/Checklist";
import { NextBar } from "@/components/NextBar";
import { SeatsPanel } from "@/components/SeatsPanel";
import { useAct } from "@/components/use-act";
import { useSaid, useWhy } from "@/components/use-said";
import { useTitle } from "@/components/use-title";
import { useTranslation } from "@/i18n/use-translation";
import { ActivityTab } from "./ActivityTab";
import { CustomizationsTab } from "./CustomizationsTab";
import { DeploymentsTab } from "./DeploymentsTab";
import { DropZone } from "./DropZone";
import { type Draft, useDraft } from "./draft";
import { EmergencyReviews } from "./EmergencyReviews";
import { ImpactTab } from "./ImpactTab";
import { actionOf, Lifecycle, type Sign } from "./Lifecycle";
import { OverviewTab } from "./OverviewTab";
import { PrintSheet } from "./PrintSheet";
import { Places } from "./RequestLine";
import { SheetHead } from "./SheetHead";
import { SignAction } from "./SignAction";
import { StatusPath } from "./StatusPath";
import { useRequestActions } from "./use-request-actions";

const tabs = ["overview", "customizations", "impact", "deployments", "activity"] as const;

/** Tabs whose lists need the whole width. */
const wide: string[] = ["customizations", "deployments"];

type Props = { id: string; view?: workspace.RequestView; kept: Draft };

/** The page of a request. Without a view it is one that is made by its first letter. */
export function RequestSheet({ id, view, kept }: Props) {
  const { t } = useTranslation();
  const why = useWhy();
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const draft = useDraft(kept, view);
  const [sign, setSign] = useState<Sign>();
  const tab = tabs.find((word) => word === search.tab) ?? "overview";
  const goTo = (to: string, item?: string) =>
    navigate({
      to: "/change-requests/$id",
      params: { id },
      search: { ...search, tab: to, item },
      replace: true,
    });
  useTitle([view?.label, draft.fields.name].filter(Boolean).join(" ") || t("changeRequests.new"));

  useEffect(() => {
    kept.onMade = (made) =>
      void navigate({ to: "/change-requests/$id", params: { id: made }, replace: true });
    return () => {
      kept.onMade = undefined;
    };
  }, [kept, navigate]);

  const put = (answer: workspace.RequestView) =>
    client.setQueryData(request(answer.request.id).queryKey, answer);
  const undo = useAct(() => undoRequest(id), { onDone: put });
  const redo = useAct(() => redoRequest(id), { onDone: put });
  const back = async () => {
    if ((await draft.flush()) && !undo.isPending) undo.mutate();
  };
  const forth = async () => {
    if ((await draft.flush()) && !redo.isPending) redo.mutate();
  };
  const editable = view ? !view.locked : true;
  const start = async (action: governance.ActionState) => {
    if (!(await draft.flush())) return;
    // What was just saved is what is signed; the page may not have drawn it yet.
    const now = client.getQueryData(request(id).queryKey);
    const may = now ? actionOf(now, action.action) : action;
    if (may?.allowed) setSign({ action: may, digest: now?.digest ?? "" });
  };
  useRequestActions({
    id,
    view,
    name: draft.fields.name,
    kept: draft.word === "kept",
    flush: draft.flush,
    onAction: start,
    onItem: (item) => void goTo("customizations", item),
    undo: { run: back, busy: undo.isPending || redo.isPending },
    redo: { run: forth, busy: undo.isPending || redo.isPending },
  });

  const nothing = { text: "", code: "", params: {} };
  const next: workspace.NextStep = view
    ? { ...view.next, action: view.next.action || (view.next.code === "edit" ? "edit" : "") }
    : { code: "edit", action: "name", who: [], sentence: t("changeRequests.newNext"), said: nothing };

  return (
    <Box px="lg" pt="md" pb="xl" maw={1680}>
      <Box className="no-print">
        <SheetHead
          view={view}
          draft={draft}
          editable={editable}
          undoing={{ undo: back, redo: forth, pending: undo.isPending || redo.isPending }}
          onAction={start}
        />
        {view && <StatusPath view={view} />}
        <NextBar next={next}>
          {view && <Lifecycle view={view} onAction={start} onAdd={() => goTo("customizations", "add")} />}
        </NextBar>
        {view && <WaitingDrafts id={id} />}
        {view?.trouble.map((sentence, i) => (
          <Alert key={sentence} color="red" variant="light" mt="sm" icon={<IconAlertTriangle aria-hidden />}>
            {why.say(sentence, view.troubleSaid?.[i])}
          </Alert>
        ))}
        <div className="sheet">
          <Box className="sheet-columns" mt="md">
            <Box flex={1} miw={0}>
              <Tabs value={tab} onChange={(to) => to && goTo(to)} keepMounted={false}>
                <Tabs.List aria-label={t("changeRequests.parts")} mb="md">
                  {tabs.map((word) => (
                    <Tabs.Tab
                      key={word}
                      value={word}
                      disabled={!view && word !== "overview"}
                      rightSection={<Count of={word} view={view} />}
                    >
                      {t(`changeRequests.tab.${word}`)}
                    </Tabs.Tab>
                  ))}
                </Tabs.List>
                <Tabs.Panel value="overview">
                  <OverviewTab view={view} draft={draft} editable={editable} />
                </Tabs.Panel>
                {view && (
                  <>
                    <Tabs.Panel value="customizations">
                      <CustomizationsTab view={view} editable={editable} />
                    </Tabs.Panel>
                    <Tabs.Panel value="impact">
                      <ImpactTab view={view} editable={editable} />
                    </Tabs.Panel>
                    <Tabs.Panel value="deployments">
                      <DeploymentsTab view={view} />
                    </Tabs.Panel>
                    <Tabs.Panel value="activity">
                      <ActivityTab view={view} />
                    </Tabs.Panel>
                  </>
                )}
              </Tabs>
            </Box>
            {view && !wide.includes(tab) && <Side view={view} />}
          </Box>
        </div>
        {view && editable && <DropZone id={id} />}
        {view && (
          <SignAction view={view} sign={sign} onClose={() => setSign(undefined)} name={draft.fields.name} />
        )}
      </Box>
      {view && <PrintSheet view={view} flush={draft.flush} />}
    </Box>
  );
}

/** Others edited the same draft: it says so where one edits. */
function WaitingDrafts({ id }: { id: string }) {
  const { t } = useTranslation();
  const count = useQuery(incomingDrafts(id)).data?.length ?? 0;
  if (count === 0) return null;
  return (
    <Alert color="yellow" variant="light" mt="sm" icon={<IconArrowsSplit aria-hidden />} role="status">
      {t("exchange.drafts.waiting", { count })}{" "}
      <Anchor
        inherit
        underline="always"
        component={Link}
        to="/exchange"
        search={{ tab: "drafts", request: id } as never}
      >
        {t("exchange.drafts.compare")}
      </Anchor>
    </Alert>
  );
}

function Count({ of, view }: { of: (typeof tabs)[number]; view?: workspace.RequestView }) {
  const count = of === "customizations" ? view?.count : of === "deployments" ? view?.records.length : 0;
  if (!count) return null;
  return (
    <Badge size="sm" variant="light" color="gray" className="tabular">
      {count}
    </Badge>
  );
}

/** Who approves and why they, and what stands in the way. */
function Side({ view }: { view: workspace.RequestView }) {
  const { t } = useTranslation();
  const say = useSaid("changeRequests"); // its words are `changeRequests.said.${code}` and `changeRequests.word.${value}`
  const level = view.seats.level;
  const { Rejected, Cancelled } = governance.Status;
  const over = view.request.status === Rejected || view.request.status === Cancelled; // nobody is waited for any more
  const seats = over ? view.seats.seats.filter((seat) => seat.member) : view.seats.seats;
  return (
    <Stack
      component="aside"
      aria-label={t("changeRequests.side")}
      gap="md"
      className="sheet-side"
      flex="none"
    >
      <Card withBorder radius="md" p="md">
        <Title order={2} fz="sm" mb={level ? 2 : "xs"}>
          {t(view.seats.expected ? "changeRequests.seatsExpected" : "changeRequests.seats")}
        </Title>
        {level && (
          <Text size="xs" c="dimmed" mb="xs">
            {t("changeRequests.level", { level: t(`level.${level}`, { defaultValue: level }) })}
          </Text>
        )}
        <SeatsPanel seats={{ ...view.seats, seats, rule: say(view.seats.rule, view.seats.said) }} />
      </Card>
      <EmergencyReviews view={view} />
      {view.checks.length > 0 && (
        <Card withBorder radius="md" p="md">
          <Title order={2} fz="sm" mb="xs">
            {t(view.checks.every((check) => check.ok) ? "changeRequests.gateClear" : "changeRequests.gate")}
          </Title>
          <Checklist checks={view.checks} />
        </Card>
      )}
      {view.places.length > 0 && (
        <Card withBorder radius="md" p="md">
          <Title order={2} fz="sm" mb="xs">
            {t("changeRequests.column.deployed")}
          </Title>
          <Places places={view.places} most={6} wrap />
        </Card>
      )}
    </Stack>
  );
}
