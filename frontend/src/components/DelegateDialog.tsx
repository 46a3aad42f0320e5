import { Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { delegations, giveDelegation } from "@/api/delegations";
import { environments } from "@/api/environments";
import type { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { SignDialog } from "./SignDialog";
import { useAct } from "./use-act";

type Props = {
  opened: boolean;
  onClose: () => void;
  /** The one request or record whose vote is given to somebody else; without it all of them. */
  subject?: { id: string; label: string; name: string };
};

const dayInMs = 24 * 3600_000;

/** A moment as an input of local date and time writes it. */
const local = (at: Date) =>
  new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const zero = "0001-01-01T00:00:00Z";
const momentOf = (typed: string) => (typed ? new Date(typed).toISOString() : zero);

/** Lets another member vote in one's own place for a period. It counts for who gives it, and both names are shown. */
export function DelegateDialog(p: Props) {
  return p.opened ? <Body {...p} /> : null;
}

function Body({ onClose, subject }: Props) {
  const { t } = useTranslation();
  const [to, setTo] = useState("");
  const [role, setRole] = useState("");
  const [environmentId, setEnvironment] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState(() => local(new Date(Date.now() + 7 * dayInMs)));
  const may = useQuery(delegations);
  const places = useQuery({ ...environments, enabled: !subject });
  const give = useAct(
    (reason: string) =>
      giveDelegation({
        to,
        role: role as governance.Role,
        environmentId,
        subject: subject?.id ?? "",
        since: momentOf(since),
        until: momentOf(until),
        reason,
      }),
    { key: ["delegate"], onDone: onClose, done: () => t("delegation.given") },
  );
  return (
    <SignDialog
      opened
      onClose={onClose}
      title={t(subject ? "delegation.reassign" : "delegation.give")}
      subject={subject ? `${subject.label} ${subject.name}`.trim() : t("delegation.all")}
      needsReason
      button={t(subject ? "delegation.reassign" : "delegation.give")}
      ready={to !== "" && until !== ""}
      pending={give.isPending}
      onSign={({ reason }) => give.mutate(reason)}
    >
      <Stack gap="sm">
        <Text size="sm">{t("delegation.means")}</Text>
        <Select
          label={t("delegation.to")}
          required
          data={(may.data?.to ?? []).map((person) => ({ value: person.id, label: person.name }))}
          value={to || null}
          onChange={(id) => setTo(id ?? "")}
          comboboxProps={{ transitionProps: { duration: 0 } }}
        />
        {!subject && (
          <div className="columns" data-columns="2-md">
            <Select
              label={t("delegation.role")}
              data={[
                { value: "", label: t("delegation.anyRole") },
                ...(may.data?.roles ?? []).map((word) => ({ value: word, label: t(`role.${word}`) })),
              ]}
              value={role}
              onChange={(word) => setRole(word ?? "")}
              allowDeselect={false}
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
            <Select
              label={t("delegation.environment")}
              data={[
                { value: "", label: t("delegation.everywhere") },
                ...(places.data ?? []).map(({ environment }) => ({
                  value: environment.id,
                  label: environment.name,
                })),
              ]}
              value={environmentId}
              onChange={(id) => setEnvironment(id ?? "")}
              allowDeselect={false}
              comboboxProps={{ transitionProps: { duration: 0 } }}
            />
          </div>
        )}
        <div className="columns" data-columns="2-md">
          <TextInput
            type="datetime-local"
            label={t("delegation.since")}
            description={t("delegation.sinceHint")}
            value={since}
            onChange={(e) => setSince(e.currentTarget.value)}
          />
          <TextInput
            type="datetime-local"
            label={t("delegation.until")}
            description={t("delegation.untilHint")}
            required
            value={until}
            onChange={(e) => setUntil(e.currentTarget.value)}
          />
        </div>
      </Stack>
    </SignDialog>
  );
}
