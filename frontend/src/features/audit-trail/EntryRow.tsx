import { IconSignature } from "@tabler/icons-react";
import { memo } from "react";
import type { workspace } from "@/api/models";
import { timeFormat } from "@/components/intl";
import { useNumber } from "@/components/use-number";
import { useSaid } from "@/components/use-said";
import { useTranslation } from "@/i18n/use-translation";
import { kindIcon, useKindWord } from "./kinds";

export function EntryHead() {
  const { t } = useTranslation();
  return (
    <div className="list-head entry-line">
      <span>{t("trail.column.index")}</span>
      <span>{t("trail.column.at")}</span>
      <span>{t("trail.column.by")}</span>
      <span>{t("trail.column.what")}</span>
      <span>{t("trail.column.about")}</span>
    </div>
  );
}

/** One entry on one line. A pen says that a person signed it. Plain elements: see LookBadge. */
export const EntryRow = memo(function EntryRow({ entry }: { entry: workspace.TrailEntry }) {
  const { t, i18n } = useTranslation();
  const number = useNumber();
  const word = useKindWord();
  const Icon = kindIcon(entry.kind);
  const sentence = useSaid("trail")(entry.text, entry.said);
  const at = new Date(entry.at);
  return (
    <div className="line entry-line">
      <div className="small dim tabular">{number(entry.index)}</div>
      <div className="dim tabular cut">
        {at.getUTCFullYear() < 1970 // an entry that does not say
          ? "–"
          : timeFormat(i18n.language, { dateStyle: "medium", timeStyle: "short" }).format(at)}
      </div>
      <div className="cut" title={entry.by?.name}>
        {entry.by?.name ?? "–"}
      </div>
      <div className="entry-what">
        <Icon size={16} stroke={1.6} title={word(entry.kind)} aria-label={word(entry.kind)} />
        <span className="cut" title={sentence}>
          {sentence}
        </span>
        {entry.act && <IconSignature size={15} stroke={1.6} aria-label={t("trail.signed")} className="dim" />}
      </div>
      <div className="dim cut" title={entry.about}>
        {entry.about}
      </div>
    </div>
  );
});
