import { Badge, Box, Button, Group, Menu, Paper, Radio, Select, Stack, Text, Title } from "@mantine/core";
import { IconCheck, IconChevronDown, IconKey, IconKeyOff, IconMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { keyActs } from "@/api/members";
import type { governance } from "@/api/models";
import { workspace } from "@/api/models";
import { NotRead } from "@/components/NotRead";
import { useSaid, useWhy } from "@/components/use-said";
import { When } from "@/components/When";
import { WhyItem } from "@/components/WhyItem";
import { useTranslation } from "@/i18n/use-translation";
import { ChangeDialog, rosterChange } from "./ChangeDialog";
import { Fingerprint } from "./Fingerprint";
import { RoleChoice } from "./RoleChoice";

const { RosterKind } = workspace;

type Props = { all: workspace.Members; member: workspace.MemberView };

/** One member: who it is, with which keys, and what that allows and what not. */
export function MemberCard({ all, member }: Props) {
  const { t } = useTranslation();
  const say = useSaid("members");
  const { person } = member;
  const compared = member.founder ? "founder" : member.compared ? "yes" : "no";
  return (
    <Paper withBorder radius="md" p="md" component="section" aria-label={person.name}>
      <Group justify="space-between" align="flex-start" gap="md" wrap="nowrap">
        <Box miw={0}>
          <Group gap="xs">
            <Title order={2} fz="md" style={{ overflowWrap: "anywhere" }}>
              {person.name}
            </Title>
            {member.me && (
              <Badge variant="light" color="blue" tt="none">
                {t("members.you")}
              </Badge>
            )}
            {!member.live && (
              <Badge variant="light" color="gray" tt="none">
                {t("members.left")}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {person.roles.map((role) => t(`role.${role}`)).join(", ") || t("members.noRole")}
          </Text>
        </Box>
        <Change all={all} member={member} />
      </Group>
      <div className="columns" data-columns="2-xs" data-gap="lg">
        <Stack
          component="ul"
          gap={4}
          className="plain"
          mt="sm"
          aria-label={t("members.may", { name: person.name })}
        >
          {member.may.map(({ allowed, said }) => (
            <Group component="li" key={said.code} gap="xs" wrap="nowrap" align="flex-start">
              {allowed ? (
                <IconCheck
                  size={16}
                  color="var(--mantine-color-green-text)"
                  aria-hidden
                  style={{ flex: "none", marginTop: 2 }}
                />
              ) : (
                <IconMinus size={16} aria-hidden style={{ flex: "none", marginTop: 2 }} />
              )}
              <Text size="sm" c={allowed ? undefined : "dimmed"}>
                {say(said.text, said)}
              </Text>
            </Group>
          ))}
        </Stack>
        <Stack gap="sm" mt="sm">
          <Stack
            component="ul"
            gap="sm"
            className="plain"
            aria-label={t("members.keysOf", { name: person.name })}
          >
            {member.keys.map((key) => (
              <Key key={key.public} all={all} member={member} of={key} />
            ))}
          </Stack>
          {!member.recovery && (
            <Text size="sm" c={compared === "no" ? "yellow" : "dimmed"}>
              {t(`members.byVoice.${compared}`)}
            </Text>
          )}
        </Stack>
      </div>
    </Paper>
  );
}

function Key({ all, member, of: key }: Props & { of: workspace.KeyView }) {
  const { t } = useTranslation();
  const { say: why } = useWhy();
  const say = useSaid("trail");
  const [revoking, setRevoking] = useState(false);
  return (
    <Group component="li" gap="xs" wrap="nowrap" align="flex-start">
      {key.ended ? (
        <IconKeyOff size={16} aria-hidden style={{ flex: "none", marginTop: 2 }} />
      ) : (
        <IconKey size={16} aria-hidden style={{ flex: "none", marginTop: 2 }} />
      )}
      <Box flex={1} miw={0}>
        <Text size="sm" component="div">
          <Fingerprint value={key.fingerprint} />
          {key.here && ` · ${t("members.here")}`}
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {t("members.since")} <When at={key.since} />
          {key.ended && (
            <>
              {" · "}
              {t(key.endedBy === "none" ? "members.endedWhole" : "members.ended")} <When at={key.endedAt} />
            </>
          )}
        </Text>
        {key.lastAct && (
          <Text size="xs" c="dimmed" component="div">
            {t("members.lastAct")} {say(key.lastAct.text, key.lastAct.said)} <When at={key.lastAct.at} />
          </Text>
        )}
      </Box>
      {!key.ended && (
        <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
          <Menu.Target>
            <Button
              variant="subtle"
              size="compact-xs"
              aria-label={t("members.keyActions", { digits: key.fingerprint })}
            >
              <IconChevronDown size={14} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown maw={320}>
            <WhyItem
              allowed={all.propose.allowed}
              why={why(all.propose.why, all.propose.whySaid)}
              color="red"
              onClick={() => setRevoking(true)}
            >
              {t("members.revoke")}
            </WhyItem>
          </Menu.Dropdown>
        </Menu>
      )}
      {revoking && <RevokeDialog member={member} of={key} onClose={() => setRevoking(false)} />}
    </Group>
  );
}

/** A key that was lost is trusted up to its newest act; of one that was stolen, the last good act is named. */
function RevokeDialog({
  member,
  of: key,
  onClose,
}: {
  member: workspace.MemberView;
  of: workspace.KeyView;
  onClose: () => void;
}) {
  const { t, i18n } = useTranslation();
  const say = useSaid("trail");
  const [how, setHow] = useState("");
  const [last, setLast] = useState("");
  const stolen = how === "stolen";
  const acts = useQuery({ ...keyActs(key.public), enabled: stolen });
  const choices = (acts.data ?? []).map((act) => ({
    value: act.act,
    label: `${act.seq + 1}. ${say(act.text, act.said)} ${new Date(act.at).toLocaleString(i18n.language)}`,
  }));
  return (
    <ChangeDialog
      opened
      onClose={onClose}
      danger
      title={t("members.revokeTitle", { name: member.person.name })}
      subject={`${member.person.name}, ${key.fingerprint}`}
      change={rosterChange({ kind: RosterKind.Revoke, key: key.public, last: stolen ? last : "" })}
      ready={how === "lost" || (stolen && last !== "")}
    >
      <Radio.Group label={t("members.whatHappened")} value={how} onChange={setHow}>
        <Stack gap={6} mt={4}>
          <Radio value="lost" label={t("members.lost")} description={t("members.lostWhat")} />
          <Radio value="stolen" label={t("members.stolen")} description={t("members.stolenWhat")} />
        </Stack>
      </Radio.Group>
      {stolen && acts.isError && <NotRead title={t("members.actsNotRead")} query={acts} />}
      {stolen && (
        <Select
          label={t("members.lastGood")}
          placeholder={t("members.chooseAct")}
          data={[...choices, { value: "none", label: t("members.noAct") }]}
          value={last || null}
          onChange={(next) => setLast(next ?? "")}
          searchable
          maxDropdownHeight={280}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
      )}
    </ChangeDialog>
  );
}

function Change({ all, member }: Props) {
  const { t } = useTranslation();
  const { say } = useWhy();
  const [open, setOpen] = useState<"roles" | "retire">();
  const [roles, setRoles] = useState(member.person.roles as governance.Role[]);
  const { name, id } = member.person;
  const begin = (what: "roles" | "retire") => {
    setRoles(member.person.roles as governance.Role[]);
    setOpen(what);
  };
  return (
    <>
      <Menu position="bottom-end" transitionProps={{ duration: 0 }}>
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            flex="none"
            rightSection={<IconChevronDown size={14} aria-hidden />}
            aria-label={t("members.changeOf", { name })}
          >
            {t("members.change")}
          </Button>
        </Menu.Target>
        <Menu.Dropdown maw={320}>
          {!member.recovery && (
            <WhyItem
              allowed={all.propose.allowed}
              why={say(all.propose.why, all.propose.whySaid)}
              onClick={() => begin("roles")}
            >
              {t("members.changeRoles")}
            </WhyItem>
          )}
          <WhyItem
            allowed={member.retire.allowed}
            why={say(member.retire.why, member.retire.whySaid)}
            color="red"
            onClick={() => begin("retire")}
          >
            {t(member.me ? "members.leave" : "members.retire")}
          </WhyItem>
        </Menu.Dropdown>
      </Menu>
      {open === "roles" && (
        <ChangeDialog
          opened
          onClose={() => setOpen(undefined)}
          title={t("members.rolesTitle", { name })}
          subject={name}
          change={rosterChange({ kind: RosterKind.Roles, member: id, roles })}
          ready={
            roles.length > 0 && roles.slice().sort().join() !== member.person.roles.slice().sort().join()
          }
        >
          <RoleChoice all={all} value={roles} onChange={setRoles} />
        </ChangeDialog>
      )}
      {open === "retire" && (
        <ChangeDialog
          opened
          danger
          onClose={() => setOpen(undefined)}
          title={t(member.me ? "members.leaveTitle" : "members.retireTitle", { name })}
          subject={name}
          change={rosterChange({ kind: RosterKind.Retire, member: id })}
        >
          <Text size="sm">{t("members.retireWhat")}</Text>
        </ChangeDialog>
      )}
    </>
  );
}
