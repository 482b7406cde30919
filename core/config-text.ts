// The text of sourced.yaml as plain values, with the place (`file:line:column`) of each of them for errors.
import { isMap, LineCounter, parseDocument } from 'yaml';
import { ConfigError } from './errors.ts';

/** Where the node under `path` starts, or the key `key` of the map there; the nearest parent where there is no such node. */
export type Place = (path: readonly PropertyKey[], key?: string) => string;

type YamlDocument = ReturnType<typeof parseDocument>;

/** Parses the text of `file`. Throws ConfigError for what is not YAML, repeated keys and aliases that cannot be resolved. */
export function readYaml(text: string, file: string): { value: unknown; place: Place } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [syntax] = document.errors; // what follows the first is mostly its consequence
  if (syntax)
    throw new ConfigError(
      `${at(syntax.pos[0])}: ${syntax.message.split('\n')[0]!.replace(/ at line \d+, column \d+:$/, '')}`,
      'check quotes, brackets and indentation there; a variable stands in quotes, "$' + '{LIKE_THIS}"',
    );
  return { value: plainValue(document, at(0)), place: (path, key) => at(offsetOf(document, path, key)) };
}

/** Aliases that hold themselves, or multiply beyond measure, are refused. */
function plainValue(document: YamlDocument, place: string): unknown {
  try {
    const value: unknown = document.toJS() ?? {};
    JSON.stringify(value);
    return value;
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new ConfigError(`${place}: the aliases (*name) of the file cannot be resolved`, 'write the values out');
  }
}

function offsetOf(document: YamlDocument, path: readonly PropertyKey[], key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length ? document.getIn(path.slice(0, length), true) : document.contents;
    if (key !== undefined && length === path.length && isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown })?.value) === key);
      const range = (pair?.key as { range?: [number, number, number] } | undefined)?.range;
      if (range) return range[0];
    }
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}
