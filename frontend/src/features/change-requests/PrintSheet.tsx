import { useQueryClient } from "@tanstack/react-query";
import { memo, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { wholeContent } from "@/api/change-requests";
import type { workspace } from "@/api/models";
import { usePrintSheet } from "@/components/use-print";
import { useTranslation } from "@/i18n/use-translation";

type Props = { view: workspace.RequestView; flush: () => Promise<boolean> };

/**
 * The request on paper: everything of it on one sheet, seen by the printer only. Its customizations are read and drawn
 * for as long as it is printed; a print that was started past this window says that they are missing.
 */
export const PrintSheet = memo(function PrintSheet({ view, flush }: Props) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const [all, setAll] = useState<workspace.ContentItem[]>();
  const content = wholeContent(view.request.id);
  usePrintSheet(
    async () => {
      await flush();
      setAll(await client.fetchQuery(content));
    },
    () => setAll(undefined),
  );
  // The system's own way to print asks nobody: what was read already can still be drawn.
  useEffect(() => {
    const draw = () => {
      const known = client.getQueryData(content.queryKey);
      if (known && !client.getQueryState(content.queryKey)?.isInvalidated)
        flushSync(() => setAll((now) => now ?? known));
    };
    window.addEventListener("beforeprint", draw);
    return () => window.removeEventListener("beforeprint", draw);
  });
  const { request } = view;
  const when = (at: string) =>
    new Date(at).toLocaleString(i18n.language, { dateStyle: "long", timeStyle: "short" });
  const facts: [string, string][] = [
    [t("changeRequests.column.status"), t(`status.${request.status}`)],
    [t("changeRequests.type.label"), t(`changeType.${request.type}`, { defaultValue: request.type })],
    [t("changeRequests.column.authors"), view.authors.map((person) => person.name).join(", ")],
    [t("changeRequests.updatedAt"), when(request.updatedAt)],
    [t("changeRequests.digest"), view.digest],
    [t("changeRequests.external.number"), request.externalNumber],
    [t("changeRequests.external.link"), request.externalLink],
    [t("emergency.reason"), request.emergencyReason ?? ""],
    [t("emergency.incident"), request.incident ?? ""],
    [t("changeRequests.overview.label"), request.overview],
    [t("changeRequests.supporting.label"), request.supportingText],
    [t("changeRequests.changeSets.label"), request.changeSets.join(", ")],
    [t("changeRequests.manifests.title"), request.manifests.map((manifest) => manifest.name).join(", ")],
    [t("changeRequests.attachments.title"), request.attachments.map((file) => file.name).join(", ")],
  ];
  return (
    <div className="print-only" aria-hidden>
      <h1>
        {view.label} {request.name}
      </h1>
      <table>
        <tbody>
          {facts
            .filter(([, value]) => value)
            .map(([label, value]) => (
              <tr key={label}>
                <th>{label}</th>
                <td>{value}</td>
              </tr>
            ))}
        </tbody>
      </table>
      <h2>{t(view.seats.expected ? "changeRequests.seatsExpected" : "changeRequests.seats")}</h2>
      <ul>
        {view.seats.seats.map((seat, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: seats have no other name than their place
          <li key={i}>
            {t(`role.${seat.role}`, { defaultValue: seat.role })}:{" "}
            {seat.member ? `${seat.member.name}, ${when(seat.at)} ${seat.reason}` : "–"}
          </li>
        ))}
      </ul>
      <p>{view.seats.rule}</p>
      <h2>{t("changeRequests.tab.customizations")}</h2>
      {all ? <Rows all={all} /> : <p>{t("changeRequests.printWithout", { count: view.count })}</p>}
    </div>
  );
});

const Rows = memo(function Rows({ all }: { all: workspace.ContentItem[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <tbody>
        {all.map((item) => (
          <tr key={`${item.type}:${item.name}`}>
            <td>{item.type}</td>
            <td>{item.name}</td>
            <td>{t(`change.${item.action}`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
});
