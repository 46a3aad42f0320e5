import { useLocation, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { RecordReview } from "./RecordReview";
import { RequestReview } from "./RequestReview";

/** What an approver sees: of a Change Request or of a Deployment Record, as the address says. */
export function ReviewPage(): ReactNode {
  const record = useLocation({ select: (l) => l.pathname.startsWith("/deployments/") });
  const { id = "" } = useParams({ strict: false });
  return record ? <RecordReview key={id} id={id} /> : <RequestReview key={id} id={id} />;
}
