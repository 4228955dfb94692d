declare module '@event-calendar/build' {
  interface CalendarEvent {
    id: string;
    start: string | Date;
    end: string | Date;
    title: string;
    extendedProps?: Record<string, unknown>;
  }

  interface Calendar {
    setOption(name: string, value: unknown): Calendar;
  }

  const EventCalendar: {
    create(target: HTMLElement, options: Record<string, unknown>): Calendar;
    destroy(calendar: Calendar): void;
  };
  export default EventCalendar;
  export type { Calendar, CalendarEvent };
}

declare module '@event-calendar/build/css' {
  const address: string;
  export default address;
}

declare module 'chartist/css' {
  const address: string;
  export default address;
}

declare module '*.css';
