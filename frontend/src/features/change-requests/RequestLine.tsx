import { IconBellRinging } from "@tabler/icons-react";
import { memo } from "react";
import { governance, type workspace } from "@/api/models";
import { EmergencyBadge } from "@/components/EmergencyBadge";
import { EnvironmentBadge } from "@/components/EnvironmentBadge";
import { type Look, LookBadge } from "@/components/LookBadge";
import { StatusBadge } from "@/components/StatusBadge";
import { When } from "@/components/When";
import { useTranslation } from "@/i18n/use-translation";

/** The columns of the list; the narrow window keeps what says where a request stands. */
export const columns: { id: string; place: string; sortable?: boolean }[] = [
  { id: "number", place: "request-number", sortable: true },
  { id: "name", place: "request-name", sortable: true },
  { id: "status", place: "request-status", sortable: true },
  { id: "type", place: "request-type from-42", sortable: true },
  { id: "deployed", place: "request-deployed from-60" },
  { id: "customizations", place: "request-count from-76" },
  { id: "authors", place: "request-authors from-90" },
  { id: "updatedAt", place: "request-changed", sortable: true },
];

const waiting: Look = { color: "yellow", icon: IconBellRinging };

/** One Change Request in the list. Plain elements: see LookBadge. */
export const RequestLine = memo(function RequestLine({ row }: { row: workspace.RequestRow }) {
  const { t } = useTranslation();
  return (
    <div className="line">
      <div className="request-number dim tabular">{row.label}</div>
      <div className="request-name pair">
        <span className={row.name ? "cut strong" : "cut strong dim"} title={row.name}>
          {row.name || t("changeRequests.noName")}
        </span>
        {row.waiting && <LookBadge look={waiting}>{t("changeRequests.waiting")}</LookBadge>}
      </div>
      <div className="request-status">
        <StatusBadge status={row.status} />
      </div>
      <div className="request-type from-42">
        {row.type === governance.ChangeType.Emergency ? (
          <EmergencyBadge />
        ) : (
          t(`changeType.${row.type}`, { defaultValue: row.type })
        )}
      </div>
      <div className="request-deployed from-60">
        <Places places={row.deployed} />
      </div>
      <div
        className="request-count from-76 tabular"
        title={t("changeRequests.customizationCount", { count: row.customizations })}
      >
        {row.customizations}
      </div>
      <div className="request-authors from-90 dim cut">
        {row.authors.map((person) => person.name).join(", ")}
      </div>
      <div className="request-changed">
        <When at={row.updatedAt} />
      </div>
    </div>
  );
});

/** Where a request was deployed; the newest places first, the others as a number. */
export function Places({
  places,
  most = 2,
  wrap,
}: {
  places: workspace.Place[];
  most?: number;
  wrap?: boolean;
}) {
  const shown = [...places].reverse().slice(0, most);
  return (
    <div className={wrap ? "places wrap" : "places"}>
      {shown.map((place) => (
        <EnvironmentBadge
          key={place.environmentId}
          id={place.environmentId}
          name={place.name}
          kind={place.kind}
          production={place.production}
          size="sm"
        />
      ))}
      {places.length > most && <span className="small dim tabular">+{places.length - most}</span>}
    </div>
  );
}
