import { useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { preferences } from "@/api/settings";

/** The text sizes that a person can choose, in percent. */
export const textSizes = [100, 110, 125, 150, 175, 200];

/** The languages that are complete. */
export const languages = ["en", "de"];

/** The person's language: as chosen, otherwise the system's if we speak it, otherwise English. */
export function languageOf(chosen: string | undefined, system: string) {
  if (chosen && languages.includes(chosen)) return chosen;
  const word = system.slice(0, 2).toLowerCase();
  return languages.includes(word) ? word : "en";
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
