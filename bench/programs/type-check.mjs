// The compiler at work on a medium program: this package's own sources.
import { join } from 'node:path';
import ts from 'typescript';

/** Parses, binds and checks `<root>/src`; the program with all it knows. */
export function createTypeProgram(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, { ...options, noEmit: true });
  ts.getPreEmitDiagnostics(program);
  return program;
}

/** Parses, binds and checks `<root>/src` from nothing; returns the number of complaints. */
export function typeCheck(root) {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.build.json'), ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(fileNames, { ...options, noEmit: true });
  return ts.getPreEmitDiagnostics(program).length;
}
