// What would be sourced and influenced under other windows (domain.md §11): the lookback of journeys and the window of
// partner leads set to 30, 60, 90, 180 and 365 days alike, everything else as the company has it.
import type { Config } from '../core/config.ts';
import { type FirstTouches, keepFirstTouch, noFirstTouches, type Variant } from './claims.ts';
import { DAY_US, rowBuffer } from './columns.ts';
import type { Deals, Parties } from './inputs.ts';
import type { Journey } from './methods/method.ts';
import type { WarehousePort } from './ports.ts';
import { programmeOf } from './programme.ts';

/** Days, ascending. The models keep touches as far back as the longest one (models/journeys/touch_of_deal.sql). */
export const sensitivityWindows = [30, 60, 90, 180, 365] as const;

export interface WindowVisitor {
  /** Sees every journey as far back as the longest window; `start` is its first touch inside the company's own window. */
  visit(deal: number, journey: Journey, start: number): void;
  /** Ends the pass and gives the variants to decide. */
  close(config: Pick<Config, 'attribution' | 'motions'>): Promise<Variant[]>;
}

/**
 * Collects the first touch of each deal under each window, and writes `attribution.window_reach`: partners whose touches all
 * lie before the company's own window, with the last of them. (Those inside it are in `attribution.credit`.)
 */
export async function visitWindows(warehouse: WarehousePort, deals: Deals, parties: Parties): Promise<WindowVisitor> {
  const firstTouches: readonly FirstTouches[] = sensitivityWindows.map(() => noFirstTouches(deals.count));
  const reach = rowBuffer(await warehouse.appender('attribution.window_reach'), ['integer', 'integer', 'instant']);
  const seenIn = new Int32Array(parties.count).fill(-1);
  return {
    visit(deal, journey, start) {
      for (const [index, window_days] of sensitivityWindows.entries()) {
        const first = firstSince(journey, deals.created_us[deal]! - window_days * DAY_US);
        if (first < journey.touchCount) keepFirstTouch(firstTouches[index]!, deal, journey, -1, first);
      }
      if (start === 0) return;
      for (let touch = journey.touchCount - 1; touch >= 0; touch--) {
        const party = journey.party_index[touch]!;
        if (party >= parties.partners.length || seenIn[party] === deal) continue;
        seenIn[party] = deal;
        if (touch >= start) continue;
        const row = reach.next();
        for (const [column, value] of [deal, party, journey.occurred_us[touch]!].entries())
          reach.columns[column]![row] = value;
      }
    },
    async close(config) {
      await reach.close();
      return sensitivityWindows.map((window_days, index) => ({
        window_days,
        programme: programmeOf(withWindow(config, window_days)),
        firstTouches: firstTouches[index]!,
      }));
    },
  };
}

/** The first touch at or after an instant; the number of touches for none. */
export function firstSince(journey: Journey, instant_us: number): number {
  let [low, high] = [0, journey.touchCount];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (journey.occurred_us[middle]! < instant_us) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The company with one window for partner leads, its motions' own included; what is off stays off. */
function withWindow({ attribution, motions }: Pick<Config, 'attribution' | 'motions'>, window_days: number) {
  const sourcing = attribution.sourcing.map((rule) => (rule.rule === 'partner_lead' ? { ...rule, window_days } : rule));
  const widened = Object.entries(motions).map(([name, motion]) => {
    const own = motion.sourcing.partner_lead;
    return [
      name,
      own === 'off' ? motion : { ...motion, sourcing: { ...motion.sourcing, partner_lead: { window_days } } },
    ];
  });
  return { attribution: { ...attribution, sourcing }, motions: Object.fromEntries(widened) as Config['motions'] };
}
