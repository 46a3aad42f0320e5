import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { cleanNotifications, Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import axe from "axe-core";
import { RequestPage } from "./RequestPage";
import { RequestsPage } from "./RequestsPage";

/** The two pages with their addresses, and nothing of the shell. Pages of others say their address only. */
export function show(address: string) {
  cleanNotifications();
  window.location.hash = address;
  const root = createRootRoute({
    component: Outlet,
    validateSearch: (given: Record<string, string>) => given,
  });
  const at = (path: string, component: () => React.ReactNode) =>
    createRoute({ getParentRoute: () => root, path, component });
  const router = createRouter({
    routeTree: root.addChildren([
      at("/change-requests", RequestsPage),
      at("/change-requests/$id", RequestPage),
      at("/$", () => <p>elsewhere</p>),
    ]),
    history: createHashHistory(),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications />
          {/* biome-ignore lint/suspicious/noExplicitAny: a router of a few of the routes */}
          <RouterProvider router={router as any} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { client, router };
}

/** What axe finds, in words. It cannot judge colours here, since jsdom draws nothing. */
export async function barriers() {
  const { violations } = await axe.run(document.body, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}

/** jsdom lays nothing out and has no fonts: a list has to be told how high it is, and a text area that no font comes. */
export function giveHeight() {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, get: () => 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 900 });
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
  Element.prototype.scrollTo = () => {};
  Element.prototype.scrollIntoView = () => {};
}
