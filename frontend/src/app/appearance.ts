import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { languages, preferences } from "@/api/settings";
import { useTranslation } from "@/i18n/use-translation";

/** The person's language: as chosen, otherwise the system's if we speak it, otherwise English. */
export function languageOf(chosen: string | undefined, system: string) {
  const find = (word?: string) => languages.find((each) => each === word);
  return find(chosen) ?? find(system.slice(0, 2).toLowerCase()) ?? "en";
}

/** Draws the window as the person likes it: the preferences theme, language and text.size, once read and when they change. */
export function useAppearance() {
  const { data } = useQuery(preferences);
  const { i18n } = useTranslation();
  const { setColorScheme } = useMantineColorScheme();
  const theme = data?.theme;
  const language = data && languageOf(data.language, navigator.language);
  const size = data?.["text.size"];

  useEffect(() => {
    if (theme === "light" || theme === "dark" || theme === "auto") setColorScheme(theme);
  }, [theme, setColorScheme]);
  useEffect(() => {
    if (!language) return;
    document.documentElement.lang = language;
    if (i18n.language !== language) void i18n.changeLanguage(language);
  }, [language, i18n]);
  useEffect(() => {
    const percent = Number(size);
    document.documentElement.style.fontSize = percent > 100 && percent <= 200 ? `${percent}%` : "";
  }, [size]);
}
