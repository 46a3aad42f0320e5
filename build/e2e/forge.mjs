// A forger's hand in a closed workspace's database file, without any library:
// a word of a row becomes another of the same length, so that the file stays a
// sound database.
import { readFileSync, writeFileSync } from "node:fs";

/** Changes a word behind each place where the file holds `near`, as far as the row can reach. Returns how often. */
export function changeBytes(file, { near, from, to, reach = 4_000 }) {
  if (from.length !== to.length) throw new Error(`${from} and ${to} are not equally long`);
  const bytes = readFileSync(file);
  let changed = 0;
  for (let at = bytes.indexOf(near); at >= 0; at = bytes.indexOf(near, at + 1)) {
    const word = bytes.indexOf(from, at);
    if (word < 0 || word > at + reach) continue;
    bytes.write(to, word);
    changed++;
  }
  if (changed === 0) throw new Error(`${file} holds no ${from} near ${near}`);
  writeFileSync(file, bytes);
  return changed;
}
