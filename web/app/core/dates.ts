import { language, locale, t } from './i18n.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const name = JSON.stringify([locale(), options]);
  let made = formats.get(name);
  if (!made) formats.set(name, (made = new Intl.DateTimeFormat(locale(), options)));
  return made;
}

/** The time zone of the reader's device. */
export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** `Monday, 4 January` in the zone. */
export const longDay = (at: Date | string, timeZone: string) =>
  format({ weekday: 'long', day: 'numeric', month: 'long', timeZone }).format(new Date(at));

/** `Mon, 4 Jan 2027` in the zone. */
export const shortDay = (at: Date | string, timeZone: string) =>
  format({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', timeZone }).format(new Date(at));

export const weekdayName = (at: Date | string, timeZone: string, width: 'long' | 'short' = 'long') =>
  format({ weekday: width, timeZone }).format(new Date(at));

export const dayAndMonth = (at: Date | string, timeZone: string) =>
  format({ day: 'numeric', month: 'short', timeZone }).format(new Date(at));

/** `16:00`, or as the locale writes it. */
export const clock = (at: Date | string, timeZone: string) => format({ hour: '2-digit', minute: '2-digit', timeZone }).format(new Date(at));

/** A moment in the reader's own zone: `4 Jan 2027, 16:00`. */
export const moment = (at: Date | string) => format({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** The short name of a zone at a moment: WIB, GMT+8. */
export function zoneName(at: Date | string, timeZone: string): string {
  const parts = format({ timeZone, timeZoneName: 'short', hour: 'numeric' }).formatToParts(new Date(at));
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
}

/** Whether the reader's clock shows another time than the zone's at this moment. */
export function differs(at: Date | string, timeZone: string): boolean {
  const numbers: Intl.DateTimeFormatOptions = { day: 'numeric', hour: 'numeric', minute: 'numeric' };
  return format({ ...numbers, timeZone }).format(new Date(at)) !== format({ ...numbers, timeZone: ownZone }).format(new Date(at));
}

/** `2027-01-04`, the day in the zone. */
export function dayKey(at: Date | string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit', timeZone }).format(new Date(at));
  return parts;
}

/** Noon UTC of a day such as 2027-01-04: a moment that can be counted with. */
export const noon = (day: string) => new Date(`${day}T12:00:00Z`);

export function addDays(day: string, count: number): string {
  const at = noon(day);
  at.setUTCDate(at.getUTCDate() + count);
  return at.toISOString().slice(0, 10);
}

/** The first weekday of the locale's weeks: 1 for Monday, 7 for Sunday. */
export function weekStart(): number {
  const info = new Intl.Locale(locale()) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return info.getWeekInfo?.().firstDay ?? info.weekInfo?.firstDay ?? (language.value === 'id' ? 7 : 1);
}

/** The first day of the week in which a day lies. */
export function startOfWeek(day: string): string {
  const weekday = noon(day).getUTCDay() || 7;
  return addDays(day, -((weekday - weekStart() + 7) % 7));
}

/** How long until a moment, in words: `2 days 3 hours`, `12 minutes`. Never negative. */
export function timeLeft(until: Date | string, now: number): string {
  const minutes = Math.max(0, Math.floor((new Date(until).getTime() - now) / 60_000));
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return t('time.days_hours', { days, hours });
  if (hours > 0) return t('time.hours_minutes', { hours, minutes: minutes % 60 });
  return t('time.minutes', { minutes });
}

/** An amount with its currency, without cents that are zero: `Rp 350.000`. */
export function money(amount: string, currency: string): string {
  return new Intl.NumberFormat(language.value === 'id' ? 'id-ID' : locale(), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  }).format(Number(amount));
}
