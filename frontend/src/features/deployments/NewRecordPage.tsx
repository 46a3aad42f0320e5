import { Alert, Anchor, Box, Button, Divider, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useRef, useState } from "react";
import { request } from "@/api/change-requests";
import { saveRecord } from "@/api/deployment-records";
import { environments } from "@/api/environments";
import { Fault } from "@/api/fault";
import { governance, type workspace } from "@/api/models";
import { FaultAlert } from "@/components/FaultAlert";
import { PageHeader } from "@/components/PageHeader";
import { usePageActions } from "@/components/page-actions";
import { StatusBadge } from "@/components/StatusBadge";
import { useAct } from "@/components/use-act";
import { useNextKey } from "@/components/use-next-key";
import { useUnsaved } from "@/components/use-unsaved";
import { useWorkspace } from "@/components/use-workspace";
import { Waiting } from "@/components/Waiting";
import { WhyButton } from "@/components/WhyButton";
import { useTranslation } from "@/i18n/use-translation";
import { ApprovedRequests } from "./ApprovedRequests";
import { EnvironmentPair } from "./EnvironmentPair";
import { OptionsFields } from "./OptionsFields";
import { firstOptions } from "./options";
import { SelectionList } from "./SelectionList";
import { WholeOrPart } from "./WholeOrPart";

/** A new Deployment Record: which request, from where to where, what of it, by whom and how. */
export function NewRecordPage() {
  const { request: id } = useSearch({ strict: false });
  return id ? <OfRequest key={id} id={id} /> : <ApprovedRequests />;
}

function OfRequest({ id }: { id: string }) {
  const { t } = useTranslation();
  const asked = useQuery(request(id));
  const known = useQuery(environments);
  const fault = asked.error ?? known.error;
  if (fault)
    return (
      <Box p="lg" maw={760}>
        <FaultAlert
          title={t("deployments.notRead")}
          fault={Fault.from(fault)}
          onRetry={() => void Promise.all([asked.refetch(), known.refetch()])}
          retrying={asked.isFetching || known.isFetching}
        />
      </Box>
    );
  if (!asked.data || !known.data) return <Waiting />;
  return <Form view={asked.data} all={known.data} />;
}

/** The likely pair: from where the inventory comes, to the other one, production if there is one. */
function likely(view: workspace.RequestView, all: workspace.EnvironmentView[]) {
  const source =
    all.find((e) => e.environment.id === view.inventory.environmentId && !e.production) ??
    all.find((e) => !e.production);
  const others = all.filter((e) => e !== source);
  const target = others.length === 1 ? others[0] : undefined;
  return { source: source?.environment.id ?? "", target: target?.environment.id ?? "" };
}

