import { Box, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { incomingDrafts } from "@/api/exchange";
import { DropOverlay } from "@/components/DropOverlay";
import { PageHeader } from "@/components/PageHeader";
import { PartTabs } from "@/components/PartTabs";
import { usePageActions } from "@/components/page-actions";
import { useTranslation } from "@/i18n/use-translation";
import { Drafts } from "./Drafts";
import { Evidence } from "./Evidence";
import { Receive } from "./Receive";
import { Send } from "./Send";
import { usePicking } from "./use-picked";

/** Files for colleagues and auditors, and files from them. Nothing of this goes over a server. */
export function ExchangePage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const drafts = useQuery(incomingDrafts()).data?.length;
  const { pick, drop } = usePicking();
  const go = (tab: string) => () => void navigate({ to: "/exchange", search: { tab } });
  usePageActions(t("exchange.title"), [
    { id: "send", run: go("send") },
    { id: "open-file", busy: pick.isPending, run: () => pick.mutate() },
    { id: "evidence", run: go("evidence") },
  ]);
  return (
    <Box px="lg" py="md" maw={1200}>
      <PageHeader title={t("exchange.title")} lead={t("exchange.lead")} />
      <PartTabs
        label={t("exchange.parts")}
        usual="send"
        parts={[
          { word: "send", title: t("exchange.tab.send"), panel: <Send /> },
          { word: "receive", title: t("exchange.tab.receive"), panel: <Receive /> },
          { word: "drafts", title: t("exchange.tab.drafts"), count: drafts || undefined, panel: <Drafts /> },
          { word: "evidence", title: t("exchange.tab.evidence"), panel: <Evidence /> },
        ]}
      />
      <DropOverlay
        title={t("exchange.drop.title")}
        text={t("exchange.drop.text")}
        onFiles={({ token }) => drop.mutate(token)}
      />
      {drop.isPending && (
        <Text role="status" size="sm" c="dimmed">
          {t("exchange.receive.looking")}
        </Text>
      )}
    </Box>
  );
}
