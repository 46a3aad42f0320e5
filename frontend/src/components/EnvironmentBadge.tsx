import { IconBuilding, IconFlask, IconTestPipe } from "@tabler/icons-react";
import { governance } from "@/api/models";
import { usePreference } from "./use-preference";

type Props = {
  id: string;
  name: string;
  kind?: governance.EnvironmentKind;
  production?: boolean;
  size?: "sm" | "md" | "lg";
};

/** The colours that a person can give an environment. Red is production's alone. */
export const environmentColors = ["teal", "violet", "cyan", "orange", "pink", "indigo", "gray"] as const;

/** An environment wears its name and colour everywhere. Production is red, filled and in capitals, always. */
export function EnvironmentBadge({ id, name, kind, production, size = "md" }: Props) {
  const [color] = usePreference(`environment.${id}.color`, "teal");
  const Icon = production
    ? IconBuilding
    : kind === governance.EnvironmentKind.Demo
      ? IconFlask
      : IconTestPipe;
  return (
    <span
      className="badge environment"
      data-size={size}
      data-color={production ? undefined : color}
      data-production={production || undefined}
    >
      <Icon size={14} stroke={1.8} aria-hidden />
      <span className="badge-word">{name}</span>
    </span>
  );
}
