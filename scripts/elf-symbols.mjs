// Symbols of a 64-bit little-endian ELF file, read piece by piece: a node binary has 120 MB.
import { closeSync, openSync, readSync } from 'node:fs';

const sectionTypes = { all: 2, exported: 11 };
const noContent = 8;

/**
 * @param {string} path
 * @returns {{ constants: Map<string, number>, sizes: Map<string, number> | undefined }}
 *   the exported `v8dbg_*` integers by name without that prefix; the size of every symbol, undefined when it is stripped
 */
export function readNodeSymbols(path) {
  const file = openSync(path, 'r');
  try {
    return readSymbols(path, (at, length) => {
      const buffer = Buffer.alloc(length);
      readSync(file, buffer, 0, length, at);
      return buffer;
    });
  } finally {
    closeSync(file);
  }
}

function readSymbols(path, bytes) {
  const header = bytes(0, 64);
  if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1) throw new Error(`${path} is no 64-bit ELF file`);
  const sections = readSections(header, bytes);
  const symbols = (type) => {
    const section = sections.find((each) => each.type === type);
    return section && readTable(bytes(section.offset, section.size), bytes(sections[section.link].offset, sections[section.link].size));
  };
  const constants = new Map();
  for (const { name, section: index, address } of symbols(sectionTypes.exported) ?? []) {
    const section = sections[index];
    if (!name.startsWith('v8dbg_') || section === undefined || section.type === noContent) continue;
    constants.set(name.slice('v8dbg_'.length), bytes(section.offset + address - section.address, 4).readInt32LE(0));
  }
  const all = symbols(sectionTypes.all);
  return { constants, sizes: all && new Map(all.map(({ name, size }) => [name, size])) };
}

function readSections(header, bytes) {
  const [size, count] = [header.readUInt16LE(0x3a), header.readUInt16LE(0x3c)];
  const table = bytes(Number(header.readBigUInt64LE(0x28)), size * count);
  return Array.from({ length: count }, (_, i) => {
    const word = (offset) => Number(table.readBigUInt64LE(i * size + offset));
    return { type: table.readUInt32LE(i * size + 4), address: word(16), offset: word(24), size: word(32), link: table.readUInt32LE(i * size + 40) };
  });
}

/** Defined symbols. */
function readTable(symbols, strings) {
  const found = [];
  for (let at = 0; at + 24 <= symbols.length; at += 24) {
    const start = symbols.readUInt32LE(at);
    const section = symbols.readUInt16LE(at + 6);
    if (start === 0 || section === 0) continue;
    const [address, size] = [8, 16].map((offset) => Number(symbols.readBigUInt64LE(at + offset)));
    found.push({ name: strings.toString('latin1', start, strings.indexOf(0, start)), section, address, size });
  }
  return found;
}
