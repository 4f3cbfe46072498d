import type { ProtobufWriter } from './protobuf-writer.ts';

/** Entries by what they say; an entry's index is its place. Index 0 of each table means "none". */
class Table<T> {
  readonly entries: T[];
  readonly #indexes: Map<string, number>;

  constructor(none: T, noneKey: string) {
    this.entries = [none];
    this.#indexes = new Map([[noneKey, 0]]);
  }

  add(key: string, make: () => T): number {
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.entries.length;
      this.#indexes.set(key, index);
      // After the index is taken: making it may add to other tables, never to this one.
      this.entries.push(make());
    }
    return index;
  }
}

export interface DictionaryLine { readonly function: number; readonly line: number; readonly column: number }

export interface DictionaryMapping {
  readonly start: number | bigint;
  readonly limit: number | bigint;
  readonly offset: number | bigint;
  readonly file: string;
  readonly buildId: string;
}

type WriteEntry = (writer: ProtobufWriter) => void;
const writeNothing: WriteEntry = () => {};

/**
 * `ProfilesDictionary` in the making: tables without duplicates, each with the zero value at index 0, and nothing in
 * them that was not asked for.
 * Field numbers: opentelemetry-proto 1.10, profiles/v1development/profiles.proto
 */
export class Dictionary {
  readonly #strings = new Table<string>('', '');
  readonly #mappings = new Table(writeNothing, '');
  readonly #locations = new Table(writeNothing, '');
  readonly #functions = new Table(writeNothing, '');
  readonly #links = new Table<WriteEntry>(writeLink(Buffer.alloc(16), Buffer.alloc(8)), '');
  readonly #attributes = new Table(writeNothing, '');
  readonly #stacks = new Table(writeNothing, '');

  string(text: string): number {
    return this.#strings.add(text, () => text);
  }

  /** An attribute with a text as its value. */
  attribute(key: string, value: string): number {
    return this.#attributes.add(JSON.stringify([key, value]), () => {
      const keyIndex = this.string(key);
      return (writer) => {
        writer.integer(1, keyIndex);
        writer.message(2, () => writer.stringElement(1, value));
      };
    });
  }

  mapping({ start, limit, offset, file, buildId }: DictionaryMapping): number {
    return this.#mappings.add(JSON.stringify([String(start), String(limit), String(offset), file, buildId]), () => {
      const fileIndex = this.string(file);
      const attributes = buildId === '' ? [] : [this.attribute('process.executable.build_id.gnu', buildId)];
      return (writer) => {
        writer.integer(1, start);
        writer.integer(2, limit);
        writer.integer(3, offset);
        writer.integer(4, fileIndex);
        writer.packed(5, attributes);
      };
    });
  }

  function(name: string, systemName: string, file: string, startLine: number): number {
    return this.#functions.add(JSON.stringify([name, systemName, file, startLine]), () => {
      const [nameIndex, systemIndex, fileIndex] = [this.string(name), this.string(systemName), this.string(file)];
      return (writer) => {
        writer.integer(1, nameIndex);
        writer.integer(2, systemIndex);
        writer.integer(3, fileIndex);
        writer.integer(4, startLine);
      };
    });
  }

  /** `lines` innermost first: the last one is the function that was called, the others are inlined into it. */
  location(mapping: number, address: number | bigint, lines: readonly DictionaryLine[], frameType: string): number {
    const key = `${mapping},${address},${frameType},${lines.map((line) => `${line.function}:${line.line}:${line.column}`).join()}`;
    return this.#locations.add(key, () => {
      const attribute = this.attribute('profile.frame.type', frameType);
      return (writer) => {
        writer.integer(1, mapping);
        writer.integer(2, address);
        for (const line of lines) {
          writer.message(3, () => {
            writer.integer(1, line.function);
            writer.integer(2, line.line);
            writer.integer(3, line.column);
          });
        }
        writer.packed(4, [attribute]);
      };
    });
  }

  /** `locations` leaf first. */
  stack(locations: readonly number[]): number {
    return this.#stacks.add(locations.join(), () => (writer) => writer.packed(1, locations));
  }

  /** `traceId` has 32 hex digits, `spanId` 16. */
  link(traceId: string, spanId: string): number {
    return this.#links.add(`${traceId}${spanId}`, () => writeLink(Buffer.from(traceId, 'hex'), Buffer.from(spanId, 'hex')));
  }

  write(writer: ProtobufWriter): void {
    const tables = [this.#mappings, this.#locations, this.#functions, this.#links];
    tables.forEach((table, index) => writeEntries(writer, index + 1, table));
    for (const text of this.#strings.entries) writer.stringElement(5, text);
    writeEntries(writer, 6, this.#attributes);
    writeEntries(writer, 7, this.#stacks);
  }
}

function writeEntries(writer: ProtobufWriter, field: number, table: Table<WriteEntry>): void {
  for (const write of table.entries) writer.message(field, () => write(writer));
}

function writeLink(traceId: Uint8Array, spanId: Uint8Array): WriteEntry {
  return (writer) => {
    writer.bytes(1, traceId);
    writer.bytes(2, spanId);
  };
}
