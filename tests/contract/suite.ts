// The contract suite: what must hold for every connector of an API, whatever happens between two pages. Each rule is a function
// that throws where it does not hold; contract.ts runs them over the registered connectors, broken.test.ts over broken ones.
import type { StreamName } from '../../core/streams.ts';
import { secretsOf } from '../../ingest/secret.ts';
import type { ContractFixture, ContractServer, Random } from './fixture.ts';
import { assertKeys, assertSame, killPlaces, type SimulatedClock, simulatedClock, sourceName, Trial } from './trial.ts';

export type Rule = (trial: RuleContext) => Promise<void>;

export type RuleContext = {
  readonly fixture: ContractFixture;
  readonly server: ContractServer;
  readonly clock: SimulatedClock;
  readonly random: Random;
  /** A fresh warehouse that reads the server; closed with the rule. */
  open(): Promise<Trial>;
};

const day_ms = 86_400_000;
/** The batches behind which a reading is killed to go on from what it saved. */
const SAVED_BEHIND = (process.env.SAVED_BEHIND ?? '1,3,7').split(',').map(Number);

/** Runs a rule over a server and warehouses of its own; afterwards no credential may be anywhere. */
export async function obey(rule: Rule, fixture: ContractFixture, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const clock = simulatedClock(seededRandom(seed + 1));
  const server = await fixture.start({ now: clock.now, random });
  const trials: Trial[] = [];
  const open = async () => {
    const trial = await Trial.open(fixture, server, clock);
    trials.push(trial);
    return trial;
  };
  try {
    await rule({ fixture, server, clock, random, open });
    for (const trial of trials) await assertNoSecret(trial, server);
  } finally {
    for (const trial of trials) trial.close();
    await server.close();
  }
}

/** mulberry32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const whole = (random: Random, below: number) => Math.floor(random() * below);
const pick = <Value>(random: Random, values: readonly Value[]): Value => values[whole(random, values.length)]!;

async function settle({ fixture, clock }: RuleContext): Promise<void> {
  clock.advance(fixture.settles_in_ms ?? 2 * day_ms);
}

/** A reading from nothing, as the vendor is now. */
async function readAll(context: RuleContext) {
  const trial = await context.open();
  await trial.complete();
  return trial.current();
}

/** Tells what a random schedule did when something fails in it. */
async function told(story: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new Error(`${(error as Error).message}\nafter: ${story.join('; ')}`, { cause: error });
  }
}

