import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import * as bound from "../../wailsjs/go/app/Environments";
import { call, type Fault } from "./fault";
import type { salesforce, workspace } from "./models";
import { nextOffset, pageSize } from "./pages";

/** The environments by name. */
export const environments = queryOptions<workspace.EnvironmentView[], Fault>({
  queryKey: ["environments"],
  queryFn: () => call(() => bound.List()),
});

/** One environment. */
export const environment = (id: string) =>
  queryOptions<workspace.EnvironmentView, Fault>({
    queryKey: ["environments", id],
    queryFn: () => call(() => bound.Get(id)),
  });

/** An environment's last inventory, a page at a time. */
export const inventory = (id: string, query: Omit<workspace.InventoryQuery, "offset" | "limit">) =>
  infiniteQueryOptions<workspace.InventoryPage, Fault, workspace.InventoryPage, unknown[], number>({
    queryKey: ["inventory", id, query],
    queryFn: ({ pageParam }) => call(() => bound.Inventory(id, { ...query, offset: pageParam, limit: 200 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({ items: pages.flatMap((page) => page.items), total: pages.at(-1)?.total ?? 0 }),
  });

/** What the filters beside an inventory count. */
export const inventorySummary = (id: string) =>
  queryOptions<workspace.InventorySummary, Fault>({
    queryKey: ["inventory", id, "summary"],
    queryFn: () => call(() => bound.Summary(id)),
  });

export const saveEnvironment = (id: string, fields: workspace.EnvironmentFields) =>
  call(() => bound.Save(id, fields));
export const saveCredentials = (id: string, secrets: workspace.Secrets) =>
  call(() => bound.SaveCredentials(id, secrets));
export const testConnection = (id: string) => call(() => bound.TestConnection(id));
export const runInventory = (id: string) => call(() => bound.RunScan(id));

/** Items of an inventory from a place on, so that a list of any length can be looked at anywhere. */
export const inventoryAt = (
  id: string,
  query: Omit<workspace.InventoryQuery, "offset" | "limit">,
  offset: number,
) =>
  queryOptions<workspace.InventoryPage, Fault>({
    queryKey: ["inventory", id, query, "from", offset],
    queryFn: () => call(() => bound.Inventory(id, { ...query, offset, limit: pageSize })),
    staleTime: 60_000, // a new scan says so
  });

/** What an External Client App needs; it is the same for every org. */
export const signInRecipe = queryOptions<workspace.SignInRecipe, Fault>({
  queryKey: ["sign-in-recipe"],
  queryFn: () => call(() => bound.SignInRecipe()),
  staleTime: Number.POSITIVE_INFINITY,
});

/** The orgs that the sf CLI is signed in to: asked when somebody wants to pick one, since the CLI takes seconds. */
export const cliOrgs = queryOptions<salesforce.CLIOrg[], Fault>({
  queryKey: ["cli-orgs"],
  queryFn: () => call(() => bound.CLIOrgs()),
  enabled: false,
  retry: false,
});

/** What a connection lacks: asked by the person, and kept until then. */
export const diagnosis = (id: string) =>
  queryOptions<workspace.Diagnosis, Fault>({
    queryKey: ["diagnosis", id],
    queryFn: () => call(() => bound.Diagnose(id)),
    enabled: false,
    retry: false,
  });

export const signIn = (id: string) => call(() => bound.SignIn(id));
export const confirmSignIn = (id: string, offer: string) => call(() => bound.ConfirmSignIn(id, offer));
export const declineSignIn = (id: string, offer: string) => call(() => bound.DeclineSignIn(id, offer));
export const removeSecret = (id: string) => call(() => bound.RemoveSecret(id));
export const cancelSignIn = (id: string) => call(() => bound.CancelSignIn(id));
export const showSignIn = (id: string) => call(() => bound.ShowSignIn(id));
export const copySignIn = (id: string) => call(() => bound.CopySignIn(id));
export const signOut = (id: string) => call(() => bound.SignOut(id));

/** What was changed in an org outside the process, a page at a time. */
export const outside = (id: string, open: boolean) =>
  infiniteQueryOptions<workspace.OutsidePage, Fault, workspace.OutsidePage, unknown[], number>({
    queryKey: ["outside", id, open],
    queryFn: ({ pageParam }) => call(() => bound.Outside(id, { open, offset: pageParam, limit: 200 })),
    initialPageParam: 0,
    getNextPageParam: nextOffset,
    select: ({ pages }) => ({
      ...(pages.at(-1) as workspace.OutsidePage),
      items: pages.flatMap((page) => page.items),
    }),
  });

export const checkOutside = (id: string, everything: boolean) =>
  call(() => bound.CheckOutside(id, everything));
export const resolveOutside = (id: string, wish: workspace.OutsideWish) =>
  call(() => bound.ResolveOutside(id, wish));
/** What is probably of a deployment, and named by none. */
export const probablyDeployed = (id: string) =>
  queryOptions<workspace.ProbableChange[], Fault>({
    queryKey: ["outside", id, "probable"],
    queryFn: () => call(() => bound.ProbablyDeployed(id)),
  });
export const findProbable = (id: string, refs: string[]) => call(() => bound.FindProbable(id, refs));
export const openOutside = (id: string, act: string) => call(() => bound.OpenOutside(id, act));
