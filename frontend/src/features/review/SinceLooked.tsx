import { Alert, Button, List, Text } from "@mantine/core";
import { IconEyeExclamation } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { changesSince } from "@/api/change-requests";
import { faultTitle } from "@/components/use-act";
import type { Looked } from "@/components/use-looked";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** What is another than what the person looked at last, field by field and name by name. */
export function SinceLooked({ id, looked }: { id: string; looked: Looked }) {
  const { t } = useTranslation();
  const [opened, open] = useState(false);
  const since = useQuery({ ...changesSince(id, looked.digest), enabled: opened });
  const data = since.data;
  const lists = data
    ? ([
        ["added", data.added],
        ["removed", data.removed],
        ["other", data.other],
      ] as const)
    : [];
  return (
    <Alert color="yellow" variant="light" p="xs" icon={<IconEyeExclamation aria-hidden />}>
      <Text size="sm" component="div">
        {t("review.sinceLooked")} <When at={looked.at} />.{" "}
        <Button size="compact-xs" variant="default" aria-expanded={opened} onClick={() => open(!opened)}>
          {t(opened ? "review.sinceHide" : "review.sinceShow")}
        </Button>
      </Text>
      {opened && since.isPending && <Text size="sm">{t("common.loading")}</Text>}
      {opened && since.error && <Text size="sm">{faultTitle(t, since.error)}</Text>}
      {opened && data && !data.known && <Text size="sm">{t("review.sinceUnknown")}</Text>}
      {opened && data?.known && (
        <List size="sm" mt={4}>
          {data.fields.map((field) => (
            <List.Item key={field.what} style={{ overflowWrap: "anywhere" }}>
              <Text span fw={550} size="sm">
                {t(`review.field.${field.what}`, { defaultValue: field.what })}
              </Text>
              {": "}
              {field.before && <del>{field.before}</del>} {field.after && <ins>{field.after}</ins>}
            </List.Item>
          ))}
          {lists.map(
            ([word, all]) =>
              all.length > 0 && (
                <List.Item key={word} style={{ overflowWrap: "anywhere" }}>
                  <Text span fw={550} size="sm">
                    {t(`review.since.${word}`, { count: all.length })}
                  </Text>
                  {": "}
                  {all.map((c) => `${c.type} ${c.name}`).join(", ")}
                </List.Item>
              ),
          )}
          {data.fields.length + data.added.length + data.removed.length + data.other.length === 0 && (
            <List.Item>{t("review.sinceSame")}</List.Item>
          )}
        </List>
      )}
    </Alert>
  );
}