export const rules: Readonly<Record<string, Rule>> = {
  async 'a full reading holds what the vendor holds'(context) {
    await settle(context);
    assertKeys('a full reading', await readAll(context), context.server.expected());
  },

  async 'readings that follow changes end where a full reading does'(context) {
    const { server, clock, random } = context;
    const trial = await context.open();
    const story: string[] = [];
    await told(story, async () => {
      await trial.complete();
      for (let round = 0; round < 3; round++) {
        for (let change = whole(random, 4); change >= 0; change--) story.push(server.change(random));
        clock.advance(random() < 0.5 ? whole(random, 90_000) : whole(random, 3 * 3_600_000));
        await trial.complete();
      }
      await settle(context);
      await trial.complete();
      assertKeys('incremental readings', await trial.current(), server.expected());
      assertSame('incremental and full reading', await trial.current(), await readAll(context));
    });
  },

  async 'a reading goes on from every state that was ever saved'(context) {
    const { server, clock, random } = context;
    await settle(context);
    const first = await context.open();
    await first.complete();
    const story: string[] = [];
    for (const batch of SAVED_BEHIND) {
      const trial = await context.open();
      const outcome = await trial.run({ kill: { at: 'landed batch', count: batch }, small_batches: true });
      story.push(`killed behind batch ${batch}`, server.change(random), server.change(random));
      clock.advance(whole(random, 12 * 3_600_000));
      await trial.complete();
      await settle(context);
      await trial.complete();
      await told(story, async () => assertKeys('a resumed reading', await trial.current(), server.expected()));
      if (outcome.kind === 'done') break;
    }
    await first.complete();
    await told(story, async () =>
      assertSame('the first and a new reading', await first.current(), await readAll(context)),
    );
  },

  async 'reading again adds nothing, from whatever saved state'(context) {
    await settle(context);
    const trial = await context.open();
    const states = new Set<string>();
    for (const batch of SAVED_BEHIND) {
      const outcome = await trial.run({ kill: { at: 'landed batch', count: batch }, small_batches: true });
      states.add(await trial.saved());
      if (outcome.kind === 'done') break;
    }
    await trial.complete();
    await settle(context);
    await trial.complete();
    const versions = await trial.versionCount();
    for (const state of states) {
      await trial.restore(state);
      const loads = await trial.complete();
      const accepted = loads.filter((load) => load.accepted > 0).map(({ stream }) => stream);
      if (accepted.length) throw new Error(`read again from ${state}, ${accepted.join(', ')} got new versions`);
    }
    if ((await trial.versionCount()) !== versions) throw new Error('a replay added versions');
  },

  async 'killed anywhere, records, quarantine, loads and cursor are committed together'(context) {
    const { server, random } = context;
    await settle(context);
    const { stream, key } = server.breakRecord();
    await settle(context);
    const whole_trial = await context.open();
    await whole_trial.complete();
    for (let attempt = 0; attempt < 4; attempt++) {
      const trial = await context.open();
      const kill = { at: pick(random, killPlaces), count: 1 + whole(random, 60) };
      await trial.run({ kill, small_batches: random() < 0.5 });
      await assertCommittedTogether(trial);
      await trial.complete();
      await told([`killed at ${kill.at} ${kill.count}`, `${stream} ${key} was bad`], async () =>
        assertSame('a killed and a whole reading', await trial.current(), await whole_trial.current()),
      );
    }
    server.mend();
  },

  async 'a bad record is quarantined, the stream goes on, and the mended record comes in'(context) {
    const { server } = context;
    await settle(context);
    const { stream, key } = server.breakRecord();
    await settle(context);
    const trial = await context.open();
    await trial.complete();
    const refused = await trial.warehouse.rows(`SELECT 1 FROM raw.quarantine WHERE stream = ? AND state = 'open'`, [
      stream,
    ]);
    if (!refused.length) throw new Error(`the bad record ${stream} ${key} is not in quarantine`);
    assertKeys('a reading with a bad record', await trial.current(), without(server.expected(), stream, key));
    server.mend();
    await settle(context);
    await trial.complete();
    assertKeys('a reading of the mended record', await trial.current(), server.expected());
    const open = await trial.warehouse.rows(`SELECT 1 FROM raw.quarantine WHERE state = 'open'`);
    if (open.length && !context.fixture.key_is_whole_record)
      throw new Error('the mended record is still open in quarantine');
  },

  async 'a record that turns bad keeps its last good version'(context) {
    const { server } = context;
    await settle(context);
    const trial = await context.open();
    await trial.complete();
    server.breakRecord();
    await settle(context);
    await trial.complete();
    assertKeys('a reading with a record that turned bad', await trial.current(), server.expected());
    server.mend();
  },

  async 'a required field that is gone from every record halts, and nothing is lost by it'(context) {
    const { server } = context;
    if (!server.breakEverything) return;
    await settle(context);
    const trial = await context.open();
    await trial.complete();
    const before = await trial.current();
    server.breakEverything();
    await settle(context);
    const outcome = await trial.run();
    if (outcome.kind !== 'failed') throw new Error(`the reading ended ${outcome.kind} though a required field is gone`);
    assertSame('before and after the halt', before, await trial.current());
    server.mend();
    await settle(context);
    await trial.complete();
    assertKeys('the reading after the halt', await trial.current(), server.expected());
  },

  async 'traps that pass, one by one and all at once, change nothing'(context) {
    const { server } = context;
    await settle(context);
    const calm = await readAll(context);
    for (const traps of [...server.traps.map((trap) => [trap]), server.traps]) {
      const trial = await context.open();
      server.arm(traps);
      await told([`traps ${traps.join(', ')}`], async () => {
        await trial.complete({ small_batches: traps === server.traps });
        await settle(context);
        await trial.complete();
        assertSame('a trapped and a calm reading', await trial.current(), calm);
      });
      server.arm([]);
    }
  },

  async 'what cannot be trusted ends the reading, and the next one recovers'(context) {
    const { server } = context;
    await settle(context);
    const calm = await readAll(context);
    for (const trap of server.fatal_traps) {
      const trial = await context.open();
      server.arm([trap]);
      const outcome = await trial.run();
      server.arm([]);
      if (outcome.kind !== 'failed') throw new Error(`${trap}: the reading ended ${outcome.kind}`);
      if (!outcome.error.hint) throw new Error(`${trap}: the error does not say what to do: ${outcome.error.message}`);
      await trial.complete();
      await told([`trap ${trap}`], async () => assertSame('after the trap', await trial.current(), calm));
    }
  },

  async 'a clock that goes back loses nothing'(context) {
    const { server, clock, random } = context;
    await settle(context);
    const trial = await context.open();
    await trial.complete();
    clock.advance(-40 * day_ms);
    await trial.run();
    clock.advance(40 * day_ms);
    server.change(random);
    await settle(context);
    await trial.complete();
    assertKeys('the reading after the clock was right again', await trial.current(), server.expected());
  },

  async 'a resync replaces what is known in one step'(context) {
    const { server, random } = context;
    await settle(context);
    const trial = await context.open();
    await trial.complete();
    const before = await trial.current();
    server.change(random);
    await settle(context);
    const outcome = await trial.run({ resync: true, small_batches: true, kill: { at: 'landed batch', count: 2 } });
    if (outcome.kind === 'killed') assertSame('before and during a resync', before, await trial.current());
    await trial.complete({ resync: true });
    assertKeys('a resync', await trial.current(), server.expected());
    const versions = await trial.versionCount();
    await trial.complete();
    if ((await trial.versionCount()) !== versions) throw new Error('the reading after a resync added versions');
  },
};

