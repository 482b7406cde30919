// Numbers, dates and names as text. Money arrives as text and stays text: only separators are added, no digit is computed.

export interface Money {
  readonly amount_minor: string;
  readonly amount: string;
  readonly currency: string;
}

/** What stands where there is nothing to show; a zero is `0`. */
export const nothing = '–';

const minus = '−';
const narrow = ' ';

/** `-1234.50` → whole `−1,234` and decimals `.50`. */
export function groupDigits(amount: string): { whole: string; decimals: string } {
  const [, sign = '', digits = '', decimals = ''] = /^(-?)(\d+)(\.\d+)?$/.exec(amount) ?? [];
  const whole = digits.replace(/\B(?=(\d{3})+$)/g, ',');
  return { whole: (sign && minus) + whole, decimals };
}

/** `1234567` minor units of an exponent of 2 → `12,345.67`. */
export function minorText(minor: bigint, exponent: number): string {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const { whole: grouped } = groupDigits((minor < 0n ? '-' : '') + whole);
  return exponent === 0 ? grouped : `${grouped}.${digits.slice(-exponent)}`;
}

export function integerText(value: number | null | undefined): string {
  if (value === null || value === undefined) return nothing;
  return groupDigits(String(Math.trunc(value))).whole;
}

/** "1 line", "2 lines". */
export function countText(count: number, noun: string): string {
  return `${integerText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Minutes as people say them, in at most two units: `45 min`, `5 h 36 min`, `3 d 4 h`. */
export function durationText(minutes: number | null | undefined): string {
  if (minutes === null || minutes === undefined) return nothing;
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const units = [
    [days, 'd'],
    [hours, 'h'],
    [rest, 'min'],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  if (first < 0) return `0${narrow}min`;
  const shown = units.slice(first, days >= 100 ? 1 : first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${integerText(count)}${narrow}${unit}`).join(' ');
}

/** A share in per mille (tenths of a percent), from integers, half away from zero; null where there is no whole. */
export function perMille(part: bigint, whole: bigint): number | null {
  if (whole === 0n) return null;
  const scaled = part * 2000n;
  const rounded = scaled / whole;
  return Number(rounded >= 0n ? (rounded + 1n) / 2n : (rounded - 1n) / 2n);
}

export function percentText(tenths: number | null, { sign = false }: { sign?: boolean } = {}): string {
  if (tenths === null) return nothing;
  if (tenths === 0) return `0${narrow}%`;
  const text = (Math.abs(tenths) / 10).toFixed(1);
  const mark = tenths < 0 ? minus : sign && tenths > 0 ? '+' : '';
  return `${mark}${text}${narrow}%`;
}

const monthNames = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `2026-10` → `October 2026`. */
export function monthText(month: string): string {
  return `${monthNames[Number(month.slice(5, 7)) - 1]} ${month.slice(0, 4)}`;
}

/** `2026-10` → `Oct` or `Oct 2026`. */
export function shortMonth(month: string, { year = false }: { year?: boolean } = {}): string {
  const name = (monthNames[Number(month.slice(5, 7)) - 1] as string).slice(0, 3);
  return year ? `${name}${narrow}${month.slice(0, 4)}` : name;
}

/** The month `months` later, both as `YYYY-MM`. */
export function shiftMonth(month: string, months: number): string {
  const count = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + months;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
}

/** The month an instant falls in, in the reporting time zone. */
export function monthOf(instant: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { year: 'numeric', month: '2-digit', timeZone });
  return parts.format(new Date(instant)).slice(0, 7);
}

/** An instant as the day it falls on in the reporting time zone: `29 Oct 2026`. */
export function dayText(instant: string | null | undefined, timeZone: string): string {
  if (!instant) return nothing;
  const date = instant.length === 10 ? new Date(`${instant}T00:00:00Z`) : new Date(instant);
  const zone = instant.length === 10 ? 'UTC' : timeZone;
  const parts = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: zone });
  return parts.format(date).replace('Sept', 'Sep');
}

/** An instant with its time of day in the reporting time zone: `29 Oct 2026, 06:00`. */
export function instantText(instant: string | null | undefined, timeZone: string): string {
  if (!instant) return nothing;
  const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  return `${dayText(instant, timeZone)}, ${time.format(new Date(instant))}`;
}

/**
 * A sentence with its instants, dates and months as people read them; those inside an id or a command stay as they are. A date
 * does not break at the end of a line.
 */
export function readable(text: string, timeZone: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => unbroken(instantText(instant, timeZone)))
    .replace(/(?<![^\s(]|--\w+ )\d{4}-\d\d-\d\d(?![^\s,.;)])/g, (date) => unbroken(dayText(date, timeZone)))
    .replace(/(?<![^\s(]|--\w+ )\d{4}-(0[1-9]|1[0-2])(?![^\s,.;)])/g, (month) => unbroken(monthText(month)))
    .replace(/(?<![^\s(])-(?=\d)/g, minus);
}

function unbroken(date: string): string {
  return date.replaceAll(' ', '\u00a0');
}

/** `first_touch` → `first touch`. */
export function words(name: string | null | undefined): string {
  return name
    ? name.replaceAll('_', ' ').replace(/(?<![\w:])(crm|fx|prm)(?![\w:])/g, (short) => short.toUpperCase())
    : nothing;
}

export function sentence(name: string): string {
  return capitalised(words(name));
}

/** As a sentence begins; an id keeps its letters. */
export function capitalised(text: string): string {
  return /^[^\s:]+:\S/.test(text) ? text : text.charAt(0).toUpperCase() + text.slice(1);
}

/** Programmes as people write them. */
export function motionText(motion: string | null | undefined): string {
  return motion === 'co_sell' ? 'co-sell' : words(motion);
}

/** `billing:inv_1` → `inv_1`: the id as its own system shows it. */
export function nativeId(id: string): string {
  return id.includes(':') ? id.slice(id.indexOf(':') + 1) : id;
}

/** An API path with the filters' values in it; `{month-11}` is the month eleven earlier. A filter without a value is left out. */
export function fillPath(template: string, values: Readonly<Record<string, string>>): string {
  const filled = template.replace(/\{(\w+?)(?:-(\d+))?\}/g, (_, name: string, months?: string) => {
    const value = values[name] ?? '';
    return encodeURIComponent(months ? shiftMonth(value, -Number(months)) : value);
  });
  return filled.replace(/[?&]\w+=(?=&|$)/g, '').replace(/^([^?&]*)&/, '$1?');
}
