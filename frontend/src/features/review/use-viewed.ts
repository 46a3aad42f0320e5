import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { prefer, preferences } from "@/api/settings";
import { usePreference } from "@/components/use-preference";
import { useWorkspace } from "@/components/use-workspace";
import type { Entry } from "./entries";
import { decided, type Subject } from "./subject";

/** Before the member and the id in the key of a preference. */
const marksOf = "viewed.";

/**
 * Which customizations the person who acts has looked at; each member has marks of their own. The marks belong to one
 * content: its digest stands before them, so that content which is another by now starts unviewed. A bit each, in the
 * order of the entries: 2,000 are 334 characters.
 */
export function useViewed(subject: Subject, entries: Entry[], complete: boolean) {
  const { id, digest } = subject;
  const { me } = useWorkspace();
  const [kept, keep] = usePreference(`${marksOf}${me?.id ?? ""}.${id}`);
  useForgotten(subject);
  const viewed = useMemo(
    () => (complete ? readMarks(kept, digest, entries) : new Set<string>()),
    [kept, digest, entries, complete],
  );
  const mark = useCallback(
    (keys: string[], is: boolean) => {
      if (!complete || !me) return;
      const next = new Set(viewed);
      for (const key of keys) {
        if (is) next.add(key);
        else next.delete(key);
      }
      keep(writeMarks(next, digest, entries));
    },
    [viewed, complete, me, keep, digest, entries],
  );
  return { viewed: viewed as ReadonlySet<string>, mark };
}

/** After a decision nobody looks at the marks again: they go, everybody's, when the page is left. */
function useForgotten(subject: Subject) {
  const client = useQueryClient();
  const newest = useRef(subject);
  newest.current = subject;
  useEffect(
    () => () => {
      const { id } = newest.current;
      if (!decided(newest.current)) return;
      const all = client.getQueryData(preferences.queryKey) ?? {};
      const gone = Object.keys(all).filter(
        (key) => key.startsWith(marksOf) && key.endsWith(`.${id}`) && all[key],
      );
      if (gone.length === 0) return;
      client.setQueryData(
        preferences.queryKey,
        Object.fromEntries(Object.entries(all).filter(([key]) => !gone.includes(key))),
      );
      for (const key of gone) void prefer(key, "").catch(() => {}); // marks that stay are no loss worth a message
    },
    [client],
  );
}

function readMarks(kept: string, digest: string, entries: Entry[]) {
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

function writeMarks(viewed: ReadonlySet<string>, digest: string, entries: Entry[]) {
  const bytes = new Uint8Array(Math.ceil(entries.length / 8));
  for (const [i, entry] of entries.entries()) {
    if (viewed.has(entry.key)) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return [wordOf(digest), entries.length, btoa(String.fromCharCode(...bytes))].join(" ");
}

const wordOf = (digest: string) => digest.replace(/\s/g, "") || "draft";
