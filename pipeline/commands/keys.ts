// `sourced keys create|list|revoke`: a key names a person and a role. Only its hash is stored; the key is shown once.
import type { Command } from 'commander';
import { roles } from '../../api/access.ts';
import { SourcedError, UsageError } from '../../core/errors.ts';
import { currentRelease } from '../release.ts';
import type { Workspace } from '../workspace.ts';
import { askingRelease, printRows, withBooks } from './context.ts';

export function addKeys(program: Command): void {
  const keys = program.command('keys').description('who may read which numbers');
  keys
    .command('create')
    .description('make a key; it is shown once')
    .requiredOption('--person <name>', 'who holds it')
    .requiredOption('--role <role>', roles.join(', '))
    .option('--partner <id>', 'the partner that a key of role partner speaks for, such as crm:P-7')
    .action((options: { person: string; role: string; partner?: string }, command: Command) =>
      withBooks(command, async (books, { workspace, json }) => {
        const role = roles.find((known) => known === options.role);
        if (!role) throw new UsageError(`there is no role ${options.role}`, `roles: ${roles.join(', ')}`);
        const person = options.person.trim();
        if (!person) throw new UsageError('--person names nobody', 'decisions bear the name: --person "Ada Lovelace"');
        if ((role === 'partner') !== Boolean(options.partner))
          throw new UsageError(
            role === 'partner'
              ? 'a key of role partner needs --partner ID'
              : `a key of role ${role} takes no --partner`,
          );
        if (options.partner) await assertPartner(workspace, options.partner);
        const { key, secret } = books.keys.create({
          person,
          role,
          partner_id: options.partner ?? null,
        });
        process.stdout.write(
          json
            ? `${JSON.stringify({ ...key, key: secret })}\n`
            : `${secret}\n  ${key.key_id} for ${key.person} (${key.role}). It is shown only now; keep it safe.\n`,
        );
      }),
    );
  keys
    .command('list')
    .description('every key, without its secret')
    .action((_: unknown, command: Command) =>
      withBooks(command, (books, { json }) =>
        printRows(books.keys.list() as unknown as Record<string, unknown>[], {
          json,
          empty: 'no keys yet: sourced keys create',
        }),
      ),
    );
  keys
    .command('revoke <key_id>')
    .description('end a key')
    .action((key_id: string, _: unknown, command: Command) =>
      withBooks(command, (books, { json }) => {
        if (!books.keys.revoke(key_id))
          throw new UsageError(`there is no key ${key_id} in force`, 'see `sourced keys list`');
        const key = books.keys.list().find((known) => known.key_id === key_id);
        process.stdout.write(json ? `${JSON.stringify(key)}\n` : `${key_id} is revoked\n`);
      }),
    );
}

/** Throws UsageError for a partner that the current release does not know; without a release nobody can tell. */
async function assertPartner(workspace: Workspace, partner_id: string): Promise<void> {
  if (!currentRelease(workspace)) return;
  try {
    await askingRelease(workspace, (ask) => ask('finance', `/v1/partners/${encodeURIComponent(partner_id)}`));
  } catch (error) {
    if (!(error instanceof SourcedError && error.code === 'not_found')) throw error;
    throw new UsageError(
      `the current release has no partner ${partner_id}`,
      'a partner’s id is <source>:<its id there>, such as crm:P-7',
    );
  }
}
