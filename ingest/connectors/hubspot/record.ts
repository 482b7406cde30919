// What every record of HubSpot has: its id, whether it is archived, and when it last changed.

export const own = { id: '$.id', archived: '$.archived', updated: '$.updatedAt' };
/** An archived record keeps its time of change, so that the one that is restored, read later, counts again. */
export const versioned = { source_time: 'updated', is_deleted: `coalesce(archived, 'false')` };
