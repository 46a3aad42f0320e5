import { useCallback, useMemo } from "react";
import { usePreference } from "@/components/use-preference";
import type { Entry } from "./entries";

/**
 * Which customizations this person has looked at. The marks belong to one content: its digest stands before them, so
 * that content which is another by now starts unviewed. A bit each, in the order of the entries: 2,000 are 334
 * characters.
 */
export function useViewed(id: string, digest: string, entries: Entry[], complete: boolean) {
  const [kept, keep] = usePreference(`viewed.${id}`);
  const viewed = useMemo(
    () => (complete ? readMarks(kept, digest, entries) : new Set<string>()),
    [kept, digest, entries, complete],
  );
  const mark = useCallback(
    (keys: string[], is: boolean) => {
      if (!complete) return;
      const next = new Set(viewed);
      for (const key of keys) {
        if (is) next.add(key);
        else next.delete(key);
      }
      keep(writeMarks(next, digest, entries));
    },
    [viewed, complete, keep, digest, entries],
  );
  return { viewed: viewed as ReadonlySet<string>, mark };
}

export function readMarks(kept: string, digest: string, entries: Entry[]) {
  const viewed = new Set<string>();
  const [of, count, bits] = kept.split(" ");
  if (of !== wordOf(digest) || Number(count) !== entries.length || !bits) return viewed;
  let bytes: string;
  try {
    bytes = atob(bits);
  } catch {
    return viewed; // a preference that somebody edited is no reason to stop
  }
  for (const [i, entry] of entries.entries()) {
    if ((bytes.charCodeAt(i >> 3) >> (i & 7)) & 1) viewed.add(entry.key);
  }
  return viewed;
}

export function writeMarks(viewed: ReadonlySet<string>, digest: string, entries: Entry[]) {
  const bytes = new Uint8Array(Math.ceil(entries.length / 8));
  for (const [i, entry] of entries.entries()) {
    if (viewed.has(entry.key)) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return [wordOf(digest), entries.length, btoa(String.fromCharCode(...bytes))].join(" ");
}

const wordOf = (digest: string) => digest.replace(/\s/g, "") || "draft";