function Form({ view, all }: { view: workspace.RequestView; all: workspace.EnvironmentView[] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { state } = useWorkspace();
  const [pair, setPair] = useState(() => likely(view, all));
  const [named, setNamed] = useState<string>();
  const [whole, setWhole] = useState(true);
  const [chosen, setChosen] = useState(new Map<string, governance.Customization>());
  const [options, setOptions] = useState(firstOptions);
  const [picked, setDeployer] = useState<string>();

  const target = all.find((e) => e.environment.id === pair.target);
  const suggestion = target
    ? t("deployments.suggested", {
        request: view.request.name || view.label,
        target: target.environment.name,
      })
    : view.request.name;
  const name = named ?? suggestion;
  const members = state?.members ?? [];
  const managers = members.filter((m) => m.roles.includes(governance.Role.ReleaseManager));
  const manager = managers.find((m) => m.id === state?.me) ?? managers[0];
  const deployer = picked ?? manager?.id ?? state?.me ?? "";
  const [guess] = useState(pair);
  useUnsaved(
    named !== undefined ||
      picked !== undefined ||
      !whole ||
      options !== firstOptions ||
      pair.source !== guess.source ||
      pair.target !== guess.target,
  );
  const save = useAct((fields: workspace.RecordFields) => saveRecord("", fields), {
    onDone: (made) =>
      void navigate({
        to: "/deployments/$id",
        params: { id: made.record.id },
        replace: true,
        ignoreBlocker: true,
      }),
  });

  const approved = view.request.status === governance.Status.Approved;
  const missing = [
    !approved && t("deployments.notApproved", { label: view.label }),
    !name.trim() && t("deployments.need.name"),
    !pair.source && t("deployments.need.source"),
    !pair.target && t("deployments.need.target"),
    pair.source && pair.source === pair.target && t("deployments.need.other"),
    !whole && chosen.size === 0 && t("deployments.need.selection"),
    options.testLevel === governance.TestLevel.RunSpecifiedTests &&
      options.tests.length === 0 &&
      t("deployments.need.tests"),
  ].filter((why) => typeof why === "string" && why !== "");

  const form = useRef<HTMLFormElement>(null);
  useNextKey(form);
  const submit = () =>
    missing.length === 0 &&
    save.mutate({
      requestId: view.request.id,
      name: name.trim(),
      sourceId: pair.source,
      targetId: pair.target,
      whole,
      customizations: whole ? [] : [...chosen.values()],
      options,
      deployer,
    });

  usePageActions(t("deployments.newTitle"), [
    { id: "save", why: missing.join(" "), busy: save.isPending, run: submit },
  ]);
  return (
    <Box
      px="lg"
      py="md"
      maw={1080}
      component="form"
      ref={form}
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      <PageHeader title={t("deployments.newTitle")} lead={t("deployments.newLead")} />
      <Stack gap="lg">
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t("deployments.for")}
          </Text>
          <Anchor
            size="sm"
            fw={550}
            renderRoot={(props) => (
              <Link to="/change-requests/$id" params={{ id: view.request.id }} {...props} />
            )}
          >
            {view.label} {view.request.name}
          </Anchor>
          <StatusBadge status={view.request.status} />
          <Anchor size="sm" renderRoot={(props) => <Link to="/deployments/new" {...props} />}>
            {t("deployments.otherRequest")}
          </Anchor>
        </Group>
        {!approved && (
          <Alert color="yellow" variant="light" icon={<IconLock aria-hidden />}>
            {t("deployments.notApproved", { label: view.label })}
          </Alert>
        )}
        <Section title={t("deployments.part.way")}>
          <EnvironmentPair all={all} source={pair.source} target={pair.target} onChange={setPair} />
          {target?.production && (
            <Text size="sm" fw={550} c="var(--mantine-color-red-light-color)">
              {t("deployments.isProduction", { name: target.environment.name })}
            </Text>
          )}
          <div className="columns" data-columns="2-sm">
            <TextInput
              label={t("deployments.name")}
              description={t("deployments.nameWhy")}
              required
              maxLength={255}
              value={name}
              onChange={(e) => setNamed(e.currentTarget.value)}
            />
            <Select
              label={t("deployments.deployer")}
              description={t("deployments.deployerWhy")}
              data={members.map((m) => ({ value: m.id, label: personLine(m, t) }))}
              value={deployer || null}
              allowDeselect={false}
              onChange={(member) => member && setDeployer(member)}
            />
          </div>
        </Section>
        <Section title={t("deployments.part.what")}>
          <WholeOrPart whole={whole} onChange={setWhole} count={view.count} />
          {!whole && <SelectionList requestId={view.request.id} chosen={chosen} onChange={setChosen} />}
        </Section>
        <Section title={t("deployments.part.how")}>
          <OptionsFields options={options} onChange={setOptions} production={target?.production ?? false} />
        </Section>
        <Divider />
        <Group justify="space-between" pb="lg">
          <Text size="sm" c="dimmed" id="missing" maw={640}>
            {missing.length > 0 ? missing.join(" ") : t("deployments.afterSave")}
          </Text>
          <Group gap="xs">
            <Button variant="default" onClick={() => window.history.back()}>
              {t("common.cancel")}
            </Button>
            <WhyButton
              type="submit"
              allowed={missing.length === 0}
              why={missing.join(" ")}
              said="missing"
              loading={save.isPending}
            >
              {t("common.save")}
            </WhyButton>
          </Group>
        </Group>
      </Stack>
    </Box>
  );
}

/** A member with the roles that tell why to choose them. */
export function personLine(m: workspace.Person, t: (key: string, o: { defaultValue: string }) => string) {
  const roles = m.roles.map((r) => t(`role.${r}`, { defaultValue: r }));
  return roles.length > 0 ? `${m.name} (${roles.join(", ")})` : m.name;
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack component="section" gap="md" aria-label={title}>
      <Text component="h2" fz={15} fw={620} m={0}>
        {title}
      </Text>
      {children}
    </Stack>
  );
}
