import { Alert, Button, Code, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { cliOrgs } from "@/api/environments";
import { governance, type workspace } from "@/api/models";
import { faultHint, faultTitle } from "@/components/use-act";
import { useTranslation } from "@/i18n/use-translation";

type Props = {
  draft: workspace.EnvironmentFields;
  set: (some: Partial<workspace.EnvironmentFields>) => void;
};

const { EnvironmentKind } = governance;
const kinds = Object.values(EnvironmentKind) as string[];

/** An org that the sf CLI is signed in to: picked from its own list, or typed. */
export function CLIPick({ draft, set }: Props) {
  const { t } = useTranslation();
  const asked = useQuery(cliOrgs);
  const orgs = asked.data;
  const pick = (name: string | null) => {
    const org = orgs?.find((each) => (each.alias || each.username) === name);
    if (!org) return;
    const kind = kinds.includes(org.kind) ? (org.kind as governance.EnvironmentKind) : draft.kind;
    set({ username: org.alias || org.username, kind, name: draft.name || org.alias });
  };
  return (
    <Stack gap="xs">
      {orgs && orgs.length > 0 ? (
        <Select
          label={t("environments.cli.pick")}
          description={t("environments.cli.pickWhy")}
          placeholder={t("environments.cli.placeholder")}
          data={[...new Map(orgs.map((org) => [org.alias || org.username, org])).values()].map((org) => ({
            value: org.alias || org.username,
            label: [
              org.alias,
              org.username,
              t(`environments.kind.${org.kind}`),
              org.expired && t("environments.cli.expired"),
            ]
              .filter(Boolean)
              .join(" · "),
          }))}
          value={orgs.some((org) => (org.alias || org.username) === draft.username) ? draft.username : null}
          onChange={pick}
          searchable
          allowDeselect={false}
          nothingFoundMessage={t("environments.cli.nothing")}
        />
      ) : (
        <>
          <Group gap="sm">
            <Button
              variant="default"
              size="xs"
              disabled={asked.isFetching}
              onClick={() => void asked.refetch()}
            >
              {t("environments.cli.list")}
            </Button>
            <Text size="sm" c="dimmed" role="status">
              {asked.isFetching ? t("environments.cli.asks") : orgs ? t("environments.cli.none") : ""}
            </Text>
          </Group>
          {asked.error && !asked.isFetching && (
            <Alert color="red" variant="light" p="xs" role="alert">
              <Text size="sm">
                {[faultTitle(t, asked.error), faultHint(t, asked.error)].filter(Boolean).join(" ")}
              </Text>
            </Alert>
          )}
        </>
      )}
      <TextInput
        label={t("environments.form.alias")}
        description={t("environments.form.aliasWhy")}
        value={draft.username}
        onChange={(e) => set({ username: e.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <Text size="sm" c="dimmed">
        {t("environments.form.cliFirst")} <Code>sf org login web --alias my-sandbox</Code>
      </Text>
    </Stack>
  );
}
