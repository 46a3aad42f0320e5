import { governance, type workspace } from "@/api/models";
import { useTranslation } from "@/i18n/use-translation";

/** Why nothing can be asked of an org now: this computer has no credentials for it. Empty if it can sign in. */
export function useHeld(view: workspace.EnvironmentView): string {
  const { t } = useTranslation();
  if (view.hasCredentials || view.environment.signIn === governance.SignInMethod.Sf) return "";
  const browser = view.environment.signIn === governance.SignInMethod.Oauth;
  if (view.unconfirmed) return t("environments.needConfirm");
  return t(browser ? "environments.needSignIn" : "environments.needCredentials");
}
