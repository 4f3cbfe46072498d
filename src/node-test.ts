/** `node --import hotspan/node-test --test`: profiles the run, labels each sample with its test, shows a summary. */
import { labelNodeTests, profileNodeTests } from './ci/node-test-plugin.ts';

labelNodeTests();
profileNodeTests();
