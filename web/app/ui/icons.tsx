const paths = {
  home: 'M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.500v-5.500h-5V20H5a1 1 0 0 1-1-1z',
  courses: 'M9 17.500V6l10-2v11.500M9 17.500a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0zm10-2a2.500 2.500 0 1 1-5 0 2.500 2.500 0 0 1 5 0z',
  bookings: 'M5 6h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zm-1 5h16M8 3.500V8m8-4.500V8',
  chat: 'M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-4.500 4V16H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z',
  bell: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.500 8c.700-3.500 3.700-5 7.500-5s6.800 1.500 7.500 5',
  inbox: 'M4 13.500 6.500 5h11L20 13.500V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zm0 0h4.500l1 2.500h5l1-2.500H20',
  people: 'M9 12a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zm-6 7.500c.500-3.300 3-4.500 6-4.500s5.500 1.200 6 4.500M16 12a3 3 0 1 0-1-5.800M17 15c2.300.300 3.800 1.600 4.200 4.500',
  in: 'M10 8V5a1 1 0 0 1 1-1h8a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-8a1 1 0 0 1-1-1v-3M4 12h11m-3.500-3.500L15 12l-3.500 3.500',
  theme: 'M12 4a8 8 0 1 0 0 16zm0 0a8 8 0 0 1 0 16',
} as const;

export type IconName = keyof typeof paths;

/** A small drawing beside a word; it says nothing by itself. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
