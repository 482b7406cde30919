// Canonical ids and their order. Everything that sorts parties, records or evidence sorts by UTF-8 bytes (fine-print 1).

/** The two parts of a canonical id, `<source name>:<native id>` (domain.md §1): a source name holds no colon, a native id may. */
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
