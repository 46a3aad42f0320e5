import { useEffect, useMemo, useRef } from "react";
import { usePreference } from "./use-preference";
import { useWorkspace } from "./use-workspace";

/** The content that somebody looked at last, and when. */
export type Looked = { digest: string; at: string };

/** What is remembered on this computer; the oldest give way. */
const mostKept = 300;

function read(kept: string): Record<string, Looked> {
  try {
    const all = JSON.parse(kept || "{}") as Record<string, Looked>;
    return typeof all === "object" && all ? all : {};
  } catch {
    return {}; // not ours: nothing was looked at
  }
}

/** Puts a look at the front, so that the oldest ones are let go. */
export function withLook(all: Record<string, Looked>, id: string, look: Looked) {
  const { [id]: _, ...rest } = all;
  return Object.fromEntries([[id, look] as const, ...Object.entries(rest)].slice(0, mostKept));
}

/** What the person who acts looked at last on this computer. */
export function useLookedAt() {
  const { state, me } = useWorkspace();
  const key = `looked.${(state?.id ?? "").slice(0, 32)}.${me?.id ?? ""}`;
  const [kept, keep] = usePreference(key);
  const all = useMemo(() => read(kept), [kept]);
  return { all, kept, keep, known: Boolean(state && me) };
}

/** Remembers that this content is looked at now, and says what was looked at when the page was opened. */
export function useLook(id: string, digest: string, looks: boolean): Looked | undefined {
  const { all, keep, known } = useLookedAt();
  const before = useRef<{ id: string; look?: Looked }>(undefined);
  if (known && before.current?.id !== id) before.current = { id, look: all[id] };
  const stale = known && looks && digest !== "" && all[id]?.digest !== digest;
  // biome-ignore lint/correctness/useExhaustiveDependencies: keep and all are others each time
  useEffect(() => {
    if (stale) keep(JSON.stringify(withLook(all, id, { digest, at: new Date().toISOString() })));
  }, [stale, id, digest]);
  const { look } = before.current ?? {};
  return look && look.digest !== digest ? look : undefined;
}
