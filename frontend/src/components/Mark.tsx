/** The product's mark, as on the icon: a sheet with a check mark and the line of a signature. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 64 64" aria-hidden="true">
      <rect x="2" y="2" width="60" height="60" rx="14" fill="var(--mantine-color-blue-8)" />
      <path
        d="M20 12h17l9 9v29a3 3 0 0 1-3 3H20a3 3 0 0 1-3-3V15a3 3 0 0 1 3-3z"
        fill="var(--mantine-color-white)"
      />
      <path d="M37 12l9 9h-7a2 2 0 0 1-2-2z" fill="var(--mantine-color-blue-2)" />
      <g fill="none" strokeLinecap="round" strokeLinejoin="round">
        <path d="M23 33l6 6L41 26.5" stroke="var(--mantine-color-blue-8)" strokeWidth="4.6" />
        <path
          d="M23 47.2c2.2-3 3.6-3 4 0 .3 1.6 1.6 1.2 2.6-.4 .9-1.4 2-1.4 2.4 .2 .3 1.2 1.4 1 2.3 .2H41"
          stroke="var(--mantine-color-blue-4)"
          strokeWidth="2.4"
        />
      </g>
    </svg>
  );
}
