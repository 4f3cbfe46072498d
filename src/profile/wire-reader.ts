import { normalizeNumeric, type Numeric } from './numeric.ts';
import { ProfileError } from './profile-error.ts';

export const wireVarint = 0;
export const wireFixed64 = 1;
export const wireBytes = 2;
export const wireFixed32 = 5;

/** Called for each field of a message; must consume the value or leave it to be skipped by returning false. */
export type FieldHandler<T> = (target: T, field: number, reader: WireReader) => boolean;

/**
 * About what the values of one file may take in memory, in bytes: a file of some kilobytes may inflate to a gigabyte of
 * empty messages, a hundred times its size as objects. Millions of samples are below.
 */
export const maxHeldBytes = 1024 ** 3;
const messageBytes = 200;
const numberBytes = 8;

/**
 * Reads protobuf's wire format and refuses what is cut short.
 * pprof-format has a decoder of its own, but it takes truncated input for complete and knows neither
 * fixed-width fields nor field numbers of 16 and above.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #position = 0;
  #end: number;
  #wireType = 0;
  readonly #maxHeldBytes: number;
  #heldBytes = 0;

  constructor(bytes: Uint8Array, maxHeld = maxHeldBytes) {
    this.#bytes = bytes;
    this.#maxHeldBytes = maxHeld;
    this.#end = bytes.length;
  }

  /** Reads all fields up to the end of the current message into `target`. */
  readFields<T>(target: T, onField: FieldHandler<T>): T {
    while (this.#position < this.#end) {
      const tag = Number(this.#varint());
      this.#wireType = tag % 8;
      const field = Math.floor(tag / 8);
      if (field === 0) throw this.#corrupt('field number 0');
      if (!onField(target, field, this)) this.#skip();
    }
    return target;
  }

  /** Reads a nested message into `target`. */
  message<T>(target: T, onField: FieldHandler<T>): T {
    this.#hold(messageBytes);
    const outerEnd = this.#end;
    this.#end = this.#enterBytes();
    this.readFields(target, onField);
    this.#end = outerEnd;
    return target;
  }

  /** The bytes of a string or bytes field, not copied. */
  bytes(): Uint8Array {
    const end = this.#enterBytes();
    this.#hold(messageBytes + end - this.#position);
    const bytes = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return bytes;
  }

  uint64(): Numeric {
    this.#expect(wireVarint);
    return this.#varint();
  }

  int64(): Numeric {
    this.#expect(wireVarint);
    return toSigned(this.#varint());
  }

  bool(): boolean {
    return this.uint64() !== 0;
  }

  /** Appends a repeated uint64, packed or not. */
  uint64s(into: Numeric[]): void {
    if (this.#wireType !== wireBytes) {
      into.push(this.uint64());
      return;
    }
    const outerEnd = this.#end;
    this.#end = this.#enterBytes();
    while (this.#position < this.#end) {
      this.#hold(numberBytes);
      into.push(this.#varint());
    }
    this.#end = outerEnd;
  }

  /** Appends a repeated int64, packed or not. */
  int64s(into: Numeric[]): void {
    const from = into.length;
    this.uint64s(into);
    for (let i = from; i < into.length; i++) into[i] = toSigned(into[i] ?? 0);
  }

  /** Starts a length-delimited value and returns where it ends. */
  #enterBytes(): number {
    this.#expect(wireBytes);
    const length = Number(this.#varint());
    const end = this.#position + length;
    if (end > this.#end) throw this.#corrupt(`a value of ${length} bytes runs past the end`);
    return end;
  }

  #varint(): Numeric {
    const bytes = this.#bytes;
    const end = this.#end;
    let position = this.#position;
    let value = 0;
    let scale = 1;
    // 7 groups of 7 bits stay exact in a double; more than that is rare (timestamps, negative numbers).
    for (let group = 0; group < 7; group++) {
      if (position >= end) throw this.#corrupt('an integer is cut short');
      const byte = bytes[position++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.#position = position;
        return value;
      }
      scale *= 128;
    }
    return this.#longVarint(BigInt(value), position);
  }

  #longVarint(low: bigint, from: number): Numeric {
    let value = low;
    for (let position = from, shift = 49n; shift < 70n; shift += 7n) {
      if (position >= this.#end) throw this.#corrupt('an integer is cut short');
      const byte = this.#bytes[position++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#position = position;
        return normalizeNumeric(BigInt.asUintN(64, value));
      }
    }
    throw this.#corrupt('an integer is longer than 64 bits');
  }

  #skip(): void {
    switch (this.#wireType) {
      case wireVarint:
        this.#varint();
        return;
      case wireBytes:
        this.#position = this.#enterBytes();
        return;
      case wireFixed64:
      case wireFixed32: {
        this.#position += this.#wireType === wireFixed64 ? 8 : 4;
        if (this.#position > this.#end) throw this.#corrupt('a fixed-width value is cut short');
        return;
      }
      default:
        throw this.#corrupt(`unknown wire type ${this.#wireType}`);
    }
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw this.#corrupt(`wire type ${this.#wireType} where ${wireType} belongs`);
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.#maxHeldBytes) throw this.#corrupt('it holds more than a profile can');
  }

  #corrupt(what: string): ProfileError {
    return new ProfileError('HOTSPAN_ERR_PROFILE_CORRUPT', `not a pprof profile: ${what} near byte ${this.#position}`);
  }
}

function toSigned(value: Numeric): Numeric {
  return typeof value === 'number' ? value : normalizeNumeric(BigInt.asIntN(64, value));
}
