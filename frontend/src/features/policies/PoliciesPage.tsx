import { Alert, Box, Tabs, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { workspace } from "@/api/models";
import { policies } from "@/api/policies";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { useWhy } from "@/components/use-said";
import { Waiting } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { Ask } from "./Ask";
import { Editor } from "./Editor";
import { InForce } from "./InForce";
import { Pending } from "./Pending";
import { Versions } from "./Versions";

/** The rules of this workspace: who has to approve what, in sentences; and how they are changed. */
export function PoliciesPage(): ReactNode {
  const { t } = useTranslation();
  const all = useQuery(policies);
  const fault = all.error && (
    <Box px="lg" py="md">
      <NotRead alone={!all.data} title={t("policies.notRead")} query={all} />
    </Box>
  );
  if (!all.data) return fault || <Waiting />;
  return (
    <>
      {fault}
      <Known all={all.data} />
    </>
  );
}

const tabs = ["inForce", "ask", "versions"];

function Known({ all }: { all: workspace.Policies }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const { tab: asked = "", view } = useSearch({ strict: false });
  const tab = tabs.includes(asked) ? asked : "inForce";
  const navigate = useNavigate();
  const show = (to: string | null) => navigate({ to: "/policies", search: { tab: to ?? undefined } });
  const edit = (on: boolean) => navigate({ to: "/policies", search: { tab, view: on ? "edit" : undefined } });
  const why = !all.canPropose && all.why ? say(all.why, all.whySaid) : "";
  usePageActions(t("policies.title"), [{ id: "propose-policies", why, run: () => edit(true) }]);
  if (view === "edit" && all.canPropose) return <Editor all={all} onClose={() => edit(false)} />;
  const toSign = all.pending.some((change) => change.canSign);
  return (
    <Box px="lg" py="md">
      <PageHeader
        title={t("policies.title")}
        lead={t(all.solo ? "policies.leadSolo" : "policies.lead", {
          version: all.version,
          count: all.owners,
        })}
        aside={
          <WhyButton
            variant={toSign ? "default" : "filled"}
            leftSection={<IconPencil size={16} aria-hidden />}
            allowed={all.canPropose}
            why={why}
            said="policies-why"
            onClick={() => edit(true)}
            flex="none"
          >
            {t("policies.propose")}
          </WhyButton>
        }
      />
      {why && (
        <Text id="policies-why" size="sm" c="dimmed" mt={-12} mb="md">
          {why}
        </Text>
      )}
      {view === "edit" && (
        <Alert color="yellow" variant="light" mb="md">
          {t("policies.cannotEdit")}
        </Alert>
      )}
      <Pending all={all} />
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="inForce">{t("policies.tab.inForce")}</Tabs.Tab>
          <Tabs.Tab value="ask">{t("policies.tab.ask")}</Tabs.Tab>
          <Tabs.Tab
            value="versions"
            rightSection={
              <Text span size="xs" className="tabular">
                {all.versions.length}
              </Text>
            }
          >
            {t("policies.tab.versions")}
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="inForce" pt="md">
          <InForce all={all} />
        </Tabs.Panel>
        <Tabs.Panel value="ask" pt="md">
          <Ask all={all} />
        </Tabs.Panel>
        <Tabs.Panel value="versions" pt="md">
          <Versions all={all} />
        </Tabs.Panel>
      </Tabs>
    </Box>
  );
}
