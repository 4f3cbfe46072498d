/** What MessagePack can say of what spans hold. Bigints are unsigned or signed 64-bit integers. */
export type Packable = string | number | bigint | boolean | null | readonly Packable[] | { readonly [key: string]: Packable };

/** One value in MessagePack. Source: https://github.com/msgpack/msgpack/blob/master/spec.md */
export function encodeMsgpack(value: Packable): Uint8Array {
  const writer = new MsgpackWriter();
  writer.write(value);
  return writer.finish();
}

class MsgpackWriter {
  #bytes = Buffer.allocUnsafe(16 * 1024);
  #length = 0;

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  write(value: Packable): void {
    if (value === null) this.#byte(0xc0);
    else if (typeof value === 'boolean') this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'bigint') this.#integer64(value);
    else if (typeof value === 'number') this.#number(value);
    else if (isList(value)) this.#list(value);
    else this.#map(value);
  }

  #list(values: readonly Packable[]): void {
    this.#head(values.length, 0x90, 15, 0xdc);
    for (const each of values) this.write(each);
  }

  #map(record: { readonly [key: string]: Packable }): void {
    const entries = Object.entries(record);
    this.#head(entries.length, 0x80, 15, 0xde);
    for (const [key, each] of entries) {
      this.#string(key);
      this.write(each);
    }
  }

  /** Head of a list or a map: in one byte, or with 16 or 32 bits of length. */
  #head(length: number, fixed: number, fixedMax: number, head16: number): void {
    if (length <= fixedMax) this.#byte(fixed + length);
    else if (length < 0x1_0000) this.#byteAnd(head16, 2, (at) => this.#bytes.writeUInt16BE(length, at));
    else this.#byteAnd(head16 + 1, 4, (at) => this.#bytes.writeUInt32BE(length, at));
  }

  #string(text: string): void {
    const length = Buffer.byteLength(text);
    if (length <= 31) this.#byte(0xa0 + length);
    else if (length < 0x100) this.#byteAnd(0xd9, 1, (at) => this.#bytes.writeUInt8(length, at));
    else if (length < 0x1_0000) this.#byteAnd(0xda, 2, (at) => this.#bytes.writeUInt16BE(length, at));
    else this.#byteAnd(0xdb, 4, (at) => this.#bytes.writeUInt32BE(length, at));
    this.#reserve(length);
    this.#bytes.write(text, this.#length);
    this.#length += length;
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value)) this.#integer(value);
    else this.#byteAnd(0xcb, 8, (at) => this.#bytes.writeDoubleBE(value, at));
  }

  #integer(value: number): void {
    if (value >= 0 && value < 0x80) this.#byte(value);
    else if (value >= -32 && value < 0) this.#byte(0x100 + value);
    else if (value >= 0 && value <= 0xffff_ffff) this.#byteAnd(0xce, 4, (at) => this.#bytes.writeUInt32BE(value, at));
    else this.#integer64(BigInt(value));
  }

  #integer64(value: bigint): void {
    if (value >= 0n) this.#byteAnd(0xcf, 8, (at) => this.#bytes.writeBigUInt64BE(BigInt.asUintN(64, value), at));
    else this.#byteAnd(0xd3, 8, (at) => this.#bytes.writeBigInt64BE(BigInt.asIntN(64, value), at));
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #byteAnd(value: number, size: number, write: (at: number) => void): void {
    this.#byte(value);
    this.#reserve(size);
    write(this.#length);
    this.#length += size;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + count));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}

function isList(value: object): value is readonly Packable[] {
  return Array.isArray(value);
}
