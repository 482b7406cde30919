// `sourced demo`: the sandbox company through the whole line, then served. The main job of a first visit.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { UsageError } from '../../core/errors.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { openBooks, type Role } from '../books.ts';
import { decisionsStep } from '../demo-decisions.ts';
import { COMPANY, openDemoSystems } from '../demo-systems.ts';
import { codeDigest } from '../digests.ts';
import { runSteps, type Step } from '../progress.ts';
import { attributeStep, ingestStep, martsStep, publishStep, setUpStep, transformStep } from '../run.ts';
import { openWorkspace, readConfig, root, type Workspace } from '../workspace.ts';
import { askingRelease, asOnlyRun, businessClock, globalOptions } from './context.ts';
import { assertPortFree, listen, portOf, untilStopped } from './serve.ts';

const sizes = ['S', 'M', 'L'] as const;
type Size = (typeof sizes)[number];

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('the sandbox company through the whole line, served; without --workspace in .demo/ beside the program')
    .option('--size <size>', 'S (about a thousand deals), M or L', 'S')
    .option('--no-serve', 'stop after publishing')
    .option('--port <number>', 'port to listen on', '4000')
    .action(async (options: { size: string; serve: boolean; port: string }, command: Command) => {
      const { json, asOf, workspace: named } = globalOptions(command);
      const size = sizes.find((known) => known === options.size.toUpperCase());
      if (!size) throw new UsageError(`there is no size ${options.size}`, `sizes: ${sizes.join(', ')}`);
      const port = portOf(options.port);
      if (options.serve) await assertPortFree({ port, host: '127.0.0.1' });
      const started = performance.now();
      const isNamed = command.parent?.getOptionValueSource('workspace') === 'cli';
      const directory = isNamed ? resolve(named) : join(root, '.demo', size.toLowerCase());
      assertOfDemo(directory);
      await runSteps([setUpStep(), generateStep(directory, size)], { json });
      const systems = hasSystems(size) ? await openDemoSystems(directory) : undefined;
      try {
        const workspace = openWorkspace(directory);
        const clock = asOf ?? readFileSync(join(directory, 'as_of.txt'), 'utf8').trim();
        const world = systems?.world;
        const context = { workspace, config: readConfig(workspace), as_of_us: businessClock(clock), world };
        await asOnlyRun(workspace, () =>
          runSteps(
            [
              ingestStep(context),
              transformStep(context),
              decisionsStep(context, clock),
              attributeStep(context),
              martsStep(context),
              publishStep(context),
            ],
            { json },
          ),
        );
        const seconds = Math.round((performance.now() - started) / 100) / 10;
        const keys = await demoKeys(workspace);
        if (!options.serve) return announce({ seconds, keys, json, address: undefined, directory });
        const server = await listen(workspace, { port, host: '127.0.0.1' });
        announce({ seconds, keys, json, address: server.address, directory });
        await untilStopped(server);
      } finally {
        await systems?.close();
      }
    });
}

/** The small company answers as HubSpot, Stripe, PartnerStack and Crossbeam; at their limits a large one would take hours. */
function hasSystems(size: Size): boolean {
  return size === 'S';
}

/** Which company a directory holds; only one that has it is made anew. */
const STAMP = '.made-by';

/** Throws UsageError for a directory that holds what no demo has made: it would be lost. */
function assertOfDemo(directory: string): void {
  if (!existsSync(directory) || existsSync(join(directory, STAMP)) || !readdirSync(directory).length) return;
  throw new UsageError(
    `${directory} holds something that is no demo`,
    'name an empty directory, or none: --workspace DIR',
  );
}

/** Makes the company once; again only when the sandbox itself has changed. */
function generateStep(directory: string, size: Size): Step {
  return {
    name: 'generate',
    title: 'Make the sandbox company',
    run: async () => {
      const stamp = join(directory, STAMP);
      const wanted = `${size} ${codeDigest(['sandbox', 'core'])}`;
      if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
        return { reused: 'the company of the last demo' };
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
      const { counts } = generateCompany({ directory: hasSystems(size) ? join(directory, COMPANY) : directory, size });
      writeFileSync(stamp, wanted);
      return counts;
    },
  };
}

type DemoKey = { role: Role; person: string; secret: string; page: string };

/** One fresh key per role; those of earlier demos end. The partner is the one that brought most revenue. */
async function demoKeys(workspace: Workspace): Promise<DemoKey[]> {
  const answer = await askingRelease(workspace, (ask) => ask('leadership', '/v1/partners?limit=1'));
  const { items } = JSON.parse(answer) as { items: { partner_id: string; name: string }[] };
  const partner = items[0];
  const wanted: { role: Role; person: string; partner_id?: string }[] = [
    { role: 'leadership', person: 'Demo: leadership' },
    { role: 'revops', person: 'Demo: RevOps' },
    { role: 'finance', person: 'Demo: finance' },
    // Who resolves a dispute does not approve: it takes two to try it.
    { role: 'finance', person: 'Demo: a second person of finance' },
    ...(partner ? [{ role: 'partner' as const, person: `Demo: ${partner.name}`, partner_id: partner.partner_id }] : []),
  ];
  const books = openBooks(workspace.books);
  for (const key of books.keys.list())
    if (key.person.startsWith('Demo: ') && !key.revoked_at) books.keys.revoke(key.key_id);
  const keys = wanted.map((request) => ({
    role: request.role,
    person: request.person.replace('Demo: ', ''),
    secret: books.keys.create(request).secret,
    page: `/${request.role}/`,
  }));
  books.close();
  return keys;
}

type Announcement = { seconds: number; keys: DemoKey[]; json: boolean; address: string | undefined; directory: string };

function announce({ seconds, keys, json, address, directory }: Announcement): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ step: 'demo', status: 'done', seconds, address, directory, keys })}\n`);
    return;
  }
  const lines = keys.map(({ role, person, secret }) =>
    `  ${role.padEnd(11)} ${secret}   ${person.toLowerCase() === role.toLowerCase() ? '' : person}`.trimEnd(),
  );
  process.stdout.write(
    `\nDone in ${seconds} s. ${address ? `Open ${address} and sign in with one of these keys (new with every demo):` : 'Keys (new with every demo):'}\n` +
      `${lines.join('\n')}\n\n` +
      (address ? `API reference: ${address}/docs · stop with Ctrl-C\n` : '') +
      `The company and its releases: ${directory}\n`,
  );
}
