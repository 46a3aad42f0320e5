import { Checkbox, Radio, Stack, TagsInput, Text } from "@mantine/core";
import { governance } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";
import { levelWord, readable, testLevels } from "./options";

type Props = {
  options: governance.DeployOptions;
  onChange: (options: governance.DeployOptions) => void;
  production: boolean;
};

/** How Salesforce is asked to deploy, each choice with what it does in a line. */
export function OptionsFields({ options, onChange, production }: Props) {
  const { t } = useTranslation();
  const set = (change: Partial<governance.DeployOptions>) => onChange({ ...options, ...change });
  const tick = (key: "rollbackOnError" | "ignoreWarnings" | "purgeOnDelete") => (
    <Checkbox
      size="xs"
      styles={readable}
      label={<Text size="sm">{t(`deployments.option.${key}`)}</Text>}
      description={t(
        `deployments.option.${key}${production && key !== "ignoreWarnings" ? "Production" : "Why"}`,
      )}
      checked={options[key]}
      onChange={(e) => set({ [key]: e.currentTarget.checked })}
    />
  );
  return (
    <Stack gap="md">
      <Radio.Group
        label={t("deployments.option.testLevel")}
        value={levelWord(options.testLevel)}
        onChange={(word) =>
          set({ testLevel: testLevels.find((l) => levelWord(l) === word) ?? options.testLevel })
        }
      >
        <Stack gap={8} mt={6}>
          {testLevels.map((level) => (
            <Radio
              key={levelWord(level)}
              size="xs"
              styles={readable}
              value={levelWord(level)}
              label={<Text size="sm">{t(`deployments.testLevel.${levelWord(level)}`)}</Text>}
              description={t(`deployments.testLevelWhy.${levelWord(level)}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {options.testLevel === governance.TestLevel.RunSpecifiedTests && (
        <TagsInput
          size="sm"
          label={t("deployments.option.tests")}
          description={t("deployments.option.testsWhy")}
          value={options.tests}
          onChange={(tests) => set({ tests })}
          splitChars={[",", " ", ";", "\n"]}
          acceptValueOnBlur
        />
      )}
      {tick("rollbackOnError")}
      {tick("ignoreWarnings")}
      {tick("purgeOnDelete")}
    </Stack>
  );
}
