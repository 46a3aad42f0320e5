// Somebody who changes a demo org past the app: over HTTP, with the org's own
// protocols, as any other tool does.
import { until } from "./wait.mjs";
import { zipped } from "./zip.mjs";

const version = "66.0";
const loginVersion = "64.0"; // login() is gone from 65.0 on

const escaped = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Signs in with SOAP login(), and returns what that user can do. */
export async function signIn({ url, username, password }) {
  const answer = await fetch(`${url}/services/Soap/u/${loginVersion}`, {
    method: "POST",
    headers: { "Content-Type": "text/xml; charset=UTF-8", SOAPAction: '""' },
    body: `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="urn:partner.soap.sforce.com"><username>${escaped(username)}</username><password>${escaped(password)}</password></login></e:Body></e:Envelope>`,
  });
  const session = /<sessionId>([^<]+)</.exec(await answer.text())?.[1];
  if (!session) throw new Error(`${username} could not sign in`);
  const rest = async (path, init = {}) => {
    const response = await fetch(`${url}/services/data/v${version}${path}`, { ...init, headers: { Authorization: `Bearer ${session}`, ...init.headers } });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    query: (soql) => rest(`/tooling/query?q=${encodeURIComponent(soql)}`),
    /** Deploys files of a package, and waits for its end. */
    async deploy(files) {
      const form = new FormData();
      form.append("json", new Blob([JSON.stringify({ deployOptions: { rollbackOnError: true, testLevel: "NoTestRun" } })], { type: "application/json" }));
      form.append("file", new Blob([zipped(files)], { type: "application/zip" }), "deploy.zip");
      const { id } = await rest("/metadata/deployRequest", { method: "POST", body: form });
      const { deployResult } = await until("the deployment past the app", async () => {
        const now = await rest(`/metadata/deployRequest/${id}?includeDetails=true`);
        return now.deployResult.done && now;
      });
      if (deployResult.status !== "Succeeded") throw new Error(JSON.stringify(deployResult));
      return id;
    },
  };
}

const manifest = (name) => `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>${name}</members><name>GlobalValueSet</name></types><version>${version}</version></Package>`;

/** The files of a value set, which a production takes without tests. */
export const aValueSet = (name, value) => ({
  "package.xml": manifest(name),
  [`globalValueSets/${name}.globalValueSet`]: `<?xml version="1.0" encoding="UTF-8"?>
<GlobalValueSet xmlns="http://soap.sforce.com/2006/04/metadata"><customValue><fullName>${value}</fullName><default>false</default><label>${value}</label></customValue><masterLabel>${name}</masterLabel><sorted>false</sorted></GlobalValueSet>`,
});

/** What deletes a value set. */
export const withoutValueSet = (name) => ({
  "package.xml": `<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata"><version>${version}</version></Package>`,
  "destructiveChanges.xml": manifest(name),
});
