// `sourced init [DIR]`: a commented sourced.yaml, its JSON Schema for editors, and a folder for the first files.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { configJsonSchema } from '../../core/config.ts';
import { UsageError } from '../../core/errors.ts';
import { withDefinitions } from '../../core/json-schema.ts';
import { registered } from '../workspace.ts';
import { globalOptions } from './context.ts';

export function addInit(program: Command): void {
  program
    .command('init [dir]')
    .description('write a commented sourced.yaml and its JSON Schema')
    .action((dir: string | undefined, _: unknown, command: Command) => {
      const directory = resolve(dir ?? globalOptions(command).workspace);
      const file = join(directory, 'sourced.yaml');
      if (existsSync(file))
        throw new UsageError(`${file} is there already`, 'name another directory: sourced init DIR');
      mkdirSync(join(directory, 'sheets'), { recursive: true });
      writeFileSync(file, template);
      writeFileSync(
        join(directory, 'sourced.schema.json'),
        `${JSON.stringify(withDefinitions(configJsonSchema(registered)), null, 1)}\n`,
      );
      process.stdout.write(
        `${file} is written, with sourced.schema.json for your editor.\n` +
          `Put your files into ${join(directory, 'sheets')}, then:\n` +
          `  npx --no sourced check --workspace ${directory}\n  npx --no sourced run --workspace ${directory}\n`,
      );
    });
}

const template = `# yaml-language-server: $schema=./sourced.schema.json
# What this company's partners are worth, and what it owes them. Every key is explained in sourced.schema.json.
company: Example Inc
reporting: {currency: USD, time_zone: America/New_York, fiscal_year_start_month: 1}
fx: {rate_date: payment_date, max_age_days: 7}      # or booking_date, month_end

sources:
  # Every stream that has a file of its name in the directory is read: partners.csv, deals.csv, invoices.csv, …
  - {name: sheets, connector: files, directory: ./sheets}
  # Files of another shape are mapped by column (canonical: theirs), constants and value maps:
  # - name: crm
  #   connector: files
  #   directory: ./crm-export
  #   streams:
  #     deals:
  #       file: sales_pipeline.csv
  #       columns: {deal_id: opportunity_id, account_id: account, created_at: engage_date, closed_at: close_date, amount: close_value}
  #       constants: {currency: USD}
  #       values: {is_won: {from: deal_stage, true: [Won]}, is_closed: {from: deal_stage, true: [Won, Lost]}}
  # A secret is never written here: name an environment variable, "\${LIKE_THIS}".

attribution:
  scope: account              # a deal's journey: the account's touches, or deal_contacts
  lookback_days: 180
  methods: [first_touch, last_touch, linear]   # for reporting; a method never decides what is paid
  sourcing:                   # one order for the company; the first rule with evidence wins
    - {rule: deal_registration, protection_days: 90, grace_days: 0}
    - {rule: partner_lead, window_days: 90}
    - {rule: crm_field}
    - {rule: first_touch}
  carry_months: 12            # renewals inherit the sourcing partner for so long

motions:                      # a partner's programme is its motion
  referral: {default_plan: referral}
  co_sell: {default_plan: co-sell}
  reseller: {margin: true}

plans:                        # rates are decimal strings: 20 % is "0.20"
  - plan: referral
    starts_on: 2024-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.20", months: 12}]
    hold_days: 30
  - plan: co-sell
    starts_on: 2024-01-01
    currency: USD
    trigger: paid
    earns_on: {sourced: true}
    components: [{kind: percent, rate: "0.10", months: 12}]
    hold_days: 30

publish: {max_load_age_hours: 36, max_quarantine_share: 0.01, block_on_stale: []}
`;