/** Traps, kills and changes in a random order; in the end everything is there, once. */
export const randomSchedule: Rule = async (context) => {
  const { server, clock, random } = context;
  const trial = await context.open();
  const story: string[] = [];
  const attempts = async (readings: number) => {
    for (let reading = 0; reading < readings; reading++) {
      server.arm([...server.traps, ...server.fatal_traps].filter(() => random() < 0.4));
      const kill = random() < 0.7 ? { at: pick(random, killPlaces), count: 1 + whole(random, 40) } : undefined;
      const outcome = await trial.run({ ...(kill && { kill }), small_batches: random() < 0.6 });
      story.push(`${outcome.kind}${kill ? ` (${kill.at} ${kill.count})` : ''}`);
      clock.advance(whole(random, 3_600_000));
    }
  };
  await told(story, async () => {
    await attempts(2);
    for (let round = 0; round < 2; round++) {
      for (let change = whole(random, 4); change >= 0; change--) story.push(server.change(random));
      await attempts(1 + whole(random, 2));
    }
    server.arm([]);
    await settle(context);
    await trial.complete();
    assertKeys('a random schedule', await trial.current(), server.expected());
    assertSame('a random schedule and a full reading', await trial.current(), await readAll(context));
  });
};

function without(
  expected: Partial<Record<StreamName, readonly string[]>>,
  stream: StreamName,
  key: string,
): Partial<Record<StreamName, readonly string[]>> {
  const keys = expected[stream];
  return keys ? { ...expected, [stream]: keys.filter((known) => known !== key) } : expected;
}

/** Each version, refused record and cursor belongs to a load that is logged, and the counts of the log are those of the tables. */
async function assertCommittedTogether(trial: Trial): Promise<void> {
  const exists = await trial.warehouse.rows(
    `SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = 'cursor'`,
  );
  if (!exists.length) return;
  for (const stream of trial.fixture.connector.delivers) {
    const created = await trial.warehouse.rows(
      `SELECT 1 FROM duckdb_tables() WHERE schema_name = 'raw' AND table_name = ?`,
      [`${trial.fixture.connector.name}_${stream}`],
    );
    if (!created.length) continue;
    const [counts] = await trial.warehouse.rows<{ versions: bigint; accepted: bigint }>(
      `SELECT (SELECT count(*) FROM ${trial.table(stream)}) AS versions,
         (SELECT coalesce(sum(accepted), 0)::BIGINT FROM raw.load WHERE stream = ?) AS accepted`,
      [stream],
    );
    if (counts!.versions !== counts!.accepted)
      throw new Error(`${stream}: ${counts!.versions} versions, but loads speak of ${counts!.accepted}`);
  }
  const [loads] = await trial.warehouse.rows<{ loads: bigint; cursors: bigint }>(
    'SELECT (SELECT count(*) FROM raw.load WHERE fetched > 0) AS loads, (SELECT count(*) FROM raw.cursor) AS cursors',
  );
  if (loads!.loads > 0n && loads!.cursors === 0n) throw new Error('records were landed without a cursor');
}

/** Neither the log nor any message holds a credential. */
async function assertNoSecret(trial: Trial, { options }: ContractServer): Promise<void> {
  const secrets = secretsOf(trial.fixture.connector.options, options);
  if (!secrets.some((secret) => secret.includes('canary'))) throw new Error('the fixture has no canary credential');
  const places = { 'the raw log': await trial.dump(), 'a message': trial.messages.join('\n') };
  for (const [place, text] of Object.entries(places))
    for (const secret of secrets)
      if (text.includes(secret)) throw new Error(`${place} holds a credential of ${sourceName}`);
}
