// Decides every won deal and writes who earns, who does not and why, and what contests a lock.
import type { Config } from '../../../core/config.ts';
import type { Rational } from '../../../core/money.ts';
import { bases } from '../../money/types.ts';
import type { WarehousePort } from '../../ports.ts';
import type { Decision } from '../books-port.ts';
import type { Stand } from '../changed.ts';
import { fractionText, one } from '../fraction.ts';
import type { EarningRole, PlanBook, PlanVersion } from '../plans/plan.ts';
import { type CommissionWriters, lockChangeCodes, roleCodes, zeroReasonCodes } from '../tables.ts';
import type { Earning } from '../targets/target.ts';
import { type Earners, type EarningPart, earnersOf } from './earners.ts';
import { eachDeal } from './evidence.ts';
import { writeLocks } from './locks.ts';
import { writeElsewhere, writeOrigins, writeOverruled } from './origins.ts';
import { readTerms } from './terms.ts';

export interface EarnerInput {
  readonly warehouse: WarehousePort;
  readonly stand: Stand;
  readonly motions: Config['motions'];
  readonly decisions: readonly Decision[];
  readonly book: PlanBook;
  readonly versions: readonly PlanVersion[];
}

/** An earning with its number, which is its row in `attribution.commission_earning`. */
export type NumberedEarning = Earning & Pick<EarningPart, 'version'>;

/** All earnings, by column: as objects, half a million of them would be walked by every collection of garbage. */
class Earnings {
  readonly #deals: number[] = [];
  readonly #customers: number[] = [];
  readonly #close_days: number[] = [];
  readonly #roles: EarningRole[] = [];
  readonly #versions: PlanVersion[] = [];
  readonly #shares: Rational[] = [];
  /** Most shares are alike. */
  readonly #known = new Map<string, Rational>();

  get length(): number {
    return this.#deals.length;
  }

  add({ deal, customer, close_day, role, version, share }: EarningPart): void {
    this.#deals.push(deal);
    this.#customers.push(customer);
    this.#close_days.push(close_day);
    this.#roles.push(role);
    this.#versions.push(version);
    this.#shares.push(share === one ? one : this.#known.getOrInsert(fractionText(share), share));
  }

  at(earning: number): NumberedEarning {
    return {
      earning,
      deal: this.#deals[earning]!,
      customer: this.#customers[earning]!,
      close_day: this.#close_days[earning]!,
      role: this.#roles[earning]!,
      version: this.#versions[earning]!,
      share: this.#shares[earning]!,
    };
  }
}

export type { Earnings };

/** Gives all earnings by their number. Throws ConfigError where a partner's agreements overlap. */
export async function decideEarners(input: EarnerInput, writers: CommissionWriters): Promise<Earnings> {
  const { warehouse, stand, motions, decisions, book, versions } = input;
  const terms = await readTerms(warehouse, motions);
  await writeOverruled(warehouse, decisions);
  await writeLocks(warehouse, stand);
  const earnings = new Earnings();
  const versionIndex = new Map(versions.map((version, index) => [version, index]));
  await writeOrigins(warehouse);
  await eachDeal(warehouse, versions, (origins) => {
    const decided = origins.map((evidence) => earnersOf(evidence, (party) => terms[party]!, book));
    for (const [origin, { earning: parts }] of decided.entries())
      for (const part of parts) {
        const earning = earnings.length;
        earnings.add(part);
        writers.commission_earning.write({
          earning_index: earning,
          deal_index: part.deal,
          origin,
          party_index: part.party,
          role: roleCodes.indexOf(part.role),
          pool_size: part.pool_size ?? -1,
          version_index: versionIndex.get(part.version)!,
          basis: bases.indexOf(part.version.trigger),
        });
      }
    writeOthers(united(decided), writers);
  });
  await writers.commission_earning.close();
  await writers.commission_zero.close();
  await writers.commission_lock_change.close();
  await writeElsewhere(warehouse);
  return earnings;
}

/** A partner that earns on one of the deals that a deal was is none that earns nothing; each is told once. */
function united(decided: readonly Earners[]): Pick<Earners, 'zero' | 'changes'> {
  if (decided.length === 1) return decided[0]!;
  const key = ({ party, role }: { readonly party: number; readonly role: EarningRole }) => `${role} ${party}`;
  const earning = new Set(decided.flatMap((one) => one.earning.map(key)));
  const zero = new Map(decided.flatMap((one) => one.zero.map((part) => [key(part), part])));
  return {
    zero: [...zero].flatMap(([name, part]) => (earning.has(name) ? [] : [part])),
    changes: decided.flatMap((one) => one.changes),
  };
}

function writeOthers({ zero, changes }: Pick<Earners, 'zero' | 'changes'>, writers: CommissionWriters): void {
  for (const { deal, party, role, reason } of zero)
    writers.commission_zero.write({
      deal_index: deal,
      party_index: party,
      role: roleCodes.indexOf(role),
      reason: zeroReasonCodes.indexOf(reason),
    });
  for (const { deal, locked_party, evidence_party, detail } of changes)
    writers.commission_lock_change.write({
      deal_index: deal,
      locked_party,
      evidence_party,
      detail: lockChangeCodes.indexOf(detail),
    });
}
