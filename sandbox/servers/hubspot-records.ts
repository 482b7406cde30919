// How HubSpot shows a record: the properties that were asked for and exist, history, associations that are not archived.
import type { HubspotEdits } from './hubspot-edits.ts';
import { type HubspotObject, type ObjectType, objectTypes, type Portal } from './hubspot-objects.ts';
import { propertyDefinitions } from './hubspot-properties.ts';
import type { Association } from './hubspot-shapes.ts';

export type Context = {
  portal: Portal;
  edits: HubspotEdits;
  has: (trap: string) => boolean;
  fireOnce: (trap: string) => boolean;
  now: () => number;
  pageLimit: number;
};

/** A live object; the id of a merged one gives the survivor. */
export function find({ portal }: Context, type: ObjectType, id: string): HubspotObject | undefined {
  const wanted = portal.survivorOf(type, id);
  const objects = portal.objects(type);
  const object = objects[firstAbove(objects, Number(wanted) - 1)];
  return object?.id === wanted && !object.archivedAt ? object : undefined;
}

/** The position of the first object whose id is above `after`; ids ascend. */
export function firstAbove(objects: readonly HubspotObject[], after: number): number {
  let [low, high] = [0, objects.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(objects[middle]!.id) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** What a record is associated with; archived records are no longer. */
export function linksOf(
  { edits, portal }: Context,
  type: ObjectType,
  object: HubspotObject,
  to: string,
): readonly Association[] {
  const target = objectTypes.find((known) => known === to);
  const links = edits.associations(type, object.id, to) ?? object.associations[to] ?? [];
  return target ? links.filter(({ id }) => !portal.isArchived(target, id)) : [];
}

type Wanted = { properties: readonly string[]; history?: readonly string[]; associations?: readonly string[] };

export function presented(context: Context, type: ObjectType, object: HubspotObject, wanted: Wanted): unknown {
  const { properties, history = [], associations = [] } = wanted;
  const defined = new Set(propertyDefinitions(type, context.has).map(({ name }) => name));
  const always = [
    'hs_object_id',
    ...Object.keys(object.properties).filter((name) => /createdate$|lastmodifieddate$/.test(name)),
  ];
  const shown = [...new Set([...always, ...properties.filter((name) => defined.has(name))])];
  const links = associations
    .map((to) => [to, linksOf(context, type, object, to)] as const)
    .filter(([, list]) => list.length > 0);
  return {
    id: object.id,
    properties: Object.fromEntries(shown.map((name) => [name, object.properties[name] ?? null])),
    ...(history.length
      ? { propertiesWithHistory: Object.fromEntries(history.map((name) => [name, object.history[name] ?? []])) }
      : {}),
    createdAt: new Date(object.createdAt).toISOString(),
    updatedAt: new Date(object.updatedAt).toISOString(),
    archived: object.archivedAt !== undefined,
    ...(object.archivedAt ? { archivedAt: new Date(object.archivedAt).toISOString() } : {}),
    ...(links.length
      ? {
          associations: Object.fromEntries(
            links.map(([to, list]) => [to, { results: list.map(({ id }) => ({ id, type: `${type}_to_${to}` })) }]),
          ),
        }
      : {}),
    ...(context.has('schema_drift') ? { objectWriteTraceId: `trace-${object.id}` } : {}),
  };
}
