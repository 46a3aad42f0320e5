/** Where an org is signed in to. */
export type Place = "production" | "sandbox" | "domain" | "demo";

export const places: Place[] = ["production", "sandbox", "domain", "demo"];

const fixed: Partial<Record<Place, string>> = {
  production: "https://login.salesforce.com",
  sandbox: "https://test.salesforce.com",
};

/** The address that a place begins with. */
export const addressOf = (place: Place) =>
  fixed[place] ?? (place === "demo" ? "http://127.0.0.1:" : "https://");

/** Which place an address is; an org inside the demo workspace has none. */
export function placeOf(url: string): Place | "inside" {
  if (/^demo:/.test(url)) return "inside";
  if (/^http:\/\//i.test(url)) return "demo";
  const known = places.find((place) => fixed[place] === url.replace(/\/$/, ""));
  return known ?? "domain";
}
