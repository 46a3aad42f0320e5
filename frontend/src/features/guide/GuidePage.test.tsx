import { MantineProvider } from "@mantine/core";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { afterEach, expect, test } from "vitest";
import i18n from "@/i18n/i18n";
import { GuidePage } from "./GuidePage";
import { Markdown, read } from "./markdown";
import { order, pageOf } from "./pages";

afterEach(() => i18n.changeLanguage("en"));

function show(at: string, component: () => React.ReactNode = GuidePage) {
  const root = createRootRoute();
  const routes = ["/guide", "/guide/$page"].map((path) =>
    createRoute({ getParentRoute: () => root, path, component }),
  );
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: [at] }),
  });
  render(
    <MantineProvider>
      {/* biome-ignore lint/suspicious/noExplicitAny: a router of this test only */}
      <RouterProvider router={router as any} />
    </MantineProvider>,
  );
}

test("the guide opens on its first page, and each page is one click away", async () => {
  show("/guide");
  expect(await screen.findByRole("heading", { level: 1, name: "What Countersign is" })).toBeTruthy();
  const pages = screen.getByRole("navigation", { name: "Pages of the guide" });
  expect(within(pages).getAllByRole("link")).toHaveLength(order.length);
  await userEvent.click(within(pages).getByRole("link", { name: "Connecting an org" }));
  expect(await screen.findByRole("heading", { level: 1, name: "Connecting an org" })).toBeTruthy();
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map((v) => `${v.id} ${v.nodes.map((n) => n.html)}`)).toEqual([]);
});

test("the search finds pages by what they say", async () => {
  show("/guide");
  await userEvent.type(await screen.findByRole("textbox", { name: "Search the guide" }), "keychain 0Af");
  expect(screen.getByText("No page holds “keychain 0Af”.")).toBeTruthy();
  await userEvent.clear(screen.getByRole("textbox"));
  await userEvent.type(screen.getByRole("textbox"), "0Af");
  const pages = screen.getByRole("navigation", { name: "Pages of the guide" });
  expect(
    within(pages)
      .getAllByRole("link")
      .map((l) => l.textContent),
  ).toEqual(["Reading a Deployment Log"]);
});

test("in German the guide is German, its search and its pages' names too", async () => {
  await i18n.changeLanguage("de");
  show("/guide/backup");
  expect(
    await screen.findByRole("heading", { level: 1, name: "Sicherung und Wiederherstellung" }),
  ).toBeTruthy();
  expect(screen.queryByText("Diese Seite des Handbuchs gibt es nur auf Englisch.")).toBeNull();
  await userEvent.type(
    screen.getByRole("textbox", { name: "Handbuch durchsuchen" }),
    "Funktionstrennung lockern",
  );
  const pages = screen.getByRole("navigation", { name: "Seiten des Handbuchs" });
  expect(within(pages).getByRole("link").textContent).toBe("Richtlinien und Plätze");
});

test("a page that is not there in a language comes in English and is said to be foreign", () => {
  expect(pageOf("backup", "fr")).toEqual({ text: pageOf("backup", "en")?.text, foreign: true });
});

test.each(order)("%s says the same in German: as many headings, lists and tables", (name) => {
  const shape = (language: string) =>
    read(pageOf(name, language)?.text ?? "").map((b) =>
      b.kind === "list" ? `list ${b.items.length}` : b.kind === "table" ? `table ${b.rows.length}` : b.kind,
    );
  expect(pageOf(name, "de")?.foreign).toBe(false);
  expect(shape("de")).toEqual(shape("en"));
});

test("the German guide calls each button what the German window calls it", () => {
  const words = JSON.stringify(i18n.getResourceBundle("de", "translation"));
  for (const button of [
    "Neuer Change Request",
    "Zur Genehmigung einreichen",
    "Verbindung testen",
    "Zugangsdaten speichern",
    "Scan ausführen",
    "Ausgewählte Anpassungen abrufen",
    "Abhängigkeiten prüfen",
    "Anpassungen validieren",
    "Abgerufene Anpassungen bereitstellen",
    "Beheben und wiederholen",
    "Alles prüfen",
    "Jetzt sichern",
    "Umgebung hinzufügen",
    "Erneut senden",
  ]) {
    expect(words).toContain(`"${button}"`);
    expect(order.some((name) => pageOf(name, "de")?.text.includes(button))).toBe(true);
  }
});

const inBoth = order.flatMap((name) => ["en", "de"].map((language) => [name, language] as const));

test.each(inBoth)(
  "every link of %s (%s) leads to a page, and its Markdown is all understood",
  (name, language) => {
    const text = pageOf(name, language)?.text ?? "";
    expect(text).toMatch(/^# /);
    for (const [, to] of text.matchAll(/\]\(([^)]*)\)/g)) expect(order.map((p) => `${p}.md`)).toContain(to);
    for (const block of read(text)) {
      const said = block.kind === "code" ? "" : JSON.stringify(block);
      expect(said).not.toMatch(/<[a-z]|!\[|```|^>|\*\*\*/);
      if (block.kind === "table") for (const row of block.rows) expect(row).toHaveLength(block.head.length);
    }
  },
);

test("what is no Markdown of ours stays text, and never becomes an element or a link out", async () => {
  const hostile =
    '# <img src=x onerror="alert(1)">\n\n[click](javascript:alert(1)) and [out](https://evil.example) **<b>bold</b>**\n\n- `<script>` [[K]]';
  show("/guide", () => <Markdown page={hostile} />);
  expect((await screen.findByRole("heading")).textContent).toBe('<img src=x onerror="alert(1)">');
  expect(screen.queryByRole("link")).toBeNull();
  expect(document.querySelector("img, script")).toBeNull();
  expect(screen.getByText("<b>bold</b>")).toBeTruthy();
});

test("blocks are read as they are written", () => {
  expect(
    read("## T\n\none\ntwo\n\n1. a\n2. b\n   more\n\n| h | i |\n|---|---|\n| x | y |\n\n```\n- code\n```"),
  ).toEqual([
    { kind: "heading", level: 2, text: "T" },
    { kind: "paragraph", text: "one two" },
    { kind: "list", ordered: true, items: ["a", "b more"] },
    { kind: "table", head: ["h", "i"], rows: [["x", "y"]] },
    { kind: "code", text: "- code" },
  ]);
});
