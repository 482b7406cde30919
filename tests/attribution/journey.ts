// Journeys written as letters for tests of methods: one letter is one touch, its party and its kind.
import type { Journey, MethodSettings } from '../../attribution/methods/method.ts';
import { type MethodName, methods } from '../../attribution/methods/registry.ts';
import { pathTransforms } from '../../attribution/path-transforms.ts';
import { creditJourneys } from '../../attribution/weights.ts';
import { allocate } from '../../core/money.ts';
import { configOf } from './company.ts';

export const DAY_US = 86_400_000_000;

/** A journey of one letter per touch (its party and its kind), a day apart, or at the given days. */
export function journeyOf(
  path: string,
  { days, lead, created }: { days?: number[]; lead?: number; created?: number } = {},
): Journey {
  const letters = [...path].map((letter) => letter.charCodeAt(0) - 97);
  return {
    touchCount: letters.length,
    occurred_us: Float64Array.from(letters, (_, touch) => Math.round((days?.[touch] ?? touch) * DAY_US)),
    party_index: Int32Array.from(letters),
    kind_index: Int32Array.from(letters),
    place: Int32Array.from(letters.keys()),
    lead_created_us: lead === undefined ? Number.NEGATIVE_INFINITY : lead * DAY_US,
    created_us: created === undefined ? Number.NEGATIVE_INFINITY : created * DAY_US,
  };
}

const standard = {};
const parsed = new WeakMap<object, MethodSettings>();

/** Parsed once: properties ask for thousands of journeys. */
function settingsOf(attribution: object): MethodSettings {
  const known = parsed.get(attribution);
  if (known) return known;
  const settings = { attribution: configOf({ attribution }).attribution, kinds: [...'abcdefghijklmnopqrstuvwxyz'] };
  parsed.set(attribution, settings);
  return settings;
}

/** The credit of a journey whose parties and kinds are letters. */
export function creditOf(
  method: MethodName,
  journey: Journey,
  attribution: object = standard,
  transform = pathTransforms.none,
) {
  return creditJourneys(26, transform, [methods[method].prepare(settingsOf(attribution))])(journey);
}

/** Parts of 10⁹ per party letter. */
export function partsOf(
  method: MethodName,
  journey: Journey,
  attribution: object = standard,
  transform = pathTransforms.none,
): Record<string, number> {
  const credit = creditOf(method, journey, attribution, transform);
  return Object.fromEntries(
    Array.from({ length: credit.partyCount }, (_, place) => [
      String.fromCharCode(97 + credit.party_index[place]!),
      credit.parts[0]![place]!,
    ]),
  );
}

/** `amount` split by those parts, in party order. */
export function split(amount: bigint, parts: Record<string, number>): bigint[] {
  return allocate(amount, Object.values(parts).map(BigInt));
}
