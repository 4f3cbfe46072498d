import { type Command, UsageError } from './command.ts';
import { registerPath, withRequired } from './node-options.ts';

const notes = `The path is absolute: a name such as hotspan/register is looked for from the working directory of each process, and a Node that does not find it ends at once.

Examples:
  eval "$(npx hotspan env)"                                 # this shell, and all that it starts
  NODE_OPTIONS="$(npx hotspan env --value)" pm2 start app.js
  npx hotspan env --value                                   # for a Dockerfile's ENV, a unit's Environment=`;

/** `hotspan env`. */
export const envCommand: Command = {
  name: 'env',
  summary: 'Print the environment with which Node.js processes profile themselves',
  usage: 'env [options]',
  options: [{ flag: 'value', kind: 'boolean', help: 'Print the value of NODE_OPTIONS alone' }],
  notes,
  run: async ({ values, positionals, rest }, io) => {
    const [unexpected] = [...positionals, ...rest];
    if (unexpected !== undefined) throw new UsageError(`unexpected ${JSON.stringify(unexpected)}: to run a command with profiling on, use hotspan run`);
    const value = withRequired(io.env['NODE_OPTIONS'], registerPath);
    io.stdout.write(values['value'] === true ? `${value}\n` : `export NODE_OPTIONS='${value.replaceAll("'", `'\\''`)}'\n`);
    return 0;
  },
};
