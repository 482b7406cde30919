// Canonical ids and their order. Everything that sorts parties, records or evidence sorts by UTF-8 bytes (fine-print 1).

/** `<source name>:<native id>` (domain.md §1). */
export function canonicalId(source: string, nativeId: string): string {
  return `${source}:${nativeId}`;
}

/** The source name and the native id of a canonical id; a source name holds no colon, a native id may. */
export function splitCanonicalId(id: string): { source: string; native_id: string } {
  const colon = id.indexOf(':');
  return { source: id.slice(0, colon), native_id: id.slice(colon + 1) };
}

/** Order by UTF-8 bytes, which is the order of code points (not that of UTF-16 units, which `<` uses). */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return isSurrogate(a) === isSurrogate(b) ? a - b : isSurrogate(a) ? 1 : -1;
  }
  return left.length - right.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** The candidate nearest to `text` by edit distance, if near enough to be a slip of the keyboard. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(text.toLowerCase(), candidate.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(text.length / 3)) ? best.candidate : undefined;
}

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
}
