import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications, notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
  useLocation,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import axe from "axe-core";
import type { ReactNode } from "react";

/** Pages by their paths, in a window at a place. Every other place shows its address, so that a test can see it. */
export function showPages(pages: Record<string, () => ReactNode>, place: string) {
  // Virtual lists draw as many rows as they have room for, and jsdom gives them none.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { configurable: true, value: 600 });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, value: 1000 });
  notifications.clean(); // they outlive a page
  // A text area that grows waits for fonts, which jsdom does not know.
  Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
  const root = createRootRoute({ component: Outlet, notFoundComponent: Elsewhere });
  const routes = Object.entries(pages).map(([path, component]) =>
    createRoute({ getParentRoute: () => root, path, component }),
  );
  const router = createRouter({
    routeTree: root.addChildren(routes),
    history: createMemoryHistory({ initialEntries: [place] }),
  });
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const rendered = render(
    <MantineProvider env="test">
      <QueryClientProvider client={client}>
        <ModalsProvider>
          <Notifications />
          <main>
            {/* biome-ignore lint/suspicious/noExplicitAny: the window's own router has other routes */}
            <RouterProvider router={router as any} />
          </main>
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...rendered, client, router };
}

function Elsewhere() {
  const { href } = useLocation();
  return <p>At {href}</p>;
}

/** What axe finds, in words. It cannot judge colours here, since jsdom draws nothing. */
export async function barriers() {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
}
