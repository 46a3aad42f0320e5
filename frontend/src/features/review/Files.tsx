import { Alert, Group, SegmentedControl, Select, Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { sides } from "@/api/deployment-records";
import type { governance, workspace } from "@/api/models";
import { NotRead } from "@/components/NotRead";
import { usePreference } from "@/components/use-preference";
import { Waiting } from "@/components/Waiting";
import { useTranslation } from "@/i18n/use-translation";

const TextDiff = lazy(() => import("@/components/TextDiff"));

type Props = { record: string; customization: governance.Customization; target: string; source: string };

/** The files of one customization as text, those that differ first. */
export function Files({ record, customization, target, source }: Props) {
  const { t } = useTranslation();
  const files = useQuery(sides(record, customization));
  const [path, setPath] = useState("");
  const [view, setView] = usePreference("diff-layout", "side");
  if (files.isError) return <NotRead title={t("review.noText")} query={files} />;
  if (files.isPending)
    return (
      <Waiting
        label={t("review.readingText")}
        labelFor={(seconds) => t("review.readingTextFor", { seconds })}
      />
    );
  const all = [...files.data].sort((a, b) => Number(differs(b)) - Number(differs(a)));
  const file = all.find((f) => f.path === path) ?? all[0];
  const single = file && (file.before === "" || file.after === "");
  if (!file)
    return (
      <Text size="sm" c="dimmed">
        {t("review.noFiles")}
      </Text>
    );
  return (
    <div>
      <Group justify="space-between" gap="xs" mb="xs">
        {all.length > 1 ? (
          <Select
            size="xs"
            flex="1 1 200px"
            maw={420}
            aria-label={t("review.file")}
            data={all.map((f) => ({
              value: f.path,
              label: differs(f) ? f.path : t("review.fileSame", { path: f.path }),
            }))}
            value={file.path}
            onChange={(value) => setPath(value ?? "")}
            allowDeselect={false}
            comboboxProps={{ transitionProps: { duration: 0 } }}
          />
        ) : (
          <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {file.path}
          </Text>
        )}
        {!single && (
          <SegmentedControl
            size="xs"
            transitionDuration={0}
            aria-label={t("review.layout")}
            value={view}
            onChange={setView}
            data={[
              { value: "side", label: t("review.sideBySide") },
              { value: "unified", label: t("review.unified") },
            ]}
          />
        )}
      </Group>
      {!single && (
        <Text size="xs" c="dimmed" mb={4}>
          {t(view === "side" ? "review.sides" : "review.oneBelow", { target, source })}
        </Text>
      )}
      <File file={file} sideBySide={view === "side"} />
    </div>
  );
}

function File({ file, sideBySide }: { file: workspace.Side; sideBySide: boolean }) {
  const { t } = useTranslation();
  if (file.binary)
    return (
      <Alert variant="light" color="gray">
        {t("review.binary")}
      </Alert>
    );
  return (
    <>
      {file.cut && (
        <Alert variant="light" color="yellow" mb="xs" p="xs">
          {t("review.cut")}
        </Alert>
      )}
      {!differs(file) && !file.cut && (
        <Text size="sm" c="dimmed" mb="xs">
          {t("review.textSame")}
        </Text>
      )}
      <Suspense fallback={<Skeleton height={240} animate={false} />}>
        <TextDiff
          path={file.path}
          before={file.before}
          after={file.after}
          sideBySide={sideBySide}
          label={t("review.textOf", { path: file.path })}
        />
      </Suspense>
    </>
  );
}

const differs = (file: workspace.Side) => file.binary || file.before !== file.after;
