// `sourced verify`: recomputes the hash chains of the books, and every release: digests, balances and roll-forward.
import type { Command } from 'commander';
import { AuditError } from '../../core/errors.ts';
import { openBooks } from '../books.ts';
import type { ChainFault } from '../books-verify.ts';
import { readManifest, releaseDirectories } from '../release.ts';
import { verifyRelease } from '../release-verify.ts';
import { openWarehouse } from '../warehouse.ts';
import { openContext } from './context.ts';

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('recompute hash chain, balances, roll-forward and release digests')
    .action(async (_: unknown, command: Command) => {
      const { workspace, json } = openContext(command);
      const releases = releaseDirectories(workspace);
      const noted = releases.flatMap((directory) => {
        const manifest = readManifest(directory);
        return manifest?.ledger_head
          ? [{ sequence: BigInt(Number(manifest.ledger_sequence)), hash: manifest.ledger_head }]
          : [];
      });
      const books = openBooks(workspace.books);
      const verification = books.verify(noted);
      books.close();
      const problems = await verifyReleases(releases);
      if (!verification.is_intact) problems.unshift(describeFault(verification.fault));
      if (problems.length)
        throw new AuditError(
          `what is stored is not what was published\n${problems.map((line) => `  ${line}`).join('\n')}`,
          'restore the books and releases from a backup',
        );
      const counts = {
        ledger_entries: verification.is_intact ? Number(verification.entries) : 0,
        releases: releases.length,
      };
      process.stdout.write(
        json
          ? `${JSON.stringify({ status: 'intact', ...counts })}\n`
          : `intact: ${counts.ledger_entries} ledger entries, ${counts.releases} releases\n`,
      );
    });
}

async function verifyReleases(directories: readonly string[]): Promise<string[]> {
  const warehouse = await openWarehouse(':memory:');
  try {
    const problems: string[] = [];
    for (const directory of directories) problems.push(...(await verifyRelease(warehouse, directory)));
    return problems;
  } finally {
    warehouse.close();
  }
}

function describeFault({ table, row, id, problem }: ChainFault): string {
  const words = { altered: 'was altered', missing: 'is missing', inserted: 'was put in from outside' }[problem];
  return `books: ${table} ${row}${id ? ` (${id})` : ''} ${words}`;
}
