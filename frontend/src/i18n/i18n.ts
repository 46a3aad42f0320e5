import i18next from "i18next";
import de from "./de.json";
import en from "./en.json";

// The backend says its own sentences in English: those heads of de.json have no words in en.json.
void i18next.init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en }, de: { translation: de } },
  interpolation: { escapeValue: false }, // React escapes
});

export default i18next;
