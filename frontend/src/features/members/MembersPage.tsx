import { Anchor, Box, Button, Group, Menu, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconKey, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { invite, makeKit, members, restoreKey, saveKey } from "@/api/members";
import { workspace } from "@/api/models";
import { NotRead } from "@/components/NotRead";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { useAct } from "@/components/use-act";
import { useWhy } from "@/components/use-said";
import { Waiting as WaitingRows } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { WhyItem } from "@/components/WhyItem";
import { useTranslation } from "@/i18n/use-translation";
import { ChangeDialog, rosterChange } from "./ChangeDialog";
import { MemberCard } from "./MemberCard";
import { OwnKey } from "./OwnKey";
import { PassphraseDialog } from "./PassphraseDialog";
import { Pending } from "./Pending";
import { ThresholdDialog } from "./ThresholdDialog";
import { Waiting } from "./Waiting";

/** Who works in this workspace, with which keys, and how that changes. */
export function MembersPage(): ReactNode {
  const { t } = useTranslation();
  const all = useQuery(members);
  const fault = all.error && (
    <Box px="lg" py="md">
      <NotRead alone={!all.data} title={t("members.notRead")} query={all} />
    </Box>
  );
  if (!all.data) return fault || <WaitingRows />;
  return (
    <>
      {fault}
      <Known all={all.data} />
    </>
  );
}

type Asked = "invite" | "save" | "restore" | "kit" | "team" | "threshold";

function Known({ all }: { all: workspace.Members }) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [asked, setAsked] = useState<Asked>();
  const [newKey, setNewKey] = useState(false);
  const close = () => setAsked(undefined);
  const me = all.members.find((m) => m.me);
  const others = all.members.filter((m) => m.live && !m.me && !m.recovery).length;
  const why = (offer: workspace.Offer) => (offer.allowed ? "" : say(offer.why, offer.whySaid));
  usePageActions(t("members.title"), [
    { id: "invite", why: why(all.invite), run: () => setAsked("invite") },
    { id: "make-team", why: why(all.team), run: () => setAsked("team") },
    { id: "new-key", why: why(all.newKey), run: () => setNewKey(true) },
    { id: "save-key", why: why(all.saveKey), run: () => setAsked("save") },
    { id: "restore-key", why: why(all.restore), run: () => setAsked("restore") },
    { id: "make-kit", why: why(all.kit), run: () => setAsked("kit") },
  ]);
  const item = (offer: workspace.Offer, word: string, run: () => void) => (
    <WhyItem allowed={offer.allowed} why={why(offer)} onClick={run}>
      {t(`members.${word}`)}
    </WhyItem>
  );
  return (
    <Box px="lg" py="md">
      <PageHeader
        title={t("members.title")}
        lead={t(all.solo ? "members.leadSolo" : all.owners === 1 ? "members.leadOne" : "members.lead", {
          count: all.needed,
          owners: all.owners,
        })}
        aside={
          <Group gap="xs" flex="none">
            <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
              <Menu.Target>
                <Button
                  variant="default"
                  leftSection={<IconKey size={16} aria-hidden />}
                  rightSection={<IconChevronDown size={14} aria-hidden />}
                >
                  {t("members.keys")}
                </Button>
              </Menu.Target>
              <Menu.Dropdown maw={340}>
                {item(all.newKey, "newKey", () => setNewKey(true))}
                {item(all.saveKey, "saveKey", () => setAsked("save"))}
                {item(all.restore, "restoreKey", () => setAsked("restore"))}
                {item(all.kit, "makeKit", () => setAsked("kit"))}
              </Menu.Dropdown>
            </Menu>
            {all.solo ? (
              <WhyButton allowed={all.team.allowed} why={why(all.team)} onClick={() => setAsked("team")}>
                {t("members.makeTeam")}
              </WhyButton>
            ) : all.own && !me ? null : (
              <WhyButton
                variant={all.waiting.length + all.pending.length > 0 || all.own ? "default" : "filled"}
                leftSection={<IconUserPlus size={16} aria-hidden />}
                allowed={all.invite.allowed}
                why={why(all.invite)}
                onClick={() => setAsked("invite")}
              >
                {t("members.invite")}
              </WhyButton>
            )}
          </Group>
        }
      />
      <Group gap="xs" mt={-12} mb="md">
        {!all.propose.allowed && me && (
          <Text size="sm" c="dimmed">
            {why(all.propose)}
          </Text>
        )}
        {all.propose.allowed && all.owners > 1 && (
          <Button size="compact-sm" variant="subtle" onClick={() => setAsked("threshold")}>
            {t("members.threshold")}
          </Button>
        )}
        {me && !all.demo && others > 0 && (
          <Text size="sm" c="dimmed">
            {t("members.tell")}{" "}
            <Anchor
              inherit
              underline="always"
              renderRoot={(props) => (
                <Link {...props} to="/exchange" search={{ tab: "send", kind: "charter" }} />
              )}
            >
              {t("members.tellSend")}
            </Anchor>
          </Text>
        )}
      </Group>
      <OwnKey
        all={all}
        wanted={newKey}
        onInvite={() => setAsked("invite")}
        onRestore={() => setAsked("restore")}
      />
      <Waiting all={all} />
      <Pending all={all} />
      <Stack gap="md">
        {all.members.map((member) => (
          <MemberCard key={member.person.id} all={all} member={member} />
        ))}
      </Stack>
      <Files all={all} asked={asked} onClose={close} />
      {asked === "threshold" && <ThresholdDialog all={all} onClose={close} />}
      <ChangeDialog
        opened={asked === "team"}
        onClose={close}
        title={t("members.makeTeam")}
        subject={all.name}
        change={rosterChange({ kind: workspace.RosterKind.Team })}
      >
        <Text size="sm">{t("members.makeTeamWhat")}</Text>
      </ChangeDialog>
    </Box>
  );
}

/** What goes to a file or comes from one. */
function Files({ all, asked, onClose }: { all: workspace.Members; asked?: Asked; onClose: () => void }) {
  const { t } = useTranslation();
  const saved = { onDone: onClose, done: (name: string) => (name ? t("members.saved", { name }) : "") };
  const inviting = useAct(invite, saved);
  const saving = useAct(saveKey, saved);
  const restoring = useAct(restoreKey, { onDone: onClose });
  const kit = useAct(makeKit, { onDone: onClose });
  const answers = all.own?.asked;
  return (
    <>
      <PassphraseDialog
        opened={asked === "invite"}
        onClose={onClose}
        title={t(answers ? "members.saveAnswer" : "members.invite")}
        text={t(answers ? "members.answerWhat" : "members.inviteWhat")}
        button={t("members.saveFile")}
        fresh
        optional
        pending={inviting.isPending}
        onDone={inviting.mutate}
      />
      <PassphraseDialog
        opened={asked === "save"}
        onClose={onClose}
        title={t("members.saveKey")}
        text={t("members.saveKeyWhat")}
        button={t("members.saveFile")}
        fresh
        pending={saving.isPending}
        onDone={saving.mutate}
      />
      <PassphraseDialog
        opened={asked === "kit"}
        onClose={onClose}
        title={t("members.makeKit")}
        text={t("members.makeKitWhat")}
        button={t("members.saveFile")}
        fresh
        pending={kit.isPending}
        onDone={kit.mutate}
      />
      <PassphraseDialog
        opened={asked === "restore"}
        onClose={onClose}
        title={t("members.restoreKey")}
        text={t("members.restoreKeyWhat")}
        button={t("members.chooseFile")}
        pending={restoring.isPending}
        onDone={restoring.mutate}
      />
    </>
  );
}
