import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { nativeMenu } from "./src/app/native-menu.ts";
import de from "./src/i18n/de.json" with { type: "json" };
import en from "./src/i18n/en.json" with { type: "json" };

/** The program reads its native menu from here: the page's own commands, in each language. */
const menu = {
  name: "native-menu",
  generateBundle(this: { emitFile: (file: { type: "asset"; fileName: string; source: string }) => void }) {
    this.emitFile({ type: "asset", fileName: "menu.json", source: JSON.stringify(nativeMenu({ en, de })) });
  },
};

/**
 * Mantine sizes ::before and ::after of everything, so that WebKit looks for both at every element: a tenth of the time
 * that a screen takes. The one that needs it has it in shell.css.
 */
const fewerPseudoElements = {
  name: "fewer-pseudo-elements",
  enforce: "pre" as const,
  transform(code: string, id: string) {
    if (!id.endsWith("/@mantine/core/styles.css")) return;
    const fewer = code.replace(/\*,\s*\*::before,\s*\*::after\s*\{/, "* {");
    if (fewer === code) throw new Error("Mantine's baseline is another: see fewer-pseudo-elements.");
    return fewer;
  },
};

export default defineConfig({
  plugins: [react(), menu, fewerPseudoElements],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    // The oldest engine the window runs on is WebKitGTK 2.40, which is Safari 16.
    target: "safari16",
    // The limit is for pages that come over a network; ours come from memory.
    chunkSizeWarningLimit: 1500,
  },
  // A test reads the sentences of the backend from its sources.
  server: { fs: { allow: [".."] } },
  test: {
    environment: "jsdom",
    setupFiles: ["./src/app/test-setup.ts"],
    restoreMocks: true,
    // One set of modules for all files of a worker: half the time.
    pool: "threads",
    maxWorkers: "100%",
    isolate: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
