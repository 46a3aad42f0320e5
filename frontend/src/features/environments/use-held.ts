import { governance, type workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

/** Why nothing can be asked of an org now: this computer has no credentials for it. Empty if it can sign in. */
export function useHeld(view: workspace.EnvironmentView): string {
  const { t } = useTranslation();
  const missing = view.environment.signIn === governance.SignInMethod.Password && !view.hasCredentials;
  return missing ? t("environments.needCredentials") : "";
}
