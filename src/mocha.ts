/** `mocha --require hotspan/mocha`: profiles the run, labels each sample with its test, and shows a summary at the end. */
export { mochaGlobalTeardown, mochaHooks } from './ci/mocha-plugin.ts';
