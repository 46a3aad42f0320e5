import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { request, saveRequest } from "@/api/change-requests";
import { tellUnsaved } from "@/api/events";
import { Fault } from "@/api/fault";
import { governance, type workspace } from "@/api/models";
import { draftsUnsaved, watchTyped } from "@/components/unsaved";
import { useTellFault } from "@/components/use-act";

const restInMilliseconds = 600;
/** Fingers that never rest are saved all the same. */
const longestInMilliseconds = 3000;

type Fields = workspace.RequestFields;

/** What a person edits, and whether it is on disk. */
type DraftState = {
  fields: Fields;
  /** kept: what is seen is saved. pending: it is not yet. saving: it is on its way. fault: it could not be saved. */
  word: "kept" | "pending" | "saving" | "fault";
  /** When something was saved last, in this window. */
  savedAt?: number;
  fault?: Fault;
};

const noFields: Fields = {
  name: "",
  overview: "",
  type: governance.ChangeType.Minor,
  supportingText: "",
  externalLink: "",
  externalNumber: "",
  changeSets: [],
  emergencyReason: "",
  incident: "",
  additionalApprovers: [],
};

/** What a person edits of a request beside its customizations and files. */
export const fieldsOf = ({ request }: workspace.RequestView): Fields => ({
  name: request.name,
  overview: request.overview,
  type: request.type,
  supportingText: request.supportingText,
  externalLink: request.externalLink,
  externalNumber: request.externalNumber,
  changeSets: request.changeSets,
  emergencyReason: request.emergencyReason ?? "",
  incident: request.incident ?? "",
  additionalApprovers: request.additionalApprovers ?? [],
});

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const tidy = (value: unknown) => (typeof value === "string" ? value.trim() : JSON.stringify(value));
/** The backend trims what is typed; a blank at the end is no reason to change a text under somebody's fingers. */
const alike = (a: Fields, b: Fields) =>
  (Object.keys(a) as (keyof Fields)[]).every((key) => tidy(a[key]) === tidy(b[key]));

let count = 0;

/**
 * A Draft saves itself when the fingers rest. One save is under way at a time; what is typed meanwhile is saved after
 * it. What could not be saved stays here, also when the person goes to another page and comes back.
 */
export class Draft {
  /** Names this draft for as long as it lives, also when it gets its id. */
  readonly key = `draft-${++count}`;
  id: string;
  state: DraftState;
  /** Told once, when a draft that was nowhere yet has an id. */
  onMade?: (id: string) => void;
  private base: Fields;
  private seen = 0;
  private readonly save: (id: string, fields: Fields) => Promise<workspace.RequestView>;
  private readonly listeners = new Set<() => void>();
  private timer?: ReturnType<typeof setTimeout>;
  /** Since when something waits to be saved. */
  private waits?: number;
  private shown = 0;
  private saving?: Promise<boolean>;

  constructor(
    id: string,
    fields: Fields,
    save: (id: string, fields: Fields) => Promise<workspace.RequestView>,
  ) {
    this.id = id;
    this.base = fields;
    this.save = save;
    this.state = { fields, word: "kept" };
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };
  snapshot = () => this.state;

  /** Whether something is typed that is not saved. */
  get unsaved() {
    return this.state.word !== "kept";
  }

  edit = (part: Partial<Fields>) => {
    const fields = { ...this.state.fields, ...part };
    if (same(fields, this.state.fields)) return;
    this.put({ fields, word: this.saving ? "saving" : "pending", fault: undefined });
    clearTimeout(this.timer);
    this.waits ??= Date.now();
    const longest = this.waits + longestInMilliseconds - Date.now();
    this.timer = setTimeout(() => void this.flush(), Math.max(0, Math.min(restInMilliseconds, longest)));
  };

  /** Saves now what is not saved. The answer is whether all of it is. */
  flush = async (): Promise<boolean> => {
    clearTimeout(this.timer);
    this.waits = undefined;
    if (this.saving) {
      if (!(await this.saving)) return false;
      return this.flush();
    }
    if (same(this.state.fields, this.base)) {
      if (this.unsaved) this.put({ word: "kept", fault: undefined });
      return true;
    }
    this.saving = this.write();
    const kept = await this.saving;
    return kept && this.unsaved ? this.flush() : kept;
  };

  /**
   * What the workspace says by now, and when it was changed last. Fields that the person has changed here stay theirs;
   * an answer that is older than one that was seen already says nothing.
   */
  receive = (theirs: Fields, updatedAt: string) => {
    const at = new Date(updatedAt).getTime();
    if (at < this.seen) return;
    this.seen = at;
    if (alike(theirs, this.base)) return;
    const mine = this.state.fields;
    const fields = { ...theirs };
    for (const key of Object.keys(theirs) as (keyof Fields)[])
      if (!same(mine[key], this.base[key])) Object.assign(fields, { [key]: mine[key] });
    this.base = theirs;
    this.put({ fields });
  };

  /** Says that a page shows this draft; the answer says that it does no more. */
  show() {
    this.shown++;
    return () => {
      this.shown--;
    };
  }

