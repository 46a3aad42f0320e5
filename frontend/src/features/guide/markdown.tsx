import { Anchor, Code, Kbd, List, Table, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

/*
 * The guide's own small Markdown: headings, paragraphs, lists, tables, code, bold, keys and links between pages. It
 * makes elements, never HTML, so that a page of the guide can do no more than be read.
 */

type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "paragraph"; text: string }
  | { kind: "list"; ordered: boolean; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "code"; text: string };

const heading = /^(#{1,4})\s+(.*)$/;
const item = /^(?:[-*]|(\d+)\.)\s+(.*)$/;
const cells = (line: string) =>
  line
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());

/** Reads a page into blocks. */
export function read(page: string): Block[] {
  const lines = page.replace(/\r/g, "").split("\n");
  const blocks: Block[] = [];
  let i = 0;
  const take = (fits: (line: string) => boolean) => {
    const taken: string[] = [];
    for (let line = lines[i]; line !== undefined && fits(line); line = lines[++i]) taken.push(line);
    return taken;
  };
  while (i < lines.length) {
    const line = lines[i] ?? "";
    const head = heading.exec(line);
    if (line.trim() === "") {
      i++;
    } else if (head) {
      blocks.push({ kind: "heading", level: head[1]?.length ?? 1, text: head[2] ?? "" });
      i++;
    } else if (line.startsWith("```")) {
      i++;
      blocks.push({ kind: "code", text: take((l) => !l.startsWith("```")).join("\n") });
      i++;
    } else if (line.startsWith("|")) {
      const [first = "", , ...rest] = take((l) => l.startsWith("|"));
      blocks.push({ kind: "table", head: cells(first), rows: rest.map(cells) });
    } else if (item.test(line)) {
      blocks.push(list(take((l) => item.test(l) || /^\s+\S/.test(l))));
    } else {
      blocks.push({ kind: "paragraph", text: take((l) => l.trim() !== "" && !starts(l)).join(" ") });
    }
  }
  return blocks;
}

const starts = (line: string) =>
  heading.test(line) || item.test(line) || line.startsWith("|") || line.startsWith("```");

function list(lines: string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    const found = item.exec(line);
    if (found) items.push(found[2] ?? "");
    else items.push(`${items.pop() ?? ""} ${line.trim()}`);
  }
  return { kind: "list", ordered: /^\d/.test(lines[0] ?? ""), items };
}

const marks = /(\*\*[^*]+\*\*|`[^`]+`|\[\[[^\]]+\]\]|\[[^\]]+\]\([^)\s]+\))/;

/** A line with its bold, code, [[keys]] and links to other pages; every other link stays text. */
function inline(text: string): ReactNode[] {
  return text.split(marks).map((part, i) => {
    const key = { key: i };
    if (part.startsWith("**")) return <b {...key}>{part.slice(2, -2)}</b>;
    if (part.startsWith("`")) return <Code {...key}>{part.slice(1, -1)}</Code>;
    if (part.startsWith("[["))
      return (
        <Kbd {...key} size="xs">
          {part.slice(2, -2)}
        </Kbd>
      );
    const link = /^\[([^\]]+)\]\(([a-z-]+)(?:\.de)?\.md\)$/.exec(part);
    if (link)
      return (
        <Anchor {...key} component={Link} to={`/guide/${link[2]}`} inherit>
          {link[1]}
        </Anchor>
      );
    return part;
  });
}

/** Draws a page. */
export function Markdown({ page }: { page: string }) {
  return read(page).map((block, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a page never changes
    <Drawn key={i} block={block} />
  ));
}

const sizes = ["", "1.375rem", "1rem", "0.875rem", "0.875rem"];

function Drawn({ block }: { block: Block }) {
  switch (block.kind) {
    case "heading":
      return (
        <Title
          order={Math.min(4, block.level) as 1 | 2 | 3 | 4}
          fz={sizes[block.level]}
          mt={block.level > 1 ? "lg" : 0}
          mb="xs"
        >
          {inline(block.text)}
        </Title>
      );
    case "paragraph":
      return (
        <Text size="md" mb="sm" lh={1.6}>
          {inline(block.text)}
        </Text>
      );
    case "list":
      return (
        <List size="md" mb="sm" spacing={4} pr="md" type={block.ordered ? "ordered" : "unordered"}>
          {block.items.map((text) => (
            <List.Item key={text} lh={1.6}>
              {inline(text)}
            </List.Item>
          ))}
        </List>
      );
    case "code":
      return (
        <Code block mb="sm">
          {block.text}
        </Code>
      );
    case "table":
      return (
        <Table.ScrollContainer minWidth={360} mb="sm">
          <Table withTableBorder fz="sm" verticalSpacing={6}>
            <Table.Thead className="table-head">
              <Table.Tr>
                {block.head.map((text) => (
                  <Table.Th key={text}>{inline(text)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {block.rows.map((row) => (
                <Table.Tr key={row.join()}>
                  {row.map((text, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a cell has no other name than its column
                    <Table.Td key={i} style={{ verticalAlign: "top" }}>
                      {inline(text)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      );
  }
}
