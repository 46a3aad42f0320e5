import { Input, SegmentedControl, Select, Text, useMantineColorScheme } from "@mantine/core";
import { type ReactNode, useId } from "react";
import { languages, textSizes } from "@/api/settings";
import { usePreference } from "@/components/use-preference";
import { useTranslation } from "@/i18n/use-translation";
import { Section } from "./Section";

const sizes = textSizes.map(String);

/** A language's name is its own, in every language. */
const names: Record<(typeof languages)[number], string> = { en: "English", de: "Deutsch" };

type Scheme = "light" | "dark" | "auto";

/** Theme, language and text size; each holds at once and after a restart. */
export function Appearance() {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [, keepTheme] = usePreference("theme");
  const [, keepLanguage] = usePreference("language");
  const [size, keepSize] = usePreference("text.size", "100");
  const setTheme = (theme: string) => {
    setColorScheme(theme as Scheme);
    keepTheme(theme);
  };
  const setLanguage = (language: string) => {
    void i18n.changeLanguage(language);
    keepLanguage(language);
  };
  return (
    <Section title={t("settings.appearance")} lead={t("settings.appearanceWhy")}>
      <Labelled label={t("settings.theme")}>
        {(id) => (
          <SegmentedControl
            aria-labelledby={id}
            value={colorScheme}
            onChange={setTheme}
            transitionDuration={0}
            data={(["light", "dark", "auto"] as const).map((value) => ({
              value,
              label: t(`settings.themes.${value}`),
            }))}
          />
        )}
      </Labelled>
      <Labelled label={t("settings.language")}>
        {(id) => (
          <SegmentedControl
            aria-labelledby={id}
            value={i18n.language}
            onChange={setLanguage}
            transitionDuration={0}
            data={languages.map((value) => ({ value, label: names[value] }))}
          />
        )}
      </Labelled>
      <Select
        label={t("settings.textSize")}
        description={t("settings.textSizeWhy")}
        value={sizes.includes(size) ? size : "100"}
        onChange={(next) => next && keepSize(next)}
        data={sizes.map((value) => ({ value, label: `${value} %` }))}
        allowDeselect={false}
        maw={320}
      />
      <Text size="sm" c="dimmed">
        {t("settings.preferencesWhere")}
      </Text>
    </Section>
  );
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div>
      <Input.Label component="div" labelElement="div" id={id} mb={4}>
        {label}
      </Input.Label>
      <div>{children(id)}</div>
    </div>
  );
}
