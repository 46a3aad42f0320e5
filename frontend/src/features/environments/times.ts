/** So many whole days ago. */
export const daysSince = (at: string, now = Date.now()) =>
  Math.floor((now - new Date(at).getTime()) / 86_400_000);