  /** All of it is on disk and nobody looks at it, so that there is nothing to keep. */
  get over() {
    return this.shown === 0 && !this.unsaved;
  }

  /** It has its id, and the page on which it was new shows it no more. */
  get left() {
    return this.shown === 0 && this.id !== "";
  }

  /** Lets go of what is not saved: it never will be. */
  forget() {
    clearTimeout(this.timer);
    this.waits = undefined;
    this.put({ fields: this.base, word: "kept", fault: undefined });
  }

  private async write() {
    const sent = this.state.fields;
    this.put({ word: "saving" });
    try {
      const view = await this.save(this.id, sent);
      const made = this.id !== view.request.id;
      this.id = view.request.id;
      this.base = sent;
      this.saving = undefined;
      const more = !same(this.state.fields, sent);
      this.put({ word: more ? "pending" : "kept", savedAt: Date.now(), fault: undefined });
      this.seen = new Date(view.request.updatedAt).getTime();
      if (made) this.onMade?.(this.id);
      return true;
    } catch (thrown) {
      this.saving = undefined;
      this.put({ word: "fault", fault: Fault.from(thrown) });
      return false;
    }
  }

  private put(part: Partial<DraftState>) {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

/** The drafts that are looked at or not saved yet, by request; "new" is the one that is nowhere yet. */
const drafts = new WeakMap<QueryClient, Map<string, Draft>>();

function draftsOf(client: QueryClient) {
  const known = drafts.get(client);
  if (known) return known;
  const all = new Map<string, Draft>();
  drafts.set(client, all);
  watchTyped(client, {
    unsaved: () => [...all.values()].some((draft) => draft.unsaved),
    flush: async () => {
      const open = [...all.values()].filter((draft) => draft.unsaved);
      const kept = await Promise.all(open.map((draft) => draft.flush()));
      const stuck = open.find((_, i) => !kept[i]);
      return stuck && (stuck.state.fault ?? new Fault("unexpected", ""));
    },
    forget: () => {
      for (const [id, draft] of all) {
        draft.forget();
        if (draft.over) all.delete(id);
      }
    },
  });
  return all;
}

/** The draft of a request, one for all who ask while it is looked at or not saved yet. */
function draftOf(client: QueryClient, id: string, view?: workspace.RequestView) {
  const all = draftsOf(client);
  const known = all.get(id);
  if (known && !(id === "new" && known.left)) return known;
  const draft = new Draft(id === "new" ? "" : id, view ? fieldsOf(view) : noFields, async (known, fields) => {
    const answer = await saveRequest(known, fields);
    const { queryKey } = request(answer.request.id);
    await client.cancelQueries({ queryKey, exact: true }); // an answer that is under way is older than this one
    client.setQueryData(queryKey, answer);
    for (const word of ["requests", "today", "activity"]) void client.invalidateQueries({ queryKey: [word] });
    // It is "new" too until the page has its address: what is drawn in between must be this draft and no empty one.
    if (!known) all.set(answer.request.id, draft);
    return answer;
  });
  draft.subscribe(() => tellUnsaved(draftsUnsaved(client)));
  all.set(id, draft);
  return draft;
}

/** Lets a draft go that is saved and not looked at, so that the next look reads the workspace. */
function letGo(client: QueryClient, draft: Draft) {
  const all = draftsOf(client);
  if (!draft.over) return;
  for (const [id, one] of all) if (one === draft) all.delete(id);
}

/** The draft that a page shows. What it keeps belongs to this draft alone, so its key is the page's. */
export function useDraftOf(id: string, view?: workspace.RequestView) {
  const client = useQueryClient();
  const draft = draftOf(client, id, view);
  useEffect(() => {
    const all = draftsOf(client);
    if (id !== "new" && all.get("new") === draft) all.delete("new");
  }, [client, id, draft]);
  return draft;
}

/** A draft as the person sees it, saved when the fingers rest and on leaving. */
export function useDraft(draft: Draft, view?: workspace.RequestView) {
  const client = useQueryClient();
  const tell = useTellFault();
  const state = useSyncExternalStore(draft.subscribe, draft.snapshot);
  const theirs = view && fieldsOf(view);
  const key = JSON.stringify(theirs);
  // biome-ignore lint/correctness/useExhaustiveDependencies: key stands for theirs
  useEffect(() => {
    if (view && theirs) draft.receive(theirs, view.request.updatedAt);
  }, [draft, key, view?.request.updatedAt]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: tell is another function each time, and does the same
  useEffect(() => {
    const hidden = draft.show();
    const leave = () =>
      draft.flush().then((kept) => {
        if (!kept && draft.state.fault) tell(draft.state.fault);
      });
    const hide = () => document.visibilityState === "hidden" && void leave();
    window.addEventListener("pagehide", leave);
    document.addEventListener("visibilitychange", hide);
    return () => {
      window.removeEventListener("pagehide", leave);
      document.removeEventListener("visibilitychange", hide);
      hidden();
      void leave().then(() => letGo(client, draft));
    };
  }, [client, draft]);
  return { ...state, edit: draft.edit, flush: draft.flush, draft };
}
