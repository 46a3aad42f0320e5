/**
 * Times and numbers in a language. Making a formatter takes a hundred times as long as using it, and a page writes
 * dozens of each: they are made once.
 */
function keeper<F, O>(make: (language: string, options: O) => F) {
  const kept = new Map<string, F>();
  return (language: string, options: O): F => {
    const key = language + JSON.stringify(options);
    const known = kept.get(key);
    if (known) return known;
    const made = make(language, options);
    kept.set(key, made);
    return made;
  };
}

export const timeFormat = keeper<Intl.DateTimeFormat, Intl.DateTimeFormatOptions>(
  (language, options) => new Intl.DateTimeFormat(language, options),
);

export const numberFormat = keeper<Intl.NumberFormat, Intl.NumberFormatOptions>(
  (language, options) => new Intl.NumberFormat(language, options),
);

export const agoFormat = keeper<Intl.RelativeTimeFormat, Intl.RelativeTimeFormatOptions>(
  (language, options) => new Intl.RelativeTimeFormat(language, options),
);
