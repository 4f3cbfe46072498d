import assert from 'node:assert/strict';
import { transformSync } from 'esbuild';
import { mapPositions } from '../../../../src/profile/source-maps/map-positions.ts';
import type { MappedLocation } from '../../../../src/profile/source-maps/positions.ts';
import { runSteps } from '../../../../src/profile/source-maps/steps.ts';
import { functionStarts } from './function-starts.ts';

// One function of each shape, on a line of its own; labels stay readable because esbuild does not rename properties.
const source = `
function declared(input) { return arrow(input); }
const arrow = (value) => value + expression(value);
const expression = function (value) { return value + 1; };
const asyncArrow = async (value) => { await null; return value; };
const single = async only => only;
async function asyncDeclared() { await null; }
function* generator() { yield 1; }
class Base { constructor(side) { this.side = side; }
  scale(by) { return this.side * by; }
  static unit(size) { return new Base(size); } }
class Derived extends Base { constructor(side) { super(side); } }
function Legacy() {}
Legacy.prototype.legacyMethod = function () {};
const holder = { short(value) { return value; },
  property: function (value) { return value; } };
const list = [1].map((anonymous) => () => anonymous);
return { declared, arrow, expression, asyncArrow, single, asyncDeclared, generator, Base, scale: Base.prototype.scale,
  unit: Base.unit, Derived, Legacy, legacyMethod: Legacy.prototype.legacyMethod, short: holder.short,
  property: holder.property, anonymous: list[0] };
`;

interface Built { readonly code: string; readonly map: Buffer }

function build(minify: boolean): Built {
  const { code, map } = transformSync(`(() => {${source}})()`, { minify, sourcemap: 'external', sourcefile: 'app.js', target: 'es2022' });
  return { code, map: Buffer.from(map) };
}

/** Maps one function, under the name `rename` makes of its generated one. */
function mapper({ code, map }: Built, withText: boolean) {
  const starts = functionStarts(code);
  return (label: string, rename = (name: string): string => name): MappedLocation & { generatedName: string } => {
    const start = starts.get(label);
    assert.ok(start !== undefined);
    const generatedName = rename(start.functionName);
    const script = { scriptId: 1, url: '/app/dist/app.js', sourceMapUrl: '', locations: [{ ...start, functionName: generatedName }] };
    const [mapped] = runSteps(mapPositions(script, map, withText ? { scriptText: code } : {})).locations;
    assert.ok(mapped !== undefined);
    return { ...mapped, generatedName };
  };
}

describe('originalName', () => {
  const minified = build(true);
  const original = mapper(minified, true);
  const className = (label: string): string => functionStarts(minified.code).get(label)?.functionName ?? '';

  for (const label of ['declared', 'arrow', 'expression', 'asyncArrow', 'single', 'asyncDeclared', 'generator', 'Legacy']) {
    it(`restores ${label}`, () => {
      const mapped = original(label);
      assert.notEqual(mapped.generatedName, label, 'the fixture is minified');
      assert.equal(mapped.functionName, label);
      assert.equal(source.split('\n')[mapped.functionStartLine - 1]?.includes(label), true, `line ${mapped.functionStartLine}`);
    });
  }

  it('restores classes in constructors and methods', () => {
    const base = className('Base');
    assert.notEqual(base, 'Base');
    assert.equal(original('Base', () => `new ${base}`).functionName, 'new Base');
    assert.equal(original('Derived', (name) => `new ${name}`).functionName, 'new Derived');
    assert.equal(original('scale', () => `${base}.scale`).functionName, 'Base.scale');
    assert.equal(original('unit', () => `${base}.unit [as make]`).functionName, 'Base.unit [as make]');
    assert.equal(original('legacyMethod', () => `${className('Legacy')}.legacyMethod`).functionName, 'Legacy.legacyMethod');
  });

  it('keeps prefixes, property names and names that are no identifiers', () => {
    assert.equal(original('arrow', (name) => `async ${name}`).functionName, 'async arrow');
    assert.equal(original('short').functionName, 'short');
    assert.equal(original('property').functionName, 'property');
    assert.equal(original('declared', () => 'Object.<anonymous>').functionName, 'Object.<anonymous>');
  });

  it('gives an anonymous function no name of a neighbour', () => {
    assert.equal('functionName' in original('anonymous'), false);
  });

  it('keeps the generated name where the code has another one', () => {
    assert.equal(original('declared', () => 'stranger').functionName, 'stranger');
    assert.equal(original('scale', () => 'Stranger.scale').functionName, 'Stranger.scale');
  });

  it('without the text, restores declarations and arrows and never a wrong name', () => {
    const blind = mapper(minified, false);
    for (const label of ['declared', 'arrow', 'asyncDeclared', 'generator']) assert.equal(blind(label).functionName, label);
    for (const label of functionStarts(minified.code).keys()) {
      const { functionName, generatedName } = blind(label);
      assert.ok([label, generatedName, undefined].includes(functionName), `${label}: ${functionName}`);
    }
  });

  it('changes nothing in code that is not minified', () => {
    const plain = mapper(build(false), true);
    for (const label of ['declared', 'arrow', 'expression', 'Derived', 'scale']) assert.equal(plain(label).functionName, label);
  });
});
