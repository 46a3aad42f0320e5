import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
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
    isolate: false,
  },
});
