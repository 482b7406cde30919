// What `sourced check` says about a portal: who the key belongs to, which objects it may read, which properties are missing,
// and which number suffers.
import { SourceError } from '../../../core/errors.ts';
import { checkOne, readable } from '../../check.ts';
import type { CheckLine, ConnectorContext } from '../../connector.ts';
import { untilThen } from '../../failures.ts';
import { losses } from '../../losses.ts';
import type { Wanted } from '../hubspot.ts';
import type { HubspotOptions } from './options.ts';
import { mendScope, missingScope, objectPath, type Portal } from './portal.ts';
import { assertProperties, propertyNames } from './verify.ts';

type Checked = { readonly objects: readonly Wanted[]; readonly context: ConnectorContext<HubspotOptions> };

export async function checkPortal(portal: Portal, { objects, context }: Checked): Promise<CheckLine[]> {
  const { source } = context;
  const account = await checkOne('portal', async () => {
    const answer = await portal.account();
    if (answer.status !== 200) return 'the key is accepted';
    const { portalId, timeZone, companyCurrency } = answer.json<Record<string, string>>();
    return `portal ${portalId}, ${timeZone}, currency ${companyCurrency}`;
  });
  if (!account.ok) return [account];
  const lines = [account];
  for (const { parts, needs, object, records } of objects) {
    for (const { type } of parts) lines.push(await checkType(portal, type, losses[records[0]!.stream]));
    if (lines.slice(-parts.length).every(({ ok }) => ok) && needs.length)
      lines.push(
        await checkOne(`${object}: properties`, async () => {
          const types = parts.map(({ type }) => type);
          assertProperties(source, needs, await propertyNames(portal, types));
          return `${needs.length} mapped properties exist`;
        }),
      );
  }
  lines.push(
    await checkOne('owners', async () => {
      let count = 0;
      for await (const answer of portal.owners()) count += answer.json<{ results: unknown[] }>().results.length;
      return `${count} owners`;
    }),
  );
  return lines;
}

function checkType(portal: Portal, type: string, loss: string): Promise<CheckLine> {
  return checkOne(type, async () => {
    const path = objectPath(type);
    const answer = await portal.client.get(path, { query: { limit: 1 }, accept: [403, 404] });
    if (answer.status === 403)
      throw new SourceError(`the key lacks the scope ${missingScope(path, answer.text())}`, {
        hint: `${mendScope(path, answer.text())}; ${untilThen([loss])}`,
      });
    if (answer.status === 404)
      throw new SourceError(`HubSpot has no object type ${type}`, {
        hint: 'Settings → Objects → Custom objects shows its id; set it under `objects` in sourced.yaml',
      });
    return readable(answer.json<{ results: unknown[] }>().results);
  });
}
