import { Box } from "@mantine/core";
import { Fault } from "@/api/fault";
import { FaultAlert } from "./FaultAlert";

type Query = { error: unknown; isFetching: boolean; refetch: () => unknown };

type Props = {
  title: string;
  query: Query;
  /** It is all that the page shows, so its title is the page's heading. */
  alone?: boolean;
};

/** Why what was asked for could not be read, with the way to ask again. */
export function NotRead({ title, query, alone }: Props) {
  return (
    <FaultAlert
      alone={alone}
      title={title}
      fault={Fault.from(query.error)}
      onRetry={() => query.refetch()}
      retrying={query.isFetching}
    />
  );
}

/** The same for the one thing that a page is about. */
export const PageNotRead = (p: { title: string; query: Query }) => (
  <Box p="lg" maw={760}>
    <NotRead alone {...p} />
  </Box>
);
