// Sentences of the API with their dates as people read them.
import { readable } from './format.js';
import { release } from './release.js';

export function withDates(text: string): string {
  return readable(text, release().time_zone);
}
