// When companies come to buy: growth over two years, and the seasons of a business that sells to businesses.
import { addMonths, type Day, toMonth } from './calendar.ts';
import { indexOfShare, type Random } from './random.ts';
import type { Setting } from './setting.ts';

const YEARLY_GROWTH = 1.42;
/** January to December, relative. */
const seasons = [0.95, 1.0, 1.12, 1.02, 1.04, 1.1, 0.82, 0.8, 1.14, 1.1, 1.06, 0.78];

/** Draws the creation day of a first deal, from two months before the 24 months to their end. */
export function createDemand(setting: Setting): (random: Random) => Day {
  const starts: Day[] = [];
  for (let day = addMonths(setting.firstDay, -2); day < setting.endDay; day = addMonths(day, 1)) starts.push(day);
  let sum = 0;
  const cumulative = starts.map((day, index) => {
    sum += YEARLY_GROWTH ** (index / 12) * seasons[Number(toMonth(day).slice(5)) - 1]!;
    return sum;
  });
  return (random) => {
    const start = starts[indexOfShare(cumulative, random.next())]!;
    return random.whole(start, addMonths(start, 1) - 1);
  };
}
