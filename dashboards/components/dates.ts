// Sentences of the API with their dates as people read them.
import { dayText, instantText, monthText } from './format.js';
import { release } from './release.js';

/** Instants, dates and months inside a sentence; those inside an id stay as they are. A date does not break at the end of a line. */
export function withDates(text: string): string {
  const { time_zone } = release();
  return text
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => unbroken(instantText(instant, time_zone)))
    .replace(/(?<![^\s(])\d{4}-\d\d-\d\d(?![^\s,.;)])/g, (date) => unbroken(dayText(date, time_zone)))
    .replace(/(?<![^\s(])\d{4}-(0[1-9]|1[0-2])(?![^\s,.;)])/g, (month) => unbroken(monthText(month)))
    .replace(/(?<![^\s(])-(?=\d)/g, '−');
}

function unbroken(date: string): string {
  return date.replaceAll(' ', '\u00a0');
}
