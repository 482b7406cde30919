// The partner programme as configuration: sourcing rules, motions, plans. Shapes and ranges only; what they pay is attribution/.
import { z } from 'zod';
import { exponentOf } from './currency.ts';
import { parseAmount, parseDecimal } from './money.ts';

const name = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i, 'expected a short name of letters, digits, - and _');
const date = z
  .string()
  .refine((text) => /^\d{4}-\d\d-\d\d$/.test(text) && isDate(text), 'expected a date such as 2026-01-31');
const days = z.int().min(0).max(36500);
const months = z.int().min(1).max(1200);

/** A share of one as decimal text in [0, 1]: "0.15" is 15 %; 15 is not. */
const rate = z.string('expected a decimal string in quotes, such as "0.15"').refine((text) => {
  try {
    const { numerator, denominator } = parseDecimal(text);
    return numerator >= 0n && numerator <= denominator;
  } catch {
    return false;
  }
}, 'expected a share between "0" and "1" (15 % is "0.15")');

/** An amount in major units of the plan's currency, as decimal text. */
const amount = z
  .string('expected an amount in quotes, such as "250.00"')
  .regex(/^(0|[1-9]\d*)(\.\d+)?$/, 'expected an amount such as "250.00"');

const sourcingRuleNames = ['deal_registration', 'partner_lead', 'crm_field', 'first_touch'] as const;
export type SourcingRuleName = (typeof sourcingRuleNames)[number];

const ruleSettings = {
  deal_registration: { protection_days: days.default(90), grace_days: days.default(0) },
  partner_lead: { window_days: days.default(90) },
  crm_field: {},
  first_touch: {},
} as const;

/** One rule of the company's ordered list (domain.md §4). */
export const sourcingRule = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('deal_registration'), ...ruleSettings.deal_registration }),
  z.strictObject({ rule: z.literal('partner_lead'), ...ruleSettings.partner_lead }),
  z.strictObject({ rule: z.literal('crm_field') }),
  z.strictObject({ rule: z.literal('first_touch') }),
]);

const off = z.enum(['off']);
const override = <S extends z.ZodRawShape>(shape: S) => z.union([off, z.strictObject(shape)]).optional();

/** A partner's programme: a rule may be switched off or get windows of its own, never another place in the order. */
export const motion = z.strictObject({
  default_plan: name.optional(),
  margin: z.boolean().default(false),
  sourcing: z
    .strictObject({
      deal_registration: override({ protection_days: days.optional(), grace_days: days.optional() }),
      partner_lead: override({ window_days: days.optional() }),
      crm_field: override({}),
      first_touch: override({}),
    })
    .default({}),
});
export const motionNames = ['referral', 'co_sell', 'reseller'] as const;
export type MotionName = (typeof motionNames)[number];

const treatment = z.enum(['initial', 'renewal', 'commensurate', 'expense']);

const tiers = z.strictObject({
  mode: z.enum(['marginal', 'cliff']),
  per: z.enum(['month', 'quarter', 'fiscal_year', 'lifetime']),
  bands: z
    .array(z.strictObject({ from: amount, rate }))
    .min(1)
    .refine((bands) => ascends(bands.map((band) => band.from)), 'expected bands in ascending order of `from`'),
});
export type Tiers = z.infer<typeof tiers>;

const percent = z
  .strictObject({
    kind: z.literal('percent'),
    rate: rate.optional(),
    tiers: tiers.optional(),
    months: months.nullable().default(null),
    contract_cost: treatment.default('expense'),
  })
  .refine((value) => (value.rate === undefined) !== (value.tiers === undefined), 'expected either `rate` or `tiers`')
  .refine(
    (value) => value.tiers?.mode !== 'cliff' || ascends(value.tiers.bands.map((band) => band.rate)),
    'expected the rates of a cliff to ascend',
  );

const flat = z.strictObject({
  kind: z.literal('flat'),
  amount,
  once_per: z.enum(['customer', 'deal']).default('customer'),
  contract_cost: treatment.default('expense'),
});

const component = z.union([percent, flat]);
export type Component = z.infer<typeof component>;

/** One version of a plan, in force from `starts_on` until the next version starts (domain.md §8). */
export const plan = z
  .strictObject({
    plan: name,
    starts_on: date,
    currency: z.string().refine((code) => exponentOf(code) !== undefined, 'expected an ISO 4217 currency such as USD'),
    trigger: z.enum(['paid', 'invoiced', 'booked']).default('paid'),
    earns_on: z
      .strictObject({
        sourced: z.boolean().default(false),
        influenced: z.strictObject({ share: rate }).optional(),
      })
      .default({ sourced: true }),
    products: z.array(z.string()).min(1).optional(),
    components: z.array(component).min(1),
    cap: z.strictObject({ per: z.enum(['customer', 'month', 'quarter', 'fiscal_year']), amount }).optional(),
    hold_days: days.default(0),
    clawback_days: days.nullable().default(null),
    rate_locked_at: z.enum(['close', 'payment']).default('close'),
  })
  .superRefine((value, context) => {
    for (const [path, text] of planAmounts(value)) {
      try {
        parseAmount(text, exponentOf(value.currency) ?? 0);
      } catch (error) {
        context.addIssue({ code: 'custom', path, message: `${(error as Error).message} in ${value.currency}` });
      }
    }
  });
export type Plan = z.infer<typeof plan>;

/** Every amount of a plan with its path; all of them are in the plan's currency. */
function planAmounts(value: {
  cap?: { amount: string } | undefined;
  components: readonly Component[];
}): [(string | number)[], string][] {
  return [
    ...(value.cap ? [[['cap', 'amount'], value.cap.amount] as [(string | number)[], string]] : []),
    ...value.components.flatMap((part, index): [(string | number)[], string][] =>
      part.kind === 'flat'
        ? [[['components', index, 'amount'], part.amount]]
        : (part.tiers?.bands ?? []).map((band, at) => [['components', index, 'tiers', 'bands', at, 'from'], band.from]),
    ),
  ];
}

function ascends(texts: readonly string[]): boolean {
  return texts.every((text, index) => {
    const previous = texts[index - 1];
    if (previous === undefined) return true;
    const [left, right] = [parseDecimal(previous), parseDecimal(text)];
    return left.numerator * right.denominator < right.numerator * left.denominator;
  });
}

function isDate(text: string): boolean {
  try {
    Temporal.PlainDate.from(text);
    return true;
  } catch {
    return false;
  }
}
