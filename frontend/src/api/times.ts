/** Go's zero time, the year 1, means "never"; some orgs date what they do not know 1970. */
export const isKnown = (at: string) => new Date(at).getUTCFullYear() > 1970;
