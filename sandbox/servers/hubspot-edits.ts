// What a portal's people do that canonical rows cannot express: a property set by hand, an association that changes while the
// record's time of change stays (as HubSpot does it).
import type { Edits } from './hubspot-objects.ts';
import type { Association } from './hubspot-shapes.ts';

export type HubspotEdits = Edits & {
  setProperties(type: string, id: string, values: Record<string, string | null>, at: number): void;
  /** Replaces the associations of a record to objects of type `to`; no time of change moves. */
  associate(type: string, id: string, to: string, ids: readonly string[]): void;
  associations(type: string, id: string, to: string): Association[] | undefined;
};

export function createEdits(): HubspotEdits {
  const properties = new Map<string, { at: number; values: Record<string, string | null> }>();
  const associations = new Map<string, Association[]>();
  let version = 0;
  return {
    version: () => version,
    properties: (type, id) => properties.get(`${type} ${id}`),
    associations: (type, id, to) => associations.get(`${type} ${id} ${to}`),
    setProperties(type, id, values, at) {
      version++;
      properties.set(`${type} ${id}`, { at, values: { ...properties.get(`${type} ${id}`)?.values, ...values } });
    },
    associate(type, id, to, ids) {
      version++;
      const types = [{ category: 'HUBSPOT_DEFINED' as const, typeId: 3, label: null }];
      associations.set(
        `${type} ${id} ${to}`,
        ids.map((associated) => ({ id: associated, types })),
      );
    },
  };
}
