import { Badge } from "@mantine/core";
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
    <Badge
      size={size}
      radius="sm"
      variant={production ? "filled" : "light"}
      color={production ? "red.9" : color}
      tt={production ? "uppercase" : "none"}
      fw={production ? 650 : 550}
      leftSection={<Icon size={14} stroke={1.8} aria-hidden />}
      data-production={production || undefined}
    >
      {name}
    </Badge>
  );
}
