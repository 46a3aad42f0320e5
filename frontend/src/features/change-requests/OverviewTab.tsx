import {
  ActionIcon,
  Box,
  Button,
  Group,
  MultiSelect,
  Stack,
  TagsInput,
  Text,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { governance, type workspace } from "@/api/models";
import { openAddress } from "@/api/settings";
import { Digest } from "@/components/Digest";
import { EmergencyNote } from "@/components/EmergencyNote";
import { Person } from "@/components/Person";
import { faultTitle, keyOfAct, useAct } from "@/components/use-act";
import { useWorkspace } from "@/components/use-workspace";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";
import type { useDraft } from "./draft";
import { Attachments, Manifests } from "./Files";

type Props = { view?: workspace.RequestView; draft: ReturnType<typeof useDraft>; editable: boolean };

/** What changes and why, and what supports it. While it is a draft everything is a field that saves itself. */
export function OverviewTab({ view, draft, editable }: Props) {
  const { t } = useTranslation();
  return (
    <Stack gap="lg">
      {draft.fields.type === governance.ChangeType.Emergency && <EmergencyNote terms={view?.emergency} />}
      {editable ? <Fields draft={draft} view={view} /> : <Facts draft={draft} view={view} />}
      {view && (
        <>
          <Manifests view={view} editable={editable} />
          <Attachments view={view} editable={editable} />
          <Group gap="lg" c="dimmed" fz="xs">
            <Group gap={6}>
              {t("changeRequests.authors", { count: view.authors.length })}
              {view.authors.map((person) => (
                <Person key={person.id} person={person} size={18} />
              ))}
            </Group>
            <span>
              {t("changeRequests.createdAt")} <When at={view.request.createdAt} />
            </span>
            <span>
              {t("changeRequests.updatedAt")} <When at={view.request.updatedAt} />
            </span>
            {view.digest && (
              <span>
                {t("changeRequests.digest")} <Digest value={view.digest} />
              </span>
            )}
          </Group>
        </>
      )}
    </Stack>
  );
}

function Fields({ draft, view }: Pick<Props, "draft" | "view">) {
  const { t } = useTranslation();
  const { fields, edit } = draft;
  const rest = () => void draft.flush();
  const { state } = useWorkspace();
  const emergency = fields.type === governance.ChangeType.Emergency;
  const members = view?.members ?? state?.members ?? [];
  // Who is asked and has left is still named, so that it can be taken out.
  const gone = fields.additionalApprovers.filter((id) => !members.some((m) => m.id === id));
  const linkFault = draft.fault?.code === "link" ? faultTitle(t, draft.fault) : undefined;
  return (
    <Stack gap="md">
      {emergency && (
        <>
          <Textarea
            label={t("emergency.reason")}
            description={t("emergency.reasonHint")}
            required
            autosize
            minRows={2}
            maxRows={10}
            value={fields.emergencyReason}
            onChange={(e) => edit({ emergencyReason: e.currentTarget.value })}
            onBlur={rest}
          />
          <TextInput
            label={t("emergency.incident")}
            description={t("emergency.incidentHint")}
            required
            maw={420}
            maxLength={255}
            value={fields.incident}
            onChange={(e) => edit({ incident: e.currentTarget.value })}
            onBlur={rest}
          />
        </>
      )}
      <Textarea
        label={t("changeRequests.overview.label")}
        description={t("changeRequests.overview.hint")}
        autosize
        minRows={4}
        maxRows={18}
        value={fields.overview}
        onChange={(e) => edit({ overview: e.currentTarget.value })}
        onBlur={rest}
      />
      <div className="columns" data-columns="2-md">
        <TextInput
          label={t("changeRequests.external.number")}
          description={t("changeRequests.external.numberHint")}
          value={fields.externalNumber}
          onChange={(e) => edit({ externalNumber: e.currentTarget.value })}
          onBlur={rest}
        />
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            label={t("changeRequests.external.link")}
            description={t("changeRequests.external.linkHint")}
            value={fields.externalLink}
            onChange={(e) => edit({ externalLink: e.currentTarget.value })}
            onBlur={rest}
            inputMode="url"
            spellCheck={false}
            flex={1}
            error={linkFault}
            rightSection={<OpenLink address={fields.externalLink} />}
          />
        </Group>
      </div>
      <Textarea
        label={t("changeRequests.supporting.label")}
        description={t("changeRequests.supporting.hint")}
        autosize
        minRows={2}
        maxRows={12}
        value={fields.supportingText}
        onChange={(e) => edit({ supportingText: e.currentTarget.value })}
        onBlur={rest}
      />
      <TagsInput
        label={t("changeRequests.changeSets.label")}
        description={t("changeRequests.changeSets.hint")}
        placeholder={fields.changeSets.length ? undefined : t("changeRequests.changeSets.placeholder")}
        value={fields.changeSets}
        onChange={(changeSets) => edit({ changeSets })}
        onBlur={rest}
        acceptValueOnBlur
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
      <MultiSelect
        label={t("changeRequests.additional.label")}
        description={t("changeRequests.additional.hint")}
        placeholder={fields.additionalApprovers.length ? undefined : t("changeRequests.additional.none")}
        data={[
          ...members.map((m) => ({ value: m.id, label: m.name })),
          ...gone.map((id) => ({ value: id, label: t("changeRequests.additional.gone") })),
        ]}
        value={fields.additionalApprovers}
        onChange={(ids) => edit({ additionalApprovers: [...ids].sort() })}
        onBlur={rest}
        searchable
        hidePickedOptions
        comboboxProps={{ transitionProps: { duration: 0 } }}
      />
    </Stack>
  );
}

function OpenLink({ address }: { address: string }) {
  const { t } = useTranslation();
  const open = useAct(() => openAddress(address), { key: keyOfAct.openAddress });
  if (!address.startsWith("https://")) return null;
  return (
    <Tooltip label={t("changeRequests.external.open")}>
      <ActionIcon
        variant="subtle"
        aria-label={t("changeRequests.external.open")}
        onClick={() => open.mutate()}
      >
        <IconExternalLink size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

/** What can be edited by nobody now, as text. */
function Facts({ draft: { fields }, view }: Pick<Props, "draft" | "view">) {
  const { t } = useTranslation();
  const { state } = useWorkspace();
  const nameOf = (id: string) =>
    [...(view?.members ?? []), ...(state?.members ?? [])].find((m) => m.id === id)?.name ??
    t("changeRequests.additional.gone");
  const open = useAct(() => openAddress(fields.externalLink), { key: keyOfAct.openAddress });
  return (
    <Stack gap="md">
      {fields.type === governance.ChangeType.Emergency && (
        <>
          <Fact label={t("emergency.reason")}>{fields.emergencyReason}</Fact>
          <Fact label={t("emergency.incident")}>{fields.incident}</Fact>
        </>
      )}
      <Fact label={t("changeRequests.overview.label")}>{fields.overview}</Fact>
      {(fields.externalNumber || fields.externalLink) && (
        <div className="columns" data-columns="2-md">
          {fields.externalNumber && (
            <Fact label={t("changeRequests.external.number")}>{fields.externalNumber}</Fact>
          )}
          {fields.externalLink && (
            <Fact label={t("changeRequests.external.link")}>
              <Button
                variant="subtle"
                size="compact-sm"
                px={0}
                rightSection={<IconExternalLink size={14} aria-hidden />}
                onClick={() => open.mutate()}
                maw="100%"
              >
                {fields.externalLink}
              </Button>
            </Fact>
          )}
        </div>
      )}
      {fields.supportingText && (
        <Fact label={t("changeRequests.supporting.label")}>{fields.supportingText}</Fact>
      )}
      {fields.changeSets.length > 0 && (
        <Fact label={t("changeRequests.changeSets.label")}>{fields.changeSets.join(", ")}</Fact>
      )}
      {fields.additionalApprovers.length > 0 && (
        <Fact label={t("changeRequests.additional.label")}>
          {fields.additionalApprovers.map(nameOf).join(", ")}
        </Fact>
      )}
    </Stack>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Box>
      <Text size="sm" fw={550} mb={2}>
        {label}
      </Text>
      <Text component="div" size="md" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }} maw={860}>
        {children || "–"}
      </Text>
    </Box>
  );
}
