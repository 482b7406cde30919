// Whether the properties that the mapping names exist: HubSpot says nothing when one is asked for that does not.
import { SourceError } from '../../../core/errors.ts';
import { didYouMean } from '../../../core/nearest.ts';
import type { Portal } from './portal.ts';

/** A property that a canonical column needs, and where sourced.yaml says so. */
export type NeededProperty = { readonly property: string; readonly setting: string };

type Definitions = { readonly results: readonly { readonly name: string }[] };

export async function propertyNames(portal: Portal, types: readonly string[]): Promise<Set<string>> {
  const names = new Set<string>();
  for (const type of types)
    for (const { name } of (await portal.properties(type)).json<Definitions>().results) names.add(name);
  return names;
}

/** Throws SourceError that names every property that none of the types has, with the one that was probably meant. */
export function assertProperties(origin: string, needs: readonly NeededProperty[], names: ReadonlySet<string>): void {
  const missing = needs.filter(({ property }) => !names.has(property));
  if (!missing.length) return;
  const lines = missing.map(
    ({ property, setting }) => `there is no property \`${property}\` for ${setting}${didYouMean(property, [...names])}`,
  );
  throw new SourceError(`${origin}: ${lines.join('; ')}`, {
    hint: 'set its internal name under this source in sourced.yaml (HubSpot → Settings → Properties shows it), or take the line out',
  });
}
