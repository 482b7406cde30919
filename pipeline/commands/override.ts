// `sourced override list|add|approve|revoke`: what people overrule, one proposing it and another approving it. It takes effect
// with the next run; what it means is attribution/commission/earners/overrides.ts.
import type { Command } from 'commander';
import { openReleaseStore } from '../../api/release-store.ts';
import {
  type Override,
  type OverrideKind,
  overrideKinds,
  overridesOf,
} from '../../attribution/commission/earners/overrides.ts';
import { UsageError } from '../../core/errors.ts';
import type { Books, Role } from '../books.ts';
import type { Workspace } from '../workspace.ts';
import { type CommandContext, printRows, requireRelease, why, withBooks } from './context.ts';
import { personOf } from './person.ts';

const deciders: readonly Role[] = ['revops', 'finance'];

const kinds = Object.keys(overrideKinds) as OverrideKind[];

/** Where a release names what an override is about. */
const knownIds: Readonly<Record<(typeof overrideKinds)[OverrideKind]['subject' | 'object'], string>> = {
  'billing customer': `SELECT replace(record_key, 'billing_customers/', '') AS id FROM lineage_record
    WHERE stream = 'billing_customers'`,
  account: 'SELECT account_id AS id FROM dim_account',
  deal: 'SELECT deal_id AS id FROM dim_deal',
  partner: 'SELECT partner_id AS id FROM dim_partner',
  'plan version': `SELECT plan || '@' || plan_version AS id FROM fct_commission_entry`,
  // Terms are named by the refusal of the edit; whether they are those of sourced.yaml shows in the next run.
  terms: `SELECT $id::VARCHAR AS id WHERE regexp_matches($id::VARCHAR, '^terms-[0-9a-f]{16}$')`,
};

export function addOverride(program: Command): void {
  const override = program
    .command('override')
    .description('what people overrule: one proposes it, another approves it');
  override
    .command('list')
    .description('every override with its state')
    .action((_: unknown, command: Command) =>
      withBooks(command, (books, { json }) =>
        printRows(
          overridesOf(books.decisions.list()).map((row) => ({ ...row })),
          { json, empty: 'nothing is overruled' },
        ),
      ),
    );
  override
    .command('add <kind> <subject> <object>')
    .description(`propose one: ${kinds.map(usageOf).join('; ')}`)
    .requiredOption('--reason <text>', 'why', why)
    .action((kind: string, subject: string, object: string, options: { reason: string }, command: Command) =>
      withBooks(command, async (books, context) => {
        const person = personOf(books, deciders);
        const proposal = { kind: kindOf(kind), subject_id: subject, object_id: object };
        refuseRepetition(proposal, overridesOf(books.decisions.list()));
        await refuseUnknown(proposal, context.workspace);
        const { decision_id } = books.decisions.record({
          ...person,
          kind: 'override_add',
          subject_kind: overrideKinds[proposal.kind].subject.replace(' ', '_'),
          subject_id: subject,
          reason: options.reason,
          detail: { kind: proposal.kind, object_id: object },
        });
        tell(books, decision_id, context, `another person approves it: sourced override approve ${decision_id}`);
      }),
    );
  override
    .command('approve <id>')
    .description('approve what another person proposed; it takes effect with the next run')
    .option('--reason <text>', 'why', why, 'checked')
    .action((id: string, options: { reason: string }, command: Command) =>
      withBooks(command, (books, context) => {
        const person = personOf(books, deciders);
        const { maker, state } = known(books, id);
        if (state !== 'proposed') throw refused(`the override ${id} is ${wordsOf[state]}`);
        if (maker === person.person)
          throw refused(`${maker} proposed this override and cannot approve it`, 'another person approves it');
        books.decisions.record({ ...person, ...decisionOn(id, 'override_approve', options.reason) });
        tell(books, id, context, 'it takes effect with the next run');
      }),
    );
  override
    .command('revoke <id>')
    .description('take one back; the next run goes by the evidence again')
    .requiredOption('--reason <text>', 'why', why)
    .action((id: string, options: { reason: string }, command: Command) =>
      withBooks(command, (books, context) => {
        const person = personOf(books, deciders);
        if (known(books, id).state === 'revoked') throw refused(`the override ${id} is revoked already`);
        books.decisions.record({ ...person, ...decisionOn(id, 'override_revoke', options.reason) });
        tell(books, id, context, 'the next run goes by the evidence again');
      }),
    );
}

const wordsOf: Readonly<Record<Override['state'], string>> = {
  proposed: 'proposed',
  in_force: 'approved already',
  superseded: 'approved, and a later one stands in its place',
  revoked: 'revoked',
};

function usageOf(kind: OverrideKind): string {
  const { subject, object, effect } = overrideKinds[kind];
  return `\`${kind} ${placeholder(subject)} ${placeholder(object)}\` ${effect}`;
}

function placeholder(what: string): string {
  return what.toUpperCase().replace(' ', '_');
}

function kindOf(text: string): OverrideKind {
  const kind = kinds.find((known) => known === text);
  if (!kind) throw new UsageError(`there is no kind of override ${text}`, `kinds: ${kinds.join(', ')}`);
  return kind;
}

function decisionOn(id: string, kind: string, reason: string) {
  return { kind, subject_kind: 'override', subject_id: id, reason };
}

function known(books: Books, id: string): Override {
  const found = overridesOf(books.decisions.list()).find(({ override_id }) => override_id === id);
  if (!found) throw new UsageError(`there is no override ${id}`, 'see `sourced override list`', 'not_found');
  return found;
}

function refused(message: string, hint?: string): UsageError {
  return new UsageError(message, hint, 'decision_refused');
}

type Proposal = Pick<Override, 'kind' | 'subject_id' | 'object_id'>;

function refuseRepetition({ kind, subject_id, object_id }: Proposal, overrides: readonly Override[]): void {
  const same = overrides.find(
    (each) =>
      each.kind === kind && each.subject_id === subject_id && each.object_id === object_id && each.state !== 'revoked',
  );
  if (same) throw refused(`the override ${same.override_id} says this: it is ${wordsOf[same.state]}`);
}

/** An override of an id that nobody knows would never do anything. */
async function refuseUnknown({ kind, subject_id, object_id }: Proposal, workspace: Workspace): Promise<void> {
  requireRelease(workspace);
  const { subject, object } = overrideKinds[kind];
  const store = openReleaseStore({ releasesDirectory: workspace.releases, connections: 1 });
  const { release, end } = await store.lease();
  try {
    for (const [what, id] of [
      [subject, subject_id],
      [object, object_id],
    ] as const) {
      const [found] = await release.rows(`SELECT id FROM (${knownIds[what]}) WHERE id = $id LIMIT 1`, { id });
      if (!found)
        throw new UsageError(
          `the current release has no ${what} ${id}`,
          'ids are written <source>:<id>, as the pages show them',
          'not_found',
        );
    }
  } finally {
    end();
    store.close();
  }
}

function tell(books: Books, id: string, { json }: CommandContext, next: string): void {
  const { kind, subject_id, object_id, state, ...rest } = known(books, id);
  process.stdout.write(
    json
      ? `${JSON.stringify({ kind, subject_id, object_id, state, ...rest })}\n`
      : `${id}: ${kind} ${subject_id} → ${object_id} is ${state.replace('_', ' ')}; ${next}\n`,
  );
}
