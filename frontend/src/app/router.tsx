import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Navigate,
  redirect,
} from "@tanstack/react-router";
import { ListPage as ChangeRequestsPage } from "@/features/change-requests/ListPage";
import { PageFault } from "./PageFault";
import { Shell } from "./Shell";

const root = createRootRoute({ component: Shell });

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/change-requests" });
  },
});

const changeRequests = createRoute({
  getParentRoute: () => root,
  path: "/change-requests",
  component: ChangeRequestsPage,
});

/** All routes of the window. Hash history, since the page has no server that could answer a path. */
export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren([start, changeRequests]),
    history: createHashHistory(),
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: () => <Navigate to="/change-requests" />,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
