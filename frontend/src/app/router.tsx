import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
} from "@tanstack/react-router";
import { TrailPage } from "@/features/audit-trail/TrailPage";
import { RequestPage } from "@/features/change-requests/RequestPage";
import { RequestsPage } from "@/features/change-requests/RequestsPage";
import { LogPage } from "@/features/deployment-logs/LogPage";
import { NewRecordPage } from "@/features/deployments/NewRecordPage";
import { RecordPage } from "@/features/deployments/RecordPage";
import { RecordsPage } from "@/features/deployments/RecordsPage";
import { EnvironmentPage } from "@/features/environments/EnvironmentPage";
import { EnvironmentsPage } from "@/features/environments/EnvironmentsPage";
import { ExchangePage } from "@/features/exchange/ExchangePage";
import { FirstStartPage } from "@/features/first-start/FirstStartPage";
import { GuidePage } from "@/features/guide/GuidePage";
import { HomePage } from "@/features/home/HomePage";
import { MembersPage } from "@/features/members/MembersPage";
import { PoliciesPage } from "@/features/policies/PoliciesPage";
import { ReviewPage } from "@/features/review/ReviewPage";
import { SettingsPage } from "@/features/settings/SettingsPage";
import { PageFault } from "./PageFault";
import { Shell } from "./Shell";

/** What the address keeps of a page: its tab, what is searched, filtered and sorted. */
export type Search = {
  tab?: string;
  view?: string;
  text?: string;
  sort?: string;
  status?: string;
  type?: string;
  item?: string;
  request?: string;
  record?: string;
  by?: string;
  kind?: string;
  package?: string;
};

const words = [
  "tab",
  "view",
  "text",
  "sort",
  "status",
  "type",
  "item",
  "request",
  "record",
  "by",
  "kind",
  "package",
] as const;

function readSearch(given: Record<string, unknown>): Search {
  const search: Search = {};
  for (const word of words) {
    const value = given[word];
    if (typeof value === "string" || typeof value === "number") search[word] = String(value);
  }
  return search;
}

const root = createRootRoute({ component: Shell, validateSearch: readSearch });

const page = <P extends string>(path: P, component: () => React.ReactNode) =>
  createRoute({ getParentRoute: () => root, path, component });

const routes = [
  page("/", HomePage),
  page("/start", FirstStartPage),
  page("/change-requests", RequestsPage),
  page("/change-requests/$id", RequestPage),
  page("/change-requests/$id/review", ReviewPage),
  page("/deployments", RecordsPage),
  page("/deployments/new", NewRecordPage),
  page("/deployments/$id", RecordPage),
  page("/deployments/$id/review", ReviewPage),
  page("/logs/$id", LogPage),
  page("/environments", EnvironmentsPage),
  page("/environments/$id", EnvironmentPage),
  page("/policies", PoliciesPage),
  page("/members", MembersPage),
  page("/audit-trail", TrailPage),
  page("/exchange", ExchangePage),
  page("/settings", SettingsPage),
  page("/guide", GuidePage),
  page("/guide/$page", GuidePage),
] as const;

/** All routes of the window. Hash history, since the page has no server that could answer a path. */
export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren(routes),
    history: createHashHistory(),
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: () => <Navigate to="/" />,
    scrollRestoration: true,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
