import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Finds packages as the app would: beside its main file, then in the working directory, then beside hotspan. */
export class AppModules {
  readonly #requires: readonly NodeJS.Require[];

  constructor(mainFile: string | undefined, directory: string) {
    const bases = [...(mainFile === undefined ? [] : [mainFile]), join(directory, 'package.json')];
    this.#requires = [...bases.map((base) => createRequire(pathToFileURL(base))), createRequire(import.meta.url)];
  }

  /** Undefined when it is not installed. Throws what the package throws while it is loaded. */
  load(name: string): unknown {
    const from = this.#find(name);
    return from?.(name);
  }

  /** Path of the file that `name` means. */
  resolve(name: string): string | undefined {
    return this.#find(name)?.resolve(name);
  }

  #find(name: string): NodeJS.Require | undefined {
    return this.#requires.find((from) => {
      try {
        from.resolve(name);
        return true;
      } catch {
        return false;
      }
    });
  }

  /** A place inside `name` from which its own dependencies are found, hoisted or not. */
  within(name: string): AppModules | undefined {
    const file = this.resolve(name);
    return file === undefined ? undefined : new AppModules(file, dirname(file));
  }
}

/** The packages that the nearest package.json above `directory` asks for. */
export function declaredDependencies(directory: string): readonly string[] {
  for (let current = directory; ; current = dirname(current)) {
    try {
      const { dependencies = {} } = JSON.parse(readFileSync(join(current, 'package.json'), 'utf8')) as { dependencies?: object };
      return Object.keys(dependencies);
    } catch {
      if (dirname(current) === current) return [];
    }
  }
}
