/** Go's zero time, the year 1, means "never". */
export const isKnown = (at: string) => new Date(at).getUTCFullYear() > 1970;

/** So many whole days ago. */
export const daysSince = (at: string, now = Date.now()) =>
  Math.floor((now - new Date(at).getTime()) / 86_400_000);
